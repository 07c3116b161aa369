"""Find, start or attach to a browser, and give a run its session.

Playwright's own Chromium comes first, then Chrome, Chromium and Edge where their installers
put them. A browser that we start is closed in the end; one that we attach to stays as it is.
"""

import asyncio
import contextlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, Playwright, async_playwright
from playwright.async_api import Error as PlaywrightError
from pydantic import BaseModel, ConfigDict

from tools.errors import BrowserMissing, ToolError
from tools.session import Session
from tools.trace import record_trace

__all__ = ["BrowserOptions", "Session", "find_browser", "open_browser", "open_session"]

FLAGS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
"""What a browser that we start does without."""

_PREFERENCES = {"net": {"network_prediction_options": 2}}
"""What a new profile begins with: no page is loaded before it is opened. Chromium would load
one of any site for a page that asks for it, unseen by the rule about sites."""

_OWN = {
    "linux": ("chromium-*/chrome-linux*/chrome", "chromium_headless_shell-*/chrome-*/*shell"),
    "darwin": ("chromium-*/chrome-mac*/*.app/Contents/MacOS/*",),
    "win32": ("chromium-*/chrome-win*/chrome.exe",),
}
_COMMANDS = (
    "google-chrome-stable",
    "google-chrome",
    "chromium",
    "chromium-browser",
    "microsoft-edge-stable",
    "microsoft-edge",
)
_MAC_APPS = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_WINDOWS_APPS = (
    "Google/Chrome/Application/chrome.exe",
    "Chromium/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
)


class BrowserOptions(BaseModel):
    """Which browser a run uses, and how."""

    model_config = ConfigDict(frozen=True)

    headed: bool = False
    """Show the window."""
    cdp_url: str = ""
    """Attach to a running browser at this address instead of starting one."""
    tab: int | None = None
    """A tab of the user's own that is lent to the run: the browser at `cdp_url` shows it alone,
    and the run works in it as it stands. Without an address a browser is started all the same."""
    executable: str = ""
    """The browser's program file; found by itself if empty."""
    profile: Path | None = None
    """A folder that keeps cookies and logins between runs."""
    storage_state: Path | None = None
    """A JSON file of cookies and local storage to begin with (Playwright's format)."""
    trace: Path | None = None
    """Where to write a Playwright trace, a .zip file."""
    downloads: Path | None = None
    """Where downloads go; a temporary folder if None."""
    viewport: tuple[int, int] = (1280, 800)
    """Width and height of the page in CSS pixels."""


@contextlib.asynccontextmanager
async def open_session(
    options: BrowserOptions,
    redact: Callable[[str], str] | None = None,
    shared: Browser | BrowserContext | None = None,
) -> AsyncIterator[Session]:
    """A session with one open tab, closed again at the end.

    `shared` is a browser of ours that is open already: the session gets a window of its own in
    it, apart from all others, and leaves it open. Or it is such a window, with a tab: the session
    works in it as it stands, and leaves it open. `redact` takes secrets out of text, for trace
    and pictures; None if there are none. Raises BrowserMissing with what to do if there is no
    browser or it does not start, and ToolError for a storage state that cannot be read.
    """
    state = read_storage_state(options.storage_state) if options.storage_state else None
    async with contextlib.AsyncExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="secondlook-")))
        own = shared is not None or not options.cdp_url or options.tab is not None
        if isinstance(shared, BrowserContext):
            context = shared
        elif shared is not None:
            context = await _window(shared, options.viewport)
            stack.push_async_callback(_quietly_close, context)
        elif options.cdp_url:
            playwright = await stack.enter_async_context(async_playwright())
            browser = await _attach(playwright, options.cdp_url)
            stack.push_async_callback(_quietly_close, browser)
            context = browser.contexts[0]
        else:
            context = await stack.enter_async_context(_started(options, scratch))
        if state is not None:
            await _apply_state(context, state, options.storage_state)
        downloads = options.downloads or scratch / "downloads"
        session = Session(context, downloads, own=own, redact=redact)
        if context.browser is not None:
            context.browser.on("disconnected", lambda _: session.lost("The browser was closed"))
        if options.tab is not None:
            for page in context.pages:  # all that the browser shows are lent
                session.adopt(page)
        else:
            session.adopt(await _first_page(context, own))
        if options.trace is not None:
            await stack.enter_async_context(record_trace(context, options.trace, redact))
        try:
            yield session
        except PlaywrightError:
            session.check()  # what fails because the browser went away is told as that
            raise


