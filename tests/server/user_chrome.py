"""The user's own browser in tests: a real Chromium with the real extension in it.

What Playwright does through this context is what the user does by hand.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Page, Playwright, Worker

from tools.browser import FLAGS, find_browser

EXTENSION = Path(__file__).parents[2] / "server" / "extension"


@dataclass
class UserChrome:
    """A running browser and its extension."""

    context: BrowserContext
    id: str

    async def worker(self) -> Worker:
        """The extension's service worker, started if Chrome has put it to sleep."""
        workers = self.context.service_workers
        return workers[0] if workers else await self.context.wait_for_event("serviceworker")

    async def run(self, script: str, *args: Any) -> Any:
        """Run a function in the service worker."""
        return await (await self.worker()).evaluate(script, *args)

    async def tab_of(self, page: Page) -> int:
        """The number that Chrome gives the tab of this page, by its address."""
        found = await self.run(
            "async url => (await chrome.debugger.getTargets())"
            ".filter(t => t.type === 'page' && t.url === url).map(t => t.tabId)",
            page.url,
        )
        assert len(found) == 1, f"{len(found)} tabs show {page.url}"
        return int(found[0])

    async def settle_in(self, address: str, token: str) -> None:
        """Give the extension an address and a token, as pairing does."""
        await self.run(
            "settings => chrome.storage.local.set(settings)", {"address": address, "token": token}
        )

    async def kill_worker(self) -> None:
        """End the service worker, as Chrome does when it pleases."""
        browser = self.context.browser
        assert browser is not None
        session = await browser.new_browser_cdp_session()
        for target in (await session.send("Target.getTargets"))["targetInfos"]:
            if target["type"] == "service_worker":
                await session.send("Target.closeTarget", {"targetId": target["targetId"]})
        await session.detach()

    async def open_panel(self) -> Page:
        """The side panel's page, in a tab of its own: no test can open Chrome's side panel."""
        panel = await self.context.new_page()
        await panel.goto(f"chrome-extension://{self.id}/panel.html")
        return panel


@asynccontextmanager
async def user_chrome(
    playwright: Playwright, profile: Path, *more: str
) -> AsyncIterator[UserChrome]:
    """Start it with a fresh profile. `more` are further flags."""
    context = await playwright.chromium.launch_persistent_context(
        profile,
        executable_path=find_browser(),
        headless=True,
        chromium_sandbox=False,
        downloads_path=profile / "downloads",
        ignore_default_args=["--disable-extensions"],
        args=[
            *FLAGS,
            f"--disable-extensions-except={EXTENSION}",
            f"--load-extension={EXTENSION}",
            *more,
        ],
    )
    try:
        workers = context.service_workers
        worker = workers[0] if workers else await context.wait_for_event("serviceworker")
        yield UserChrome(context, worker.url.split("/")[2])
    finally:
        await context.close()
