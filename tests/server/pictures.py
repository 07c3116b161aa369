"""Takes the pictures of docs/extension.md: the bundled model orders at the demo shop.

    python -m tests.server.pictures [FOLDER]        # docs

From the real extension in a real Chromium, whose panel's page stands in a tab of its own.
"""

import asyncio
import base64
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.async_api import Page, async_playwright

from tasks.demo.__main__ import DEMO_QUIRKS, PORT, SEED
from tasks.demo.orders import draw_order
from tasks.demo.serve import serve_shop
from tests.server.desk import Desk, desk
from tests.server.test_app_workflows import put

DOCS = Path(__file__).parents[2] / "docs"
TALL = 760
SCALE = 1.5

WORKFLOW = """\
workflow: Order lunch
description: The usual, from the shop around the corner; asks before it orders.
url: "http://127.0.0.1:8900/"
inputs:
  name: {type: text, description: who it is for, default: Goran Jensen}
  pizza: {type: choice, options: [Quattro Formaggi, Funghi, Regina], default: Quattro Formaggi}
  toppings: {type: list, description: one a line, default: [Tuna]}
  day: {type: date, default: 2026-11-27}
  cutlery: {type: yes_no, default: true}
steps:
  - click: get_by_role("link", name="{{ pizza }}")
"""


class Camera:
    """Takes pictures of a page, somewhat larger than it is."""

    def __init__(self, page: Page, folder: Path) -> None:
        self._page, self._folder = page, folder

    async def take(
        self,
        name: str,
        *,
        width: int = 400,
        height: int = TALL,
        scheme: Literal["light", "dark"] = "light",
    ) -> None:
        """Save FOLDER/NAME.png."""
        page = self._page
        await page.emulate_media(color_scheme=scheme)
        session = await page.context.new_cdp_session(page)
        size = {"width": width, "height": height, "deviceScaleFactor": SCALE, "mobile": False}
        await session.send("Emulation.setDeviceMetricsOverride", size)
        await page.evaluate(_DRAWN)
        # Playwright's own would set the size back first.
        taken = await session.send("Page.captureScreenshot", {"format": "png"})
        (self._folder / f"{name}.png").write_bytes(base64.b64decode(taken["data"]))
        await session.detach()


_DRAWN = """async () => {
  const frame = () => new Promise(done => requestAnimationFrame(done));
  await frame(); await frame();
  const passing = document.getAnimations().filter(a => a instanceof CSSTransition);
  await Promise.allSettled(passing.map(a => a.finished));
}"""


async def panel(at_desk: Desk, url: str, folder: Path) -> None:
    """The side panel, from the task to the end of its run, and a workflow's form."""
    camera = Camera(at_desk.panel, folder)
    await at_desk.panel.set_viewport_size({"width": 400, "height": TALL})
    task = draw_order(SEED).task(may_be_sold_out=True)
    await at_desk.browse(f"{url}/?seed={SEED}&quirks={DEMO_QUIRKS}")
    await at_desk.panel.get_by_label("What shall I do for you?").fill(task)
    await camera.take("panel-task")
    run = await at_desk.ask(task)
    await at_desk.client.until(run, "needs_approval")
    await at_desk.see("Shall I do this?")
    await camera.take("panel-approval")
    await camera.take("panel-approval-dark", scheme="dark")
    await at_desk.press("Yes, do it")
    await at_desk.outcome("Done")
    await at_desk.panel.locator(".plan").scroll_into_view_if_needed()
    await camera.take("panel-plan")
    second = at_desk.panel.locator(".second").first
    await second.evaluate("card => card.scrollIntoView({ block: 'center' })")
    await camera.take("panel-second-look", scheme="dark")
    await at_desk.press("Workflows")
    await at_desk.press("Order lunch")
    await camera.take("panel-workflow")


async def dashboard(at_desk: Desk, folder: Path) -> None:
    """The dashboard, paired, with the run."""
    page = await at_desk.chrome.context.new_page()
    camera = Camera(page, folder)
    await page.set_viewport_size({"width": 1160, "height": 700})
    at_desk.backend.printed = ""
    await page.goto(at_desk.client.url)
    codes = r"(?s)Pairing code: .*Pairing code: (\S+)"  # the first is the panel's
    code = await at_desk.backend.read_until(codes)
    await page.get_by_label("Pair this page").fill(code)
    await page.keyboard.press("Enter")
    await page.get_by_label("What shall I do for you?").wait_for()
    await page.get_by_role("complementary", name="Runs").get_by_role("button").first.click()
    await page.get_by_role("heading", name="Done", exact=True).wait_for()
    await page.get_by_role("img").last.wait_for()
    await camera.take("dashboard", width=1160, height=700)


async def main(folder: Path) -> None:
    """All of them."""
    with tempfile.TemporaryDirectory() as made:
        room = Path(made)
        async with (
            async_playwright() as playwright,
            serve_shop(room / "shop.db", PORT) as (url, _),
            desk(playwright, room, None) as at_desk,
        ):
            put(at_desk.room.home, "lunch.yaml", WORKFLOW)
            await panel(at_desk, url, folder)
            await dashboard(at_desk, folder)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS
    target.mkdir(exist_ok=True)
    asyncio.run(main(target))
