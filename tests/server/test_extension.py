"""The extension in a real Chromium, at a real backend: an order in the user's own tab."""

import asyncio
import threading
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image
from playwright.async_api import Page

from tests.agent.shop import Shop
from tests.scripted_model import ScriptedModel, asked_for
from tests.scripted_replies import Json, Reply
from tests.server.desk import Desk
from tests.server.panel import SECONDS
from tests.server.test_app_runs import ORDERED
from tests.server.test_app_workflows import ORDER as WORKFLOW
from tests.server.test_app_workflows import put

TASK = "Order a Funghi pizza for Ann"


async def test_an_order_in_ones_own_tab_is_approved_in_the_panel(at_desk: Desk, shop: Shop) -> None:
    shop.banner = True
    page = await at_desk.browse(shop.url)
    await at_desk.ask(TASK)
    await at_desk.see("Shall I do this?")
    assert shop.orders == []
    asked = await at_desk.panel.locator(".asking").inner_text()
    assert "textbox Name: Ann" in asked
    assert "Place order on 127.0.0.1" in asked
    second = await at_desk.panel.locator(".second").inner_text()
    assert "It failed." in second
    assert "Something covers it" in second
    assert await at_desk.panel.evaluate("document.scrollingElement.scrollHeight <= innerHeight")
    await at_desk.press("Yes, do it")
    assert "Thank you" in await at_desk.outcome("Done")
    assert shop.orders == ORDERED
    assert page.url == f"{shop.url}thanks"
    assert await at_desk.panel.locator(".step.done").count() == 5


@pytest.mark.parametrize("own", ["click", "key"])
async def test_what_the_user_does_in_the_page_holds_the_run_until_it_is_handed_back(
    at_desk: Desk, shop: Shop, own: str
) -> None:
    page = await at_desk.browse(shop.url)
    await at_desk.ask(TASK)
    await at_desk.see("Fill textbox Name: Ann")
    await (page.mouse.click(5, 400) if own == "click" else page.keyboard.press("End"))
    await at_desk.see("Yours for now")
    await page.get_by_label("Street").fill("Valley 2")
    await at_desk.press("Hand back")
    await at_desk.press("Yes, do it")
    await at_desk.outcome("Done")
    await at_desk.see("You had the tab for")
    assert shop.orders == ORDERED


FEIGNING = """setInterval(() => {
    for (const event of [new PointerEvent('pointerdown'), new KeyboardEvent('keydown', {key: 'a'})])
        window.dispatchEvent(event);
    window.secondlookTells?.('{"touched": "pointer"}');
}, 10)"""

WITHIN_REACH = """async id => ({
    binding: typeof secondlookTells,
    runtime: typeof window.chrome?.runtime?.sendMessage,
    panel: await fetch(`chrome-extension://${id}/panel.html`).then(() => 'read', () => 'refused'),
})"""

FRAME = """id => new Promise(done => {
    const frame = document.createElement('iframe');
    frame.src = `chrome-extension://${id}/panel.html`;
    frame.onload = () => done(frame.contentWindow.length);
    document.body.append(frame);
})"""


async def test_a_page_can_neither_feign_the_user_nor_reach_the_extension(
    at_desk: Desk, shop: Shop
) -> None:
    page = await at_desk.browse(shop.url)
    await page.add_init_script(FEIGNING)
    await page.reload()
    await at_desk.ask(TASK)
    await at_desk.see("Shall I do this?")
    reach = await page.evaluate(WITHIN_REACH, at_desk.chrome.id)
    assert reach == {"binding": "undefined", "runtime": "undefined", "panel": "refused"}
    await at_desk.press("Yes, do it")
    await at_desk.outcome("Done")
    assert "You had the tab" not in await at_desk.panel.locator("main").inner_text()
    assert shop.orders == ORDERED


COVER = """() => {
    const cover = document.createElement('div');
    cover.popover = 'manual';
    cover.style = 'position: fixed; inset: 0; width: auto; height: auto; border: 0';
    document.body.append(cover);
    cover.showPopover();
}"""

BADGE = "async tabId => chrome.action.getBadgeText({ tabId })"


