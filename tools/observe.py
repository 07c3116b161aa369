"""Looking at the page: from the browser to an `Observation`.

One pass: Playwright's snapshot and the page's own facts together, then everything else
without the browser (parse, prune, describe, mark what is new, fit the budget).
"""

import asyncio
import contextlib
import gc
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit, urlunsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page
from playwright.async_api import TimeoutError as PlaywrightTimeout

from tools.budget import fit
from tools.draft import clip
from tools.facts import FrameFacts, add_facts, inner_facts, page_facts
from tools.observation import Element, Observation, clean
from tools.prune import flatten
from tools.session import Session
from tools.snapshot import Node, parse

__all__ = ["fit", "flatten", "observe", "parse"]

SNAPSHOT_MS = 60_000
"""So long a page may take to give its snapshot; a large one on a busy machine takes a while."""
TITLE_S = 1.0
"""So long a tab may take to tell its title."""
ATTEMPTS = 3
"""How often a page is looked at again that navigated while it was looked at."""
URL_LENGTH = 120
"""Characters of an address that are shown."""
TITLE_LENGTH = 80
"""Characters of a title that are shown."""

_PASSING = frozenset(("focused", "above", "below"))


def _same(text: str) -> str:
    return text


async def observe(
    session: Session,
    *,
    budget: int,
    count: Callable[[str], int],
    previous: Observation | None = None,
    focus: str = "",
    redact: Callable[[str], str] = _same,
) -> Observation:
    """Look at the session's current tab.

    `budget` is the most tokens that the text may have, as `count` counts them. Lines that
    `previous` did not have are marked as new, if it was of the same address. `focus` holds
    the words of the task and step in hand: on a page too big for the budget, what bears on
    them stays. `redact` takes secrets out of all page text. While a JavaScript dialog is
    open, only that is told. Raises BrowserGone if the browser is gone.
    """

    def scrub(text: str) -> str:
        # Once before cleaning, and once after: it may have joined what the page split.
        return redact(clean(redact(text)))

    tree = await _look(session, scrub)
    url = shown_url(session.page.url, scrub)
    with _without_collecting():
        elements = flatten(tree, int(tree.properties.get("height") or 0)) if tree else []
        fitted = fit(mark_new(elements, url, previous), budget, count, focus)
    titles, tab = await _tabs(session, tree, scrub)
    dialog = scrub(f"{session.dialog.type}: {session.dialog.message}") if session.dialog else ""
    return Observation(
        url=url,
        title=titles[tab],
        text=fitted.text,
        elements=fitted.elements,
        shown=fitted.shown,
        tokens=fitted.tokens,
        fingerprint=fingerprint(url, tab, dialog, fitted.elements),
        dialog=dialog,
        tabs=titles,
        tab=tab,
        notices=[scrub(notice) for notice in session.drain_notices()],
    )


def mark_new(elements: list[Element], url: str, previous: Observation | None) -> list[Element]:
    """Mark the lines that the previous observation of the same address did not have.

    Of several equal lines the last are the new ones. Focus and scrolling make nothing new.
    """
    if previous is None or previous.dialog or _document(previous.url) != _document(url):
        return elements
    left = Counter(_content(element) for element in previous.elements)
    marked = []
    for element in elements:
        content = _content(element)
        left[content] -= 1
        new = left[content] < 0
        marked.append(element.model_copy(update={"new": True}) if new else element)
    return marked


def fingerprint(url: str, tab: int, dialog: str, elements: Sequence[Element]) -> str:
    """Equal for equal states of a page, whatever is focused or scrolled into view."""
    digest = hashlib.sha256(f"{_document(url)}\n{tab}\n{dialog}".encode())
    for element in elements:
        digest.update(f"\n{element.depth} {_content(element)}".encode())
    return digest.hexdigest()[:16]


def shown_url(url: str, scrub: Callable[[str], str]) -> str:
    """An address as it is shown: without user name and password, and not too long."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return clip(scrub(url), URL_LENGTH)
    host = parts.netloc.rpartition("@")[2]
    full = urlunsplit(parts._replace(netloc=host))
    if len(full) > URL_LENGTH:
        full = urlunsplit(parts._replace(netloc=host, fragment=""))
    return clip(scrub(full), URL_LENGTH)


@contextlib.contextmanager
def _without_collecting() -> Iterator[None]:
    """Make many small objects without the garbage collector going through them meanwhile.

    On a page with thousands of elements it takes as long as everything else together.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _document(url: str) -> str:
    return url.partition("#")[0]


def _content(element: Element) -> tuple[object, ...]:
    """What a line says, apart from its numbering, its place and the focus."""
    states = tuple(state for state in element.states if state not in _PASSING)
    options = tuple((o.label, o.disabled, o.selected) for o in element.options)
    return (element.role, element.name, element.context, element.value, states, options)


async def _look(session: Session, scrub: Callable[[str], str]) -> Node | None:
    """The page's tree with its facts; None while a dialog is open or nothing answers."""
    for _ in range(ATTEMPTS):
        if session.dialog is not None:
            return None
        looked: list[Node] = []
        try:
            await session.unless_dialog(_look_once(session.page, scrub, looked))
        except PlaywrightTimeout:
            break
        except PlaywrightError:  # it navigated while it was looked at, or is gone
            session.check()
            continue
        if looked:
            return looked[0]
    if session.dialog is None:
        session.notice("The page does not answer.")
    return None


async def _look_once(page: Page, scrub: Callable[[str], str], looked: list[Node]) -> None:
    facts = asyncio.ensure_future(page_facts(page))
    try:
        snapshot = await page.aria_snapshot(mode="ai", boxes=True, timeout=SNAPSHOT_MS)
        told = await facts
    finally:
        facts.cancel()
    with _without_collecting():
        tree = parse(snapshot, scrub)
    known: dict[str, FrameFacts] = {}
    if told is not None:
        known[tree.frame] = told
        tree.properties |= {"height": str(told.height), "title": scrub(told.title)}
    if len(page.frames) > 1:
        known |= await inner_facts(page, tree)
    add_facts(tree, known, scrub)
    looked.append(tree)


async def _tabs(
    session: Session, tree: Node | None, scrub: Callable[[str], str]
) -> tuple[list[str], int]:
    """The titles of all tabs, or their addresses where there is none; and the current one."""
    pages = session.tabs()
    tab = pages.index(session.page)
    if tree is not None:
        session.titles[session.page] = tree.properties.get("title", "")
    others = [page for page in pages if page != session.page]
    await asyncio.gather(*(_ask_title(session, page, scrub) for page in others))
    titles = [session.titles.get(page) or shown_url(page.url, scrub) for page in pages]
    return [clip(title, TITLE_LENGTH) for title in titles], tab


async def _ask_title(session: Session, page: Page, scrub: Callable[[str], str]) -> None:
    with contextlib.suppress(PlaywrightError, TimeoutError):
        async with asyncio.timeout(TITLE_S):
            session.titles[page] = scrub(await page.title())
