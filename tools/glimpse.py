"""A glimpse: the few lines of a page that an exact step needs, in one question to it.

An observation takes the whole page in, for a model to choose from. A step that knows its element
needs that element, the way to it, and afterwards what is loud on the page (alerts, dialogs, fields
that were refused) and whether anything moved at all. A glimpse is an `Observation` of just those
lines, so that the same verdict is passed on it.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from playwright.async_api import Error, Locator, Page
from pydantic import BaseModel, Field, ValidationError

from tools.observation import Element, Observation, clean
from tools.observe import shown_url
from tools.reach import PROBE, Reach
from tools.roles import CLICKABLE
from tools.session import Session

NAME_LENGTH = 160
"""Characters of a name or value that are kept."""

AGAIN_S = 5
"""So long a page may take to be looked at again."""


class _Line(BaseModel):
    role: str
    name: str = ""
    value: str | None = None
    states: list[str] = Field(default_factory=list)


class NotOne(Exception):
    """No element is there that a locator means, or it is not the only one: `count` says which.

    `ref` is the one whose locator it is.
    """

    def __init__(self, ref: str, count: int) -> None:
        super().__init__(ref, count)
        self.ref, self.count = ref, count


class _Told(BaseModel):
    """What the page's script tells; the page runs it, so its form is checked."""

    count: int = 1
    title: str = ""
    pulse: int = 0
    reach: Reach | None = None
    element: _Line | None = None
    loud: list[_Line] = Field(default_factory=list)
    invalid: list[_Line] = Field(default_factory=list)


@dataclass(frozen=True)
class Glimpse:
    """One small look. `pulse` counts the document's changes since it was first glimpsed at.

    `tab` is where it was taken, `framed` the step's own element if that may stand in a frame;
    `reach` says whether a pointer gets to it.
    """

    page: Observation
    pulse: int
    tab: Page
    framed: Locator | None = None
    reach: Reach | None = None

    def moved(self, later: "Glimpse") -> bool:
        """Whether anything changed between this look and a later one."""
        return self.pulse != later.pulse or self.page.url != later.page.url


async def glimpse(
    session: Session,
    found: Mapping[str, Locator],
    redact: Callable[[str], str],
    *,
    framed: bool = False,
) -> Glimpse:
    """Look at the elements of these locators, by ref; "e1" is the step's own element.

    Nothing is waited for. `framed` says that they may stand in frames. Raises NotOne, and
    playwright's errors while the page is on its way to the next.
    """
    if session.dialog is not None:
        return _boxed(session, redact)
    lines: list[Element] = []
    first: _Told | None = None
    for ref, locator in found.items():
        told = _read(await locator.evaluate_all(_script(probing=first is None)))
        if told.count != 1:
            raise NotOne(ref, told.count)
        lines += [_element(told.element, ref, redact)] if told.element else []
        first = first or told
    if first is None:
        first = _read(await session.page.evaluate(_page_script()))
    own = next(iter(found.values()), None) if framed else None
    return _glimpse(session, first, lines, redact, own)


async def glimpse_again(session: Session, before: Glimpse, redact: Callable[[str], str]) -> Glimpse:
    """Look again at what was glimpsed at: the same element if it is still there."""
    same = session.page == before.tab
    told = await _again(session, before.framed if same else None)
    if session.dialog is not None:
        return _boxed(session, redact)
    kept = same and before.page.elements and told.element
    lines = [_element(told.element, "e1", redact)] if kept and told.element else []
    return _glimpse(session, told, lines, redact, before.framed)


async def _again(session: Session, framed: Locator | None) -> _Told:
    """What the document tells now; nothing, if it is on its way to another twice."""
    for _ in range(2):
        looked: list[_Told] = []

        async def look(into: list[_Told] = looked) -> None:
            if framed is not None:
                into.append(_read(await framed.evaluate_all(_script())))
            else:
                into.append(_read(await session.page.evaluate(_page_script())))

        try:
            async with asyncio.timeout(AGAIN_S):
                await session.unless_dialog(look())
        except TimeoutError:
            break
        except Error:
            session.check()
            continue
        return looked[0] if looked and looked[0].count == 1 else _Told(pulse=-1)
    return _Told(pulse=-1)


def _glimpse(
    session: Session,
    told: _Told,
    lines: list[Element],
    redact: Callable[[str], str],
    framed: Locator | None,
) -> Glimpse:
    around = [_element(line, "", redact) for line in (*told.loud, *told.invalid)]
    known = {(line.role, line.name) for line in lines}
    page = _page(session, told.title, redact).model_copy(
        update={"elements": [*lines, *(e for e in around if (e.role, e.name) not in known)]}
    )
    return Glimpse(page, told.pulse, session.page, framed, told.reach)


def _boxed(session: Session, redact: Callable[[str], str]) -> Glimpse:
    """Behind a browser box nothing can be seen."""
    assert session.dialog is not None
    dialog = redact(clean(f"{session.dialog.type}: {session.dialog.message}"))
    page = _page(session, "", redact).model_copy(update={"dialog": dialog})
    return Glimpse(page, -1, session.page)


def _page(session: Session, title: str, redact: Callable[[str], str]) -> Observation:
    tabs = session.tabs()
    return Observation(
        url=shown_url(session.page.url, redact),
        title=redact(clean(title))[:NAME_LENGTH],
        tabs=[shown_url(tab.url, redact) for tab in tabs],
        tab=tabs.index(session.page),
        notices=[redact(notice) for notice in session.drain_notices()],
    )


def _element(line: _Line, ref: str, redact: Callable[[str], str]) -> Element:
    """The line as an observation would have it; any element can be clicked on purpose."""
    known = line.role in CLICKABLE or not ref
    return Element(
        ref=ref,
        role=clean(line.role) if known else "clickable",
        name=redact(clean(line.name))[:NAME_LENGTH],
        value=None if line.value is None else redact(clean(line.value))[:NAME_LENGTH],
        states=tuple(clean(state) for state in line.states),
        target=ref,
        interactive=bool(ref),
    )


def _read(told: object) -> _Told:
    try:
        return _Told.model_validate_json(told if isinstance(told, str) else "")
    except ValidationError:
        return _Told()


@cache
def _function() -> str:
    source = (files("tools") / "glimpse.js").read_text(encoding="utf-8")
    return source[source.index("(el, probe) =>") :]


@cache
def _script(*, probing: bool = False) -> str:
    """A function of all elements that fit: of the one, or how many there are."""
    told = f"({_function()})(all[0], {PROBE if probing else 'null'})"
    return f"all => all.length === 1 ? {told} : JSON.stringify({{count: all.length}})"


@cache
def _page_script() -> str:
    return f"() => ({_function()})(null)"
