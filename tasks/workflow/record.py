"""Watching a person who clicks and types in a real browser.

Playwright's own recorder does the watching, so that elements are named as its code generator
names them, and its bar in the page lets the person say what must be there. `clicked` makes a
workflow of what it saw.
"""

import ast
import asyncio
import textwrap
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Error, Frame, Page

from tasks.workflow.playwright_script.expressions import Expressions, Unknown
from tasks.workflow.problems import RecordingError
from tools.browser import BrowserOptions, open_session
from tools.session import Session

_SECRET, _CLICK = "__secondlookTypedSecret", "__secondlookClicked"
_SCRIPT = f"""(() => {{
  const known = new WeakSet();
  const typed = event => {{
    const field = event.composedPath()[0];
    if (!(field instanceof HTMLInputElement)) return;
    const hidden = field.type === 'password' ||
      /password|one-time-code|cc-number|cc-csc/.test(field.autocomplete);
    if (hidden) known.add(field);
    if (known.has(field)) window.{_SECRET}(field.value);
  }};
  addEventListener('input', typed, true);
  addEventListener('change', typed, true);
  addEventListener('click', event => {{
    const ignored = /^(SELECT|OPTION)$/.test(event.composedPath()[0].tagName || '');
    if (event.isTrusted && event.detail === 1 && !ignored) window.{_CLICK}();
  }}, true);
}})()"""
"""Tells which values are secrets (those of fields that are, or were, password fields), and of each
click at once: Playwright's recorder holds it back for a while, as it may become a double click."""


_CLICKS = frozenset({"click", "check", "uncheck"})
_HELD_BACK = frozenset({"click", "navigate"})


@dataclass
class Done:
    """One thing that the person did, or that came of it.

    `what` is Playwright's name of it (click, fill, check, …), or popup, dialog or download. `tab`
    numbers the tabs in the order in which they opened, closed ones too. `data` is what
    Playwright's recorder says, `locator` the element in Playwright's notation, "" if none lasts.
    `arrived` is the address that it led to; `secret` says that what was typed is one.
    """

    what: str
    tab: int
    data: dict[str, Any] = field(default_factory=dict)
    locator: str = ""
    arrived: str = ""
    secret: bool = False


@dataclass
class Watched:
    """What was done from a start address on."""

    url: str
    done: list[Done] = field(default_factory=list)


async def watch(options: BrowserOptions, url: str, ready: Callable[[Page], None]) -> Watched:
    """Open a browser, and watch until its window is closed or the task is cancelled.

    `ready` is called with the tab when the person can begin. Raises BrowserMissing, and
    RecordingError when the address cannot be opened.
    """
    async with open_session(options) as session:
        watcher = _Watcher(session, Watched(url), own=not options.cdp_url)
        await watcher.start()
        try:
            await session.page.goto(url, wait_until="domcontentloaded")
        except Error as error:
            why = error.message.split("\n")[0].removeprefix("Page.goto: ")
            raise RecordingError(f"{url} cannot be opened ({why}).") from error
        try:
            ready(session.page)
            await watcher.closed.wait()
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None:
                task.uncancel()  # to be stopped is how a recording ends
        await watcher.stop()
        return watcher.watched


