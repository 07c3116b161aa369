"""The dashboard in a real browser: paired with a code, an order watched, approved and told."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.agent.sensible import sensible
from tests.agent.shop import Shop
from tests.scripted_model import ScriptedModel
from tests.server.panel import SECONDS, Panel, served
from tests.server.test_app_runs import ORDERED, begin

expect.set_options(timeout=SECONDS * 1000)


@asynccontextmanager
async def dashboard(
    chromium: Browser, panel: Panel, *, bypass_csp: bool = False
) -> AsyncIterator[Page]:
    """The page, paired; nothing may come from elsewhere, and nothing may go wrong in it."""
    viewport: ViewportSize = {"width": 1360, "height": 860}
    context = await chromium.new_context(viewport=viewport, bypass_csp=bypass_csp)
    page = await context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    await page.goto(panel.url)
    await expect(page.get_by_role("heading", name="Pair this page")).to_be_visible()
    await page.get_by_label("Pair this page").fill("AAAA-AAAA")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("not the code")
    wrong.clear()  # the browser notes the refusal
    await page.get_by_label("Pair this page").fill(panel.codes[-1].lower())
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("What shall I do for you?")).to_be_visible()
    yield page
    assert all(url.startswith((panel.url, "blob:")) for url in asked)
    assert wrong == []
    await context.close()


async def test_an_order_from_the_dashboard(tmp_path: Path, chromium: Browser) -> None:
    with Shop(banner=True) as shop, ScriptedModel(sensible()) as model:
        async with served(tmp_path, model) as panel, dashboard(chromium, panel) as page:
            await page.get_by_label("Start page").fill(shop.url)
            await page.get_by_label("What shall I do for you?").fill("Order a Funghi pizza for Ann")
            await page.keyboard.press("Enter")
            card = page.get_by_role("region", name="Shall I do this?")
            await expect(card).to_contain_text("button Place order")
            await expect(page).to_have_title("(1) secondlook")
            await expect(page.get_by_role("img", name="The page Pizzeria")).to_be_visible()
            assert shop.orders == []
            await card.get_by_role("button", name="Yes, do it").click()
            await expect(page.get_by_role("heading", name="Done", exact=True)).to_be_visible()
            assert shop.orders == ORDERED
            await expect(page).to_have_title("secondlook")
            await expect(page.get_by_text("Second look")).to_be_visible()

            await page.get_by_role("button", name="Story").click()
            await expect(page.get_by_role("dialog")).to_contain_text("Thank you for your order")
            await page.keyboard.press("Escape")
            await page.reload()  # the address names the run, and storage keeps the pairing
            await expect(page.get_by_role("heading", name="Done", exact=True)).to_be_visible()
            place = page.get_by_text(
                re.compile(r"^\d+ of \d+$")
            ).last  # of pictures; of steps is first
            number, _, pictures = (await place.inner_text()).partition(" of ")
            assert number == pictures and int(pictures) >= 5
            await page.get_by_role("button", name="Earlier picture").click()
            await expect(place).to_have_text(f"{int(pictures) - 1} of {pictures}")


async def test_signing_out_and_the_playground(tmp_path: Path, chromium: Browser) -> None:
    with ScriptedModel(sensible()) as model:
        async with served(tmp_path, model) as panel:
            stranger = await Panel(panel.url).call("GET", "/playground/about")
            assert stranger.status_code == 401
            assert (await panel.call("GET", "/playground/about")).json()["models"]
            async with dashboard(chromium, panel) as page:
                colours = (
                    "() => ['background', 'color'].map(n => getComputedStyle(document.body)[n])"
                )
                ours = await page.evaluate(colours)
                assert "rgb(246, 245, 242)" in ours[0]
                await page.get_by_role("link", name="Playground").click()
                await expect(page.get_by_label("Model")).to_have_value("scripted")
                assert await page.evaluate(colours) == ours
                await page.go_back()
                await page.get_by_role("button", name="Settings").click()
                await page.get_by_role("button", name="Sign out").click()
                await expect(page.get_by_role("heading", name="Pair this page")).to_be_visible()
                assert len((await panel.get("/api/pairings"))["pairings"]) == 1


async def test_a_run_that_goes_on_is_steered_by_keyboard(tmp_path: Path, chromium: Browser) -> None:
    with Shop() as shop, ScriptedModel(sensible()) as model:
        async with served(tmp_path, model) as panel, dashboard(chromium, panel) as page:
            await begin(panel, shop)
            need = page.get_by_role("complementary", name="Runs").get_by_role("button")
            await expect(need).to_contain_text("Needs your yes")
            await need.focus()
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("heading", name="Shall I do this?")).to_be_focused()
            await page.get_by_role("button", name="Stop").press("Enter")
            await expect(page.get_by_role("button", name="Go on")).to_be_visible()
            await page.get_by_role("button", name="Go on").press("Enter")
            await page.get_by_role("button", name="Yes, do it").press("Enter")
            await expect(page.get_by_role("heading", name="Done", exact=True)).to_be_visible()
            assert shop.orders == ORDERED
