"""A person who clicks and types in a real browser, recorded as a workflow and replayed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from agent.settings import RunSettings
from tasks.demo.menu import draw_menu
from tasks.demo.serve import serve_shop
from tasks.workflow.clicked import clicked
from tasks.workflow.problems import RecordingError
from tasks.workflow.record import Watched, watch
from tasks.workflow.recording import Recording, save
from tasks.workflow.run import run_workflow
from tasks.workflow.write import data_of, to_yaml
from tests.site_server import Site
from tools.browser import BrowserOptions

MENU = draw_menu(18)


@dataclass
class Desk:
    """Where the person sits: the tab that is recorded, and what comes of it."""

    page: Page
    task: asyncio.Task[Watched]

    async def window_closed(self) -> Recording:
        """Close the window; what was recorded."""
        await self.page.context.close()
        return clicked(await self.task, "recorded")

    async def stopped(self) -> Recording:
        """Stop as Ctrl-C does; what was recorded."""
        self.task.cancel()
        return clicked(await self.task, "recorded")


@asynccontextmanager
async def desk(url: str) -> AsyncIterator[Desk]:
    """A recording that has begun."""
    opened: asyncio.Future[Page] = asyncio.get_running_loop().create_future()
    task = asyncio.ensure_future(watch(BrowserOptions(), url, opened.set_result))
    task.add_done_callback(lambda _: opened.done() or opened.cancel())
    try:
        yield Desk(await opened, task)
    except asyncio.CancelledError:
        await task  # what hindered it from beginning
        raise
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def steps_of(recording: Recording) -> list[dict[str, Any]]:
    return [data_of(step) for step in recording.workflow().steps]


async def test_an_order_is_recorded_and_replayed_with_other_values(tmp_path: Path) -> None:
    async with serve_shop(tmp_path / "shop.db") as (shop, store):
        async with desk(f"{shop}/?seed=18&quirks=iframe") as sits:
            await _order(sits.page)
            recording = await sits.window_closed()
        workflow = recording.workflow()
        assert recording.notes == []
        assert workflow.secrets == ["CARD_NUMBER"]
        assert recording.values == {
            "size": MENU.sizes[2],
            "quantity": "2",
            "name": "Ann",
            "phone": "0123 45678",
            "street": "12 Mill Lane",
        }
        steps = steps_of(recording)
        assert steps[0] == {
            "click": f'get_by_role("link", name="{MENU.pizzas[1].name}")',
            "expect": {"url": f"/pizza/{MENU.pizzas[1].slug}"},
        }
        assert steps[1] == {"check": f'get_by_role("radio", name="{MENU.crusts[1]}")'}
        assert steps[2] == {"check": f'get_by_role("checkbox", name="{MENU.toppings[0]}")'}
        assert steps[3]["select"] == 'get_by_role("combobox", name="Size", exact=True)'
        assert steps[4] == {
            "fill": 'get_by_role("spinbutton", name="Quantity")',
            "text": "{{ quantity }}",
        }
        assert steps[9]["submit"] is True
        assert steps[9]["expect"] == {"url": "/payment"}
        assert steps[10]["text"] == "{{CARD_NUMBER}}"
        assert "1111222233334444" not in to_yaml(workflow)

        file = tmp_path / "order.yaml"
        save(to_yaml(workflow), file)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CARD_NUMBER", "4444333322221111")
            settings = RunSettings(task="x", home=tmp_path, screenshots=False)
            wanted = {"size": MENU.sizes[0], "name": "Bo"}
            done = await run_workflow(file, wanted, yes=True, heal=False, settings=settings)
        assert done.ok, done.answer
        first, second = store.orders()
        assert (first.address["Name"], second.address["Name"]) == ("Ann", "Bo")
        assert (first.items[0].size, second.items[0].size) == (MENU.sizes[2], MENU.sizes[0])
        assert second.items[0].quantity == first.items[0].quantity == 2
        assert second.card == "1111"


async def _order(page: Page) -> None:
    """Order as a person does: with mouse and keys."""
    keys = page.keyboard
    await page.get_by_role("link", name=MENU.pizzas[1].name).click()
    await page.get_by_role("radio", name=MENU.crusts[1]).click()
    await page.get_by_text(MENU.toppings[0], exact=True).click()  # the label of the box
    await page.get_by_role("combobox").select_option(MENU.sizes[2])
    await page.get_by_role("spinbutton").click()
    await keys.press("Control+a")
    await keys.type("2")
    await page.get_by_role("button", name="Add to basket").click()
    await page.get_by_role("button", name="Go to checkout").click()
    await page.get_by_label("Name").click()
    await keys.type("Ann")
    await keys.press("Tab")
    await keys.type("0123 45678")
    await keys.press("Tab")
    await keys.type("12 Mill Lane")
    await keys.press("Enter")
    await page.frame_locator("iframe").get_by_label("Card number").click()
    await keys.type("1111222233334444")
    await page.get_by_role("button", name="Place order").click()
    await page.get_by_role("heading", name="Thank you").wait_for()


FORM = """<!doctype html><title>Form</title><body style="padding-top: 60px">
<label>Login <input></label> <label>Phrase <input type=password id=p></label>
<button id=eye onclick="p.type = 'text'">Show</button>
<label>Day <input type=date></label> <label>Note <textarea></textarea></label>
<label>Picture <input type=file></label>
<button ondblclick="this.textContent = 'Opened'">Open</button>
<button onclick="document.title = prompt('Sure?')">Delete</button>
<a href="/recorded-next" target=_blank>New tab</a>
<a href="data:text/plain,x" download=x.txt>Download</a>"""


async def test_everything_a_person_does(site: Site, tmp_path: Path) -> None:
    url = site.page("/recorded", FORM)
    next_url = site.page("/recorded-next", "<title>Next</title><button>More</button>")
    async with desk(url) as sits:
        page, keys = sits.page, sits.page.keyboard
        await page.get_by_label("Login").click()
        await keys.type("ann")
        await page.get_by_label("Phrase").click()
        await keys.type("hunter2")
        await page.get_by_role("button", name="Show").click()
        await page.get_by_label("Phrase").click()
        await keys.type("!")
        await page.get_by_label("Day").fill("2026-12-24")
        await page.get_by_label("Note").click()
        await keys.type("one")
        await keys.press("Enter")
        await keys.type("two")
        await keys.press("Escape")
        await page.get_by_role("button", name="Open").dblclick()
        await page.evaluate("window.__pw_recorderSetMode('assertingVisibility')")
        await page.get_by_role("button", name="Opened").click()
        await page.get_by_label("Picture").set_input_files(__file__)
        async with page.expect_download():
            await page.get_by_text("Download").click()
        await _delete(page)
        async with page.expect_popup() as popup:
            await page.get_by_text("New tab").click()
        await (await popup.value).get_by_text("More").click()
        await page.bring_to_front()
        await page.get_by_role("button", name="Opened").click(button="right")
        await (await popup.value).close()
        await page.goto(next_url)
        await page.get_by_text("More").click()
        recording = await sits.stopped()
    assert steps_of(recording) == [
        {"fill": 'get_by_role("textbox", name="Login")', "text": "{{ login }}"},
        {"fill": 'get_by_role("textbox", name="Phrase")', "text": "{{PHRASE}}"},
        {"click": 'get_by_role("button", name="Show")'},
        {"fill": 'get_by_role("textbox", name="Phrase")', "text": "{{PHRASE}}"},
        {"fill": 'get_by_role("textbox", name="Day")', "text": "{{ day }}"},
        {"fill": 'get_by_role("textbox", name="Note")', "text": "{{ note }}"},
        {"press": "Escape", "in": 'get_by_role("textbox", name="Note")'},
        {
            "click": 'get_by_role("button", name="Open")',
            "how": "double",
            "expect": {"visible": 'get_by_role("button", name="Opened")'},
        },
        {"upload": 'get_by_role("button", name="Picture")', "path": "{{ picture }}"},
        {"download": 'get_by_role("link", name="Download")'},
        {"click": 'get_by_role("button", name="Delete")'},
        {"dialog": "accept", "text": "{{ answer }}"},
        {"click": 'get_by_role("link", name="New tab")'},
        {"click": 'get_by_role("button", name="More")'},
        {"switch_tab": 0},
        {"click": 'get_by_role("button", name="Opened")', "how": "right"},
        {"close_tab": 1},
        {"navigate": next_url},
        {"click": 'get_by_role("button", name="More")'},
    ]
    written = to_yaml(recording.workflow())
    assert "hunter2" not in written
    assert data_of(recording.workflow())["inputs"]["picture"] == {
        "type": "file",
        "description": Path(__file__).name,
    }


async def _delete(page: Page) -> None:
    """Answer the browser's box, as a person does in its window."""
    client = await page.context.new_cdp_session(page)
    await client.send("Page.enable")
    asked = asyncio.Event()
    client.on("Page.javascriptDialogOpening", lambda _: asked.set())
    clicking = asyncio.ensure_future(page.get_by_text("Delete").click())
    await asked.wait()
    await client.send("Page.handleJavaScriptDialog", {"accept": True, "promptText": "yes"})
    await clicking


async def test_an_address_that_cannot_be_opened() -> None:
    with pytest.raises(RecordingError, match="cannot be opened"):
        async with desk("http://127.0.0.1:9/"):
            pass


async def test_nothing_done_is_no_workflow(site: Site) -> None:
    async with desk(site.page("/recorded", FORM)) as sits:
        recording = await sits.window_closed()
    with pytest.raises(RecordingError, match="Nothing was done"):
        recording.workflow()