def framed(picture: bytes) -> bool:
    """Whether all four edges show the mark's colour; none of them may where they do not."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    width, height = image.size
    edges = [(0, 0, width, 3), (0, height - 3, width, height), (0, 0, 3, height)]
    edges.append((width - 3, 0, width, height))
    marked = [violet(image.crop(edge)) for edge in edges]
    assert len(set(marked)) == 1, marked
    return marked[0]


def violet(strip: Image.Image) -> bool:
    """Whether something in it is far more blue than green."""
    _, green, blue = strip.split()
    return any(b - g > 60 for g, b in zip(green.tobytes(), blue.tobytes(), strict=True))


async def pictures(at_desk: Desk, run: str) -> list[bytes]:
    """What the run has kept of its looks."""
    told = [
        each["event"] for each in (await at_desk.client.get(f"/api/runs/{run}/events"))["events"]
    ]
    names = [event["screenshot"].split("/")[-1] for event in told if event.get("screenshot")]
    shots = [await at_desk.client.call("GET", f"/api/runs/{run}/screenshots/{n}") for n in names]
    return [shot.content for shot in shots]


async def elements(page: Page) -> list[str]:
    """All that stands in the page."""
    found: list[str] = await page.evaluate(
        "() => [...document.querySelectorAll('*')].map(({ localName }) => localName)"
    )
    return found


def holds(model: ScriptedModel) -> tuple[threading.Event, threading.Event]:
    """Has the model think about its first action until the second event is set; the first says
    that it does."""
    acting, seen, usual = threading.Event(), threading.Event(), model.script
    assert callable(usual)

    def reply(request: Json) -> Reply:
        if asked_for(request) == "decide" and not acting.is_set():
            acting.set()
            seen.wait(SECONDS)
            model.script = usual
        return usual(request)

    model.script = reply
    return acting, seen


async def test_the_mark_shows_while_it_acts_and_is_no_part_of_the_page(
    at_desk: Desk, model: ScriptedModel, shop: Shop
) -> None:
    page = await at_desk.browse(shop.url)
    tab = await at_desk.chrome.tab_of(page)
    before = await elements(page)
    acting, seen = holds(model)
    run = await at_desk.ask(TASK)
    await asyncio.to_thread(acting.wait, SECONDS)
    assert await at_desk.chrome.run(BADGE, tab) == "●"
    assert await elements(page) == before
    assert framed(await page.screenshot())
    await page.evaluate(COVER)
    assert framed(await page.screenshot())
    await page.evaluate("document.querySelector('[popover]').remove()")
    seen.set()
    await at_desk.see("Shall I do this?")
    assert not framed(await page.screenshot())
    assert await at_desk.chrome.run(BADGE, tab) == ""
    await at_desk.press("Yes, do it")
    await at_desk.outcome("Done")
    assert not framed(await page.screenshot())
    assert await at_desk.chrome.run(BADGE, tab) == ""
    kept = await pictures(at_desk, run)
    assert len(kept) >= 5
    assert not any(framed(picture) for picture in kept)


async def test_a_frame_of_an_extension_closes_the_page_to_us_and_the_run_says_so(
    at_desk: Desk, shop: Shop
) -> None:
    page = await at_desk.browse(shop.url)
    await at_desk.ask(TASK)
    await at_desk.see("Shall I do this?")
    assert await page.evaluate(FRAME, at_desk.chrome.id) == 0
    await at_desk.press("Yes, do it")
    assert "bug" not in await at_desk.outcome("Stopped")
    await at_desk.press("Go on")
    await at_desk.see("Another extension shows a part of this page")
    await page.evaluate("document.querySelector('iframe').remove()")
    await at_desk.press("Go on")
    await at_desk.see("A question for you")  # the order was begun when the tab was lost
    assert shop.orders == []
    await at_desk.panel.locator("textarea").last.fill("no")
    await at_desk.press("Answer")
    await at_desk.press("Yes, do it")
    await at_desk.outcome("Done")
    assert shop.orders == ORDERED


async def test_the_service_worker_is_killed_and_the_run_goes_on(at_desk: Desk, shop: Shop) -> None:
    await at_desk.browse(shop.url)
    await at_desk.ask(TASK)
    await at_desk.see("Fill textbox Name: Ann")
    await at_desk.chrome.kill_worker()
    await at_desk.see("Taken up again")
    await at_desk.press("Yes, do it")
    await at_desk.outcome("Done")
    assert shop.orders == ORDERED


async def test_the_line_is_pulled_out_and_the_run_waits_for_it(at_desk: Desk, shop: Shop) -> None:
    await at_desk.browse(shop.url)
    run = await at_desk.ask(TASK)
    await at_desk.see("Fill textbox Name: Ann")
    await at_desk.cable.pull()
    await at_desk.see("secondlook does not answer")
    await at_desk.client.until(run, "stopped")
    at_desk.cable.put_in()
    await at_desk.see("Taken up again")
    await at_desk.press("Yes, do it")
    await at_desk.outcome("Done")
    assert shop.orders == ORDERED


def breaks_at(at_desk: Desk, path: str) -> Callable[[str], None]:
    """Has the line break for a moment, once, while the shop answers a request for this path:
    what Chrome then does in the tab, nobody hears of."""
    loop, breaks = asyncio.get_running_loop(), iter([path])

    async def flicker() -> None:
        await at_desk.cable.pull()
        at_desk.cable.put_in()

    def heard(asked: str) -> None:
        if asked == path and next(breaks, None):
            asyncio.run_coroutine_threadsafe(flicker(), loop).result()

    return heard


async def test_a_short_break_of_the_line_is_mended_at_once(at_desk: Desk, shop: Shop) -> None:
    await at_desk.browse(shop.url)
    shop.heard = breaks_at(at_desk, "/address")
    await at_desk.ask(TASK)
    await at_desk.see("Taken up again")
    await at_desk.press("Yes, do it")
    await at_desk.outcome("Done")
    assert shop.orders == ORDERED


async def test_the_line_breaks_while_the_order_is_placed(at_desk: Desk, shop: Shop) -> None:
    page = await at_desk.browse(shop.url)
    shop.heard = breaks_at(at_desk, "/order")
    await at_desk.ask(TASK)
    await at_desk.press("Yes, do it")
    await at_desk.see("Taken up again")
    assert "Thank you" in await at_desk.outcome("Done")
    assert page.url == f"{shop.url}thanks"
    assert shop.orders == ORDERED


async def test_the_tab_is_closed_and_the_run_says_so(at_desk: Desk, shop: Shop) -> None:
    page = await at_desk.browse(shop.url)
    await at_desk.ask(TASK)
    await at_desk.see("Fill textbox Name: Ann")
    await page.close()
    said = await at_desk.outcome("Stopped")
    assert "tab was closed" in said
    await at_desk.browse(f"{shop.url}address")
    await at_desk.press("Go on")
    await at_desk.press("Yes, do it")
    await at_desk.outcome("Done")
    assert shop.orders == ORDERED


async def test_a_workflow_is_filled_in_as_a_form_and_run(at_desk: Desk, shop: Shop) -> None:
    put(at_desk.room.home, "order.yaml", WORKFLOW)
    put(at_desk.room.home, "broken.yaml", "workflow: Broken\nsteps: 3\n")
    page = await at_desk.browse(shop.url)
    await at_desk.press("Workflows")
    await at_desk.see(str(at_desk.room.home / "workflows"))
    assert await at_desk.panel.get_by_role("button", name="broken").is_disabled()
    await at_desk.press("Order a pizza")
    panel = at_desk.panel
    assert await panel.get_by_label("shop").evaluate("field => field.required")
    await panel.get_by_label("shop").fill(shop.url)
    assert await panel.get_by_label("name").input_value() == "Ann"
    await panel.get_by_label("name").fill("Bob")
    await panel.get_by_label("pizza").select_option("Margherita")
    await at_desk.press("Start")
    await at_desk.see("Shall I do this?")
    assert "textbox Name: Bob" in await panel.locator(".asking").inner_text()
    await at_desk.press("Yes, do it")
    assert "no model was asked" in await at_desk.outcome("Done")
    assert shop.orders == [{"pizzas": ["Margherita"], "name": "Bob"}]
    assert page.url == f"{shop.url}thanks"


async def test_the_backend_is_killed_and_started_again(at_desk: Desk, shop: Shop) -> None:
    await at_desk.browse(shop.url)
    await at_desk.ask(TASK)
    await at_desk.see("Fill textbox Name: Ann")
    await at_desk.restart_backend()
    assert "Interrupted" in await at_desk.outcome("Interrupted")
    await at_desk.press("Go on")
    await at_desk.press("Yes, do it")
    await at_desk.outcome("Done")
    assert shop.orders == ORDERED


async def test_chrome_is_quit_and_opened_again(at_desk: Desk, shop: Shop) -> None:
    await at_desk.browse(shop.url)
    run = await at_desk.ask(TASK)
    await at_desk.see("Fill textbox Name: Ann")
    await at_desk.quit_chrome()
    assert (await at_desk.client.until(run, "stopped"))["needs_tab"]
    await at_desk.open_chrome()
    await at_desk.browse(f"{shop.url}address")
    await at_desk.panel.get_by_role("button", name=TASK).first.click()
    assert "tab" in await at_desk.outcome("Stopped")
    await at_desk.press("Go on")
    await at_desk.press("Yes, do it")
    await at_desk.outcome("Done")
    assert shop.orders == ORDERED