class _Watcher:
    """Listens to a session's tabs; it is what Playwright's recorder tells its events to."""

    def __init__(self, session: Session, watched: Watched, *, own: bool) -> None:
        self.watched = watched
        self.closed = asyncio.Event()
        self._session = session
        self._own = own
        self._tabs: list[Page] = []
        self._running: set[asyncio.Task[None]] = set()
        self._clicks: deque[str] = deque()
        """Where clicks led that the recorder has not told of yet."""
        self._answers: list[dict[str, Any]] = []
        self._answered = 0
        self._typed: str | None = None

    async def start(self) -> None:
        """Listen, before the first page is opened."""
        context = self._session.context
        await context.expose_binding(_SECRET, self._on_secret)
        await context.expose_binding(_CLICK, self._on_click)
        await context.add_init_script(_SCRIPT)
        if self._own:
            context.on("page", self._on_page)
        for page in self._session.tabs():
            self._on_page(page)
        # The recorder has no public name in Playwright for Python; a test holds that it is there.
        inner: Any = context._impl_obj
        await inner._start_recording({"language": "python-async"}, self)

    async def stop(self) -> None:
        """Hear what is still on its way, if the browser is there to tell it."""
        inner: Any = self._session.context._impl_obj
        with suppress(Error):
            await inner._stop_recording()

    def action_added(self, page: Any, data: dict[str, Any], code: str) -> None:
        """Something was done."""
        tab = self._number(page)
        if tab is None:
            return
        done = Done(data["name"], tab, data, _locator(code))
        if done.what in _CLICKS and self._clicks:
            done.arrived = self._clicks.popleft()
        elif done.what not in _HELD_BACK:
            self._clicks.clear()  # the recorder has told of every click by now
        self.watched.done.append(done)

    def signal_added(self, page: Any, data: dict[str, Any], code: str) -> None:
        """Something came of the last action."""
        tab = self._number(page)
        if tab is None:
            return
        if data["name"] == "popup":
            opened = [n for n, t in enumerate(self._tabs) if _guid(t) == data["popupPageGuid"]]
            self.watched.done += [Done("popup", number) for number in opened]
        elif data["name"] == "download" and self.watched.done[-1].what == "click":
            self.watched.done[-1].what = "download"
        elif data["name"] == "dialog":
            answered = sum(done.what == "dialog" for done in self.watched.done)
            self.watched.done.append(Done("dialog", tab, self._answer(answered)))

    def _answer(self, number: int) -> dict[str, Any]:
        """How a box of the browser was, or will be answered: filled in when it is."""
        while len(self._answers) <= number:
            self._answers.append({})
        return self._answers[number]

    def action_updated(self, page: Any, data: dict[str, Any], code: str) -> None:
        """The last action goes on: more was typed, or it was clicked again."""
        tab = self._number(page)
        if tab is not None and self.watched.done:
            last = self.watched.done[-1]
            last.data, last.locator = data, _locator(code)
            self._mark_secret()

    def _number(self, page: Any) -> int | None:
        """A tab's number, None for one that is not ours; `page` is Playwright's inner object."""
        found = [n for n, tab in enumerate(self._tabs) if tab._impl_obj is page]
        return found[0] if found else None

    def _on_page(self, page: Page) -> None:
        if page in self._tabs:
            return
        self._tabs.append(page)
        page.on("framenavigated", self._on_navigated)
        page.on("popup", self._on_popup)
        page.on("close", self._on_close)
        self._soon(self._hear_dialogs(page))

    def _on_popup(self, page: Page) -> None:
        self._on_page(page)

    def _on_close(self, page: Page) -> None:
        self.watched.done.append(Done("closePage", self._tabs.index(page)))
        if all(tab.is_closed() for tab in self._tabs):
            self.closed.set()

    def _on_navigated(self, frame: Frame) -> None:
        if frame.parent_frame is not None:
            return
        done = self.watched.done
        if self._clicks:
            self._clicks[-1] = frame.url
        elif done and self._tabs[done[-1].tab] == frame.page:
            done[-1].arrived = frame.url

    def _on_click(self, _source: object) -> None:
        self._clicks.append("")

    async def _hear_dialogs(self, page: Page) -> None:
        """Note how the person answers the browser's boxes; Playwright only tells that they do."""
        with suppress(Error):
            client = await page.context.new_cdp_session(page)
            await client.send("Page.enable")
            client.on("Page.javascriptDialogClosed", self._on_answer)

    def _on_answer(self, event: dict[str, Any]) -> None:
        answer = {"accept": event.get("result", False), "text": event.get("userInput", "")}
        self._answer(self._answered).update(answer)
        self._answered += 1

    def _on_secret(self, _source: object, value: str) -> None:
        self._typed = value
        self._mark_secret()

    def _mark_secret(self) -> None:
        """Whether the last thing done is what was typed into a password field: page and recorder
        each tell of the same key, in either order."""
        last = self.watched.done[-1] if self.watched.done else None
        if last and last.what == "fill" and last.data.get("text") == self._typed:
            last.secret = True

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)


def _guid(page: Page) -> str:
    inner: Any = page._impl_obj
    return str(inner._guid)


def _locator(code: str) -> str:
    """The element in the statement that Playwright would write for an action; "" if it has none."""
    try:
        (function,) = ast.parse(f"async def f():\n{textwrap.indent(code, '    ')}").body
    except (SyntaxError, ValueError):
        return ""
    for node in ast.walk(function):
        match node:
            case ast.Await(
                value=ast.Call(
                    func=ast.Attribute(value=ast.Call(func=ast.Name(id="expect"), args=[at]))
                )
            ):
                element = at
            case ast.Await(value=ast.Call(func=ast.Attribute(value=at))):
                element = at
            case _:
                continue
        read = Expressions(roots=(), names=(), secrets=())
        read.roots = {read.root(element)}
        with suppress(Unknown):
            return read.locator(element)
    return ""
