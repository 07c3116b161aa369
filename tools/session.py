"""One browser session: its tabs, its open dialog, its downloads, and what happened meanwhile."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Dialog, Download, Locator, Page
from playwright.async_api import Error as PlaywrightError

from tools.activity import Activity
from tools.errors import BrowserGone, StorageFailed
from tools.observation import clean
from tools.showing import secret_places

_PASSWORDS = "input[type=password]"
PICTURE_S = 5
"""So long a picture may take."""
_UNSAFE = re.compile(r"[^\w.\- ]+")


class Session:
    """The pages that a run works in.

    In a browser of our own that is every page; in one that we attached to, only the tab we
    work in and the tabs that come from it. `activity` knows the requests under way,
    `titles` the tabs' titles when they were last looked at.
    """

    def __init__(
        self,
        context: BrowserContext,
        downloads: Path,
        *,
        own: bool = True,
        redact: Callable[[str], str] | None = None,
    ) -> None:
        """Watch `context`; files go to `downloads`. `own`: all pages are the session's.

        `redact` takes secrets out of text; None if there are none.
        """
        self.context = context
        self.downloads = downloads
        self.notices: list[str] = []
        self.titles: dict[Page, str] = {}
        self.dialog: Dialog | None = None
        self.activity = Activity(context)
        self._own = own
        self._redact = redact
        self._pages: list[Page] = []
        self._current: Page | None = None
        self._gone = ""
        self._saved: dict[Download, asyncio.Task[Path]] = {}
        self._secret_fields: list[Locator] = []
        self._dialog_opened = asyncio.Event()
        self._left_running: set[asyncio.Future[Any]] = set()
        context.on("dialog", self._on_dialog)
        context.on("close", lambda _: self._on_gone("The browser was closed"))
        if own:
            context.on("page", self._add)

    @property
    def page(self) -> Page:
        """The current tab. Raises BrowserGone if there is none any more."""
        self.check()
        assert self._current is not None
        return self._current

    def check(self) -> None:
        """Raise BrowserGone if the browser or the last tab is gone."""
        if not self._gone and self._current is None:
            self._gone = "The last tab was closed"
        if self._gone:
            raise BrowserGone(f"{self._gone}. The run can be resumed with a new browser.")

    def tabs(self) -> list[Page]:
        """The open tabs, in the order in which they were opened."""
        return list(self._pages)

    def switch(self, index: int) -> Page:
        """Make another tab the current one. Raises IndexError if there is no such tab."""
        if not 0 <= index < len(self._pages):
            raise IndexError(index)
        self._current = self._pages[index]
        return self._current

    def adopt(self, page: Page) -> None:
        """Make a page one of the session's tabs and the current one."""
        self._add(page)
        self._current = page

    def notice(self, text: str) -> None:
        """Tell the model, at the next look, of something that happened."""
        self.notices.append(clean(text))

    def drain_notices(self) -> list[str]:
        """What happened since the last look; the list is empty afterwards."""
        notices, self.notices = self.notices, []
        return notices

    async def answer_dialog(self, accept: bool, text: str | None = None) -> None:
        """Answer the open dialog; does nothing if none is open."""
        dialog, self.dialog = self.dialog, None
        if dialog is None:
            return
        self._dialog_opened.clear()
        if not accept:
            await dialog.dismiss()
        elif text is None:
            await dialog.accept()
        else:
            await dialog.accept(text)

    async def unless_dialog(self, work: Awaitable[Any]) -> bool:
        """Wait for `work`, but no longer than until a JavaScript dialog opens.

        A page with an open dialog answers nothing: what waits for it would hang. True if the
        work is done (its error is raised); False if a dialog stands in the way. The work then
        goes on by itself once the dialog is answered.
        """
        task = asyncio.ensure_future(work)
        opened = asyncio.ensure_future(self._dialog_opened.wait())
        try:
            await asyncio.wait({task, opened}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            task.cancel()
            raise
        finally:
            opened.cancel()
        if task.done():
            task.result()
            return True
        self._forget_later(task)
        return False

    async def save(self, download: Download) -> Path:
        """The file of a download, once it is complete. Every download is saved once.

        Raises StorageFailed if it cannot be written, PlaywrightError if it broke off.
        """
        return await asyncio.shield(self._saving(download))

    def hide(self, field: Locator) -> None:
        """Cover this field on screenshots from now on: a secret was filled into it."""
        self._secret_fields.append(field)

    async def screenshot(self, path: Path) -> bool:
        """Save a picture of the current tab's viewport as PNG, secrets covered.

        Password fields, fields given to `hide`, and whatever shows a secret are painted over.
        False if no picture can be taken now (a dialog is open, the page is busy or going away).
        Raises StorageFailed.
        """
        if self.dialog is not None:
            return False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            async with asyncio.timeout(PICTURE_S):
                return await self.unless_dialog(self._take_picture(self.page, path))
        except (PlaywrightError, TimeoutError):
            self.check()
            return False
        except OSError as error:
            raise StorageFailed(f"The screenshot {path} cannot be written: {error}.") from error

    async def _take_picture(self, page: Page, path: Path) -> None:
        masks = [frame.locator(_PASSWORDS) for frame in page.frames]
        masks += [field for field in self._secret_fields if field.page == page]
        if self._redact is not None:
            masks += await secret_places(page, self._redact)
        await page.screenshot(path=path, mask=masks, timeout=PICTURE_S * 1000)

    def lost(self, why: str) -> None:
        """The browser went away: everything from here on raises BrowserGone."""
        self._on_gone(why)

    def _on_gone(self, why: str) -> None:
        self._gone = self._gone or why

    def _add(self, page: Page) -> None:
        if page in self._pages:
            return
        self._pages.append(page)
        page.on("close", self._on_close)
        page.on("crash", self._on_crash)
        page.on("dialogclosed", self._on_dialog_closed)
        page.on("download", lambda download: self._forget_later(self._saving(download)))
        page.on("popup", lambda popup: self._on_popup(page, popup))

    def _on_popup(self, opener: Page, page: Page) -> None:
        self._add(page)
        if opener != self._current:
            self.notice(f"A new tab opened: {page.url}")
            return
        self._current = page
        self.notice(f"A new tab opened and is the current one: {page.url}")

    def _on_close(self, page: Page) -> None:
        if page in self._pages:
            self._pages.remove(page)
            self.titles.pop(page, None)
        if self.dialog is not None and self.dialog.page == page:
            self.dialog = None
            self._dialog_opened.clear()
        if self._current == page:
            self._current = self._pages[-1] if self._pages else None

    def _on_crash(self, page: Page) -> None:
        if page == self._current:
            self._on_gone("The page crashed")

    def _on_dialog(self, dialog: Dialog) -> None:
        # A new tab may ask before it is known as one: its box has no page yet.
        if not self._own and dialog.page not in self._pages:
            return  # the user's own tab: it is theirs to answer
        self.dialog = dialog
        self._dialog_opened.set()

    def _on_dialog_closed(self, dialog: Dialog) -> None:
        if self.dialog == dialog:
            self.dialog = None
            self._dialog_opened.clear()

    def _saving(self, download: Download) -> "asyncio.Task[Path]":
        if download not in self._saved:
            self._saved[download] = asyncio.ensure_future(self._save(download))
        return self._saved[download]

    async def _save(self, download: Download) -> Path:
        name = _UNSAFE.sub("_", download.suggested_filename).strip(". ") or "download"
        try:
            self.downloads.mkdir(parents=True, exist_ok=True)
            path = _unused(self.downloads / name)
            await download.save_as(path)
        except PlaywrightError:
            reason = await download.failure() or "it was cancelled"
            self.notice(f"The download {name} failed: {reason}")
            raise
        except OSError as error:
            raise StorageFailed(f"The download {name} cannot be saved: {error}.") from error
        self.notice(f"Downloaded {path.name} ({path.stat().st_size} bytes) to {path}")
        return path

    def _forget_later(self, task: "asyncio.Future[Any]") -> None:
        self._left_running.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: "asyncio.Future[Any]") -> None:
        self._left_running.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waits for it sees the error; nobody else has to


def _unused(path: Path) -> Path:
    """The path, or the path with a number if such a file exists."""
    number = 1
    candidate = path
    while candidate.exists():
        number += 1
        candidate = path.with_stem(f"{path.stem}-{number}")
    return candidate