@contextlib.asynccontextmanager
async def open_browser(options: BrowserOptions) -> AsyncIterator[Browser]:
    """A browser for many sessions, each with a window of its own. Raises BrowserMissing."""
    with tempfile.TemporaryDirectory(prefix="secondlook-") as scratch:
        async with _started(options, Path(scratch)) as context:
            assert context.browser is not None, "we started it"
            await context.close()
            yield context.browser


def find_browser(executable: str = "") -> Path:
    """The browser to start. `executable` is a path or a command that goes before all others.

    Raises BrowserMissing, with what to do, if there is none.
    """
    if executable:
        found = shutil.which(executable)
        if found is None:
            raise BrowserMissing(
                f"There is no program {executable}; give the path of a Chromium-based browser."
            )
        return Path(found)
    for candidate in _candidates():
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return candidate
    raise BrowserMissing(
        f"No Chromium, Chrome or Edge was found; install one with `{_install_command()}`, "
        "or name yours with --executable PATH."
    )


def read_storage_state(path: Path) -> dict[str, Any]:
    """The storage state in a file. Raises ToolError if it is missing or no storage state."""
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ToolError(
            f"The storage state {path} cannot be read: {error.strerror or error}."
        ) from error
    except ValueError as error:
        raise ToolError(
            f"The storage state {path} is not JSON; make one with `playwright codegen "
            "--save-storage=FILE`."
        ) from error
    lists = [state.get(key, []) for key in ("cookies", "origins")] if _is_state(state) else [None]
    if not all(isinstance(entries, list) for entries in lists):
        raise ToolError(
            f"The storage state {path} has no lists of cookies and origins; make one with "
            "`playwright codegen --save-storage=FILE`."
        )
    return {"cookies": lists[0], "origins": lists[1]}


def _is_state(state: object) -> bool:
    return isinstance(state, dict) and ("cookies" in state or "origins" in state)


def _candidates() -> Iterator[Path]:
    yield from _playwright_browsers()
    if sys.platform == "darwin":
        for folder in (Path("/Applications"), Path.home() / "Applications"):
            yield from (folder / app for app in _MAC_APPS)
    elif sys.platform == "win32":
        roots = [
            os.environ.get(n, "") for n in ("LOCALAPPDATA", "PROGRAMFILES", "PROGRAMFILES(X86)")
        ]
        for app in _WINDOWS_APPS:
            yield from (Path(root) / app for root in roots if root)
    for command in _COMMANDS:
        if found := shutil.which(command):
            yield Path(found)


def _playwright_browsers() -> Iterator[Path]:
    """Playwright's own downloads, the newest first."""
    if root := os.environ.get("PLAYWRIGHT_BROWSERS_PATH", ""):
        folder = Path(root)
    elif sys.platform == "darwin":
        folder = Path.home() / "Library/Caches/ms-playwright"
    elif sys.platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "ms-playwright"
    else:
        cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
        folder = Path(cache) / "ms-playwright"
    for pattern in _OWN.get(sys.platform, _OWN["linux"]):
        yield from sorted(folder.glob(pattern), key=_revision, reverse=True)


def _revision(path: Path) -> int:
    numbers = [part.rpartition("-")[2] for part in path.parts if part.startswith("chromium")]
    return int(numbers[-1]) if numbers and numbers[-1].isdigit() else 0


def _install_command() -> str:
    if sys.platform == "linux":
        for tool, command in (
            ("apt-get", "apt-get install chromium"),
            ("dnf", "dnf install chromium"),
            ("pacman", "pacman -S chromium"),
            ("apk", "apk add chromium"),
        ):
            if shutil.which(tool):
                return command
    return "playwright install chromium"


@contextlib.asynccontextmanager
async def _started(options: BrowserOptions, scratch: Path) -> AsyncIterator[BrowserContext]:
    """A browser with its first window, closed at the end."""
    async with async_playwright() as playwright, contextlib.AsyncExitStack() as stack:
        context = await _launch(playwright, options, scratch)
        stack.push_async_callback(_quietly_close, context.browser or context)
        yield context


