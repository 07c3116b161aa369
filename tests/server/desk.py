"""A user at their desk: a backend in a terminal, Chrome with the extension, the panel open."""

import contextlib
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Playwright

from tests.scripted_model import ScriptedModel
from tests.server.cable import Cable, cable
from tests.server.panel import SECONDS, Panel
from tests.server.test_app_process import Process, serving
from tests.server.user_chrome import UserChrome, user_chrome

PATIENCE_MS = SECONDS * 1000


@dataclass
class Room:
    """What outlives both programs: the folders, and who ends what was started."""

    playwright: Playwright
    folder: Path
    model: ScriptedModel | None
    stack: contextlib.AsyncExitStack

    @property
    def home(self) -> Path:
        """The backend's."""
        return self.folder / "home"

    async def start_backend(self, token: str) -> tuple[Panel, Process]:
        """`secondlook serve` in a terminal, and a client of it with this token."""
        return await self.stack.enter_async_context(serving(self.home, self.model, token))

    async def start_chrome(self) -> UserChrome:
        """Chrome with the extension."""
        profile = self.folder / "profile"
        return await self.stack.enter_async_context(user_chrome(self.playwright, profile))


@dataclass
class Desk:
    """What is on it. `client` speaks to the backend as the panel does."""

    room: Room
    chrome: UserChrome
    panel: Page
    client: Panel
    backend: Process
    cable: Cable

    async def restart_backend(self) -> None:
        """Kill the backend and start it again, on another port that the cable leads to."""
        await self.backend.ended(signal.SIGKILL)
        self.client, self.backend = await self.room.start_backend(self.client.token)
        self.cable.to = urlsplit(self.client.url).port or 0

    async def quit_chrome(self) -> None:
        """Quit Chrome, with all its tabs and the panel."""
        await self.chrome.context.close()

    async def open_chrome(self) -> None:
        """Start Chrome again, and open the panel."""
        self.chrome = await self.room.start_chrome()
        self.panel = await self.chrome.open_panel()

    async def browse(self, url: str) -> Page:
        """Open a page in a new tab, as the one that was looked at before the panel."""
        page = await self.chrome.context.new_page()
        await page.goto(url)
        await page.bring_to_front()
        await self.panel.bring_to_front()
        return page

    async def ask(self, task: str) -> str:
        """Type a task into the panel and start it; the run's name."""
        await self.panel.get_by_role("button", name="New task").click()
        box = self.panel.get_by_label("What shall I do for you?")
        await box.fill(task)
        async with self.panel.expect_response("**/api/runs") as answered:
            await self.panel.get_by_role("button", name="Start").click()
        run: str = (await (await answered.value).json())["run"]
        return run

    async def press(self, name: str) -> None:
        """Press a button of the panel, once it is there."""
        async with self._shown():
            await self.panel.get_by_role("button", name=name).click(timeout=PATIENCE_MS)

    async def see(self, text: str) -> None:
        """Wait until the panel shows this."""
        async with self._shown():
            await self.panel.get_by_text(text).last.wait_for(timeout=PATIENCE_MS)

    async def outcome(self, words: str) -> str:
        """Wait for the run's end; the text of its card."""
        card = self.panel.locator(".outcome", has_text=words)
        async with self._shown():
            await card.wait_for(timeout=PATIENCE_MS)
        return await card.inner_text()

    @contextlib.asynccontextmanager
    async def _shown(self) -> AsyncIterator[None]:
        """What the panel shows instead is what a failed test has to tell."""
        try:
            yield
        except PlaywrightError as error:
            text = await self.panel.locator("body").inner_text()
            raise AssertionError(f"{error.message.splitlines()[0]} The panel:\n{text}") from None


async def pair(chrome: UserChrome, address: str, client: Panel, backend: Process) -> Page:
    """Pair the extension by hand; the panel's page."""
    panel = await chrome.open_panel()
    await panel.get_by_text("It is at another address").click()
    await panel.get_by_label("Address").fill(address)
    await panel.get_by_role("button", name="Keep").click()
    await panel.get_by_role("button", name="Show a code in the terminal").click()
    code = await backend.read_until(r"Pairing code: (\S+)")
    await panel.get_by_label("The code from the terminal").fill(code)
    await panel.get_by_role("button", name="Connect", exact=True).click()
    await panel.get_by_label("What shall I do for you?").wait_for()
    client.token = await chrome.run("async () => (await chrome.storage.local.get('token')).token")
    return panel


@contextlib.asynccontextmanager
async def desk(
    playwright: Playwright, folder: Path, model: ScriptedModel | None
) -> AsyncIterator[Desk]:
    """All of it, paired, with a cable between Chrome and the backend; without a model, the
    bundled one answers."""
    async with contextlib.AsyncExitStack() as stack:
        room = Room(playwright, folder, model, stack)
        line = await stack.enter_async_context(cable())
        client, backend = await room.start_backend("not yet")
        chrome = await room.start_chrome()
        line.to = urlsplit(client.url).port or 0
        panel = await pair(chrome, line.url, client, backend)
        yield Desk(room, chrome, panel, client, backend, line)