async def _launch(playwright: Playwright, options: BrowserOptions, scratch: Path) -> BrowserContext:
    executable = find_browser(options.executable)
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    width, height = options.viewport
    common: dict[str, Any] = {
        "executable_path": executable,
        "headless": not options.headed,
        "args": list(FLAGS),
        # Ctrl-C is for us to handle: the run is saved first, and the browser closed after.
        "handle_sigint": False,
        "handle_sigterm": False,
        "handle_sighup": False,
        # Chromium refuses to sandbox itself as root; everyone else keeps the sandbox.
        "chromium_sandbox": not root,
        "traces_dir": scratch / "traces",
        "viewport": {"width": width, "height": height},
    }
    profile = options.profile or scratch / "profile"
    _prefer(profile)
    try:
        context = await playwright.chromium.launch_persistent_context(profile, **common)
        return context if options.profile else await _private(context, options.viewport)
    except PlaywrightError as error:
        raise BrowserMissing(_why_not(executable, options, str(error))) from error


def _prefer(profile: Path) -> None:
    """Give a new profile our preferences; one that has its own keeps them."""
    file = profile / "Default" / "Preferences"
    if file.exists():
        return
    with contextlib.suppress(OSError):  # the browser cannot write there either, and says so
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(_PREFERENCES), encoding="utf-8")


async def _private(context: BrowserContext, viewport: tuple[int, int]) -> BrowserContext:
    """A window that writes nothing to disk, in the place of the profile's own."""
    assert context.browser is not None, "we started it"
    private = await _window(context.browser, viewport)
    for page in context.pages:
        await page.close()
    return private


async def _window(browser: Browser, viewport: tuple[int, int]) -> BrowserContext:
    width, height = viewport
    private = await browser.new_context(viewport={"width": width, "height": height})
    await private.new_page()
    return private


def _why_not(executable: Path, options: BrowserOptions, message: str) -> str:
    """One sentence from the page of log that a failed start brings."""
    lower = message.lower()
    if "processsingleton" in lower or ("profile" in lower and "in use" in lower):
        return f"The profile {options.profile} is in use; close the browser that uses it."
    if options.headed and ("display" in lower or "x server" in lower):
        return "There is no screen to show a window on: take --headless, or attach with --cdp."
    if "sandbox" in lower:
        return (
            f"{executable} cannot set up its sandbox here; allow user namespaces, or run as root "
            "in a container."
        )
    first = next((line.strip() for line in message.splitlines() if line.strip()), "no reason given")
    return f"{executable} does not start ({first}); name another with --executable PATH."


async def _attach(playwright: Playwright, url: str) -> Browser:
    try:
        browser = await playwright.chromium.connect_over_cdp(url, timeout=10_000)
    except PlaywrightError as error:
        raise BrowserMissing(
            f"No browser answers at {url}; start one with --remote-debugging-port=9222, or leave "
            "out --cdp."
        ) from error
    if not browser.contexts:
        raise BrowserMissing(f"The browser at {url} has no window to work in; open one.")
    return browser


async def _apply_state(context: BrowserContext, state: dict[str, Any], path: Path | None) -> None:
    try:
        await context.set_storage_state(state)  # type: ignore[arg-type]  # checked by Playwright
    except PlaywrightError as error:
        raise ToolError(
            f"The storage state {path} is not in Playwright's format; make one with "
            "`playwright codegen --save-storage=FILE`."
        ) from error


async def _first_page(context: BrowserContext, own: bool) -> Page:
    """The tab to work in: an empty one that is open already, else a new one."""
    empty = ("about:blank", "chrome://newtab/", "chrome://new-tab-page/")
    first = context.pages[0] if context.pages else None
    if first is not None and (own or first.url in empty):
        return first
    return await context.new_page()


async def _quietly_close(what: Browser | BrowserContext) -> None:
    """Close, also when it has gone by itself or does not answer."""
    with contextlib.suppress(PlaywrightError, TimeoutError):
        async with asyncio.timeout(10):
            await what.close()
