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

from playwright.async_api import Error, Frame, Locator
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


class _Told(BaseModel):
    """What the page's script tells; the page runs it, so its form is checked."""

    title: str = ""
    pulse: int = 0
    reach: Reach | None = None
    element: _Line | None = None
    loud: list[_Line] = Field(default_factory=list)
    invalid: list[_Line] = Field(default_factory=list)


@dataclass(frozen=True)
class Glimpse:
    """One small look. `pulse` counts the document's changes since it was first glimpsed at.

    `frame` is where the step's own element is; `reach` says whether a pointer gets to it.
    """

    page: Observation
    pulse: int
    frame: Frame
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
    wait_ms: float = 1000,
) -> Glimpse:
    """Look at the elements of these locators, by ref; "e1" is the step's own element.

    Each is waited for; `framed` says that they may stand in frames. Raises playwright's errors
    where one does not come, or is not the only one.
    """
    if session.dialog is not None:
        return _boxed(session, redact)
    frame = session.page.main_frame
    if framed and found:
        handle = await next(iter(found.values())).element_handle(timeout=wait_ms)
        frame = await handle.owner_frame() or frame
    lines: list[Element] = []
    told = _Told()
    for ref, locator in found.items():
        if told.element is None:
            told = _read(await locator.evaluate(_script(probing=True), timeout=wait_ms))
            line = told.element
        else:
            line = _read(await locator.evaluate(_script(), timeout=wait_ms)).element
        lines += [_element(line, ref, redact)] if line else []
    if not found:
        told = _read(await frame.evaluate(_page_script()))
    return _glimpse(session, told, lines, frame, redact)


async def glimpse_again(session: Session, before: Glimpse, redact: Callable[[str], str]) -> Glimpse:
    """Look again at what was glimpsed at: the same element if it is still there."""
    if session.dialog is not None:
        return _boxed(session, redact)
    same = session.page.main_frame.page == before.frame.page and not before.frame.is_detached()
    frame = before.frame if same else session.page.main_frame
    told = await _told(session, frame)
    if session.dialog is not None:
        return _boxed(session, redact)
    kept = same and before.page.elements and told.element
    lines = [_element(told.element, "e1", redact)] if kept and told.element else []
    return _glimpse(session, told, lines, frame, redact)


async def _told(session: Session, frame: Frame) -> _Told:
    """What the document in a frame tells now; nothing, if it is on its way to another twice."""
    for _ in range(2):
        looked: list[_Told] = []

        async def look(into: list[_Told] = looked) -> None:
            into.append(_read(await frame.evaluate(_page_script())))

        try:
            async with asyncio.timeout(AGAIN_S):
                await session.unless_dialog(look())
        except TimeoutError:
            break
        except Error:
            session.check()
            continue
        return looked[0] if looked else _Told(pulse=-1)
    return _Told(pulse=-1)


def _glimpse(
    session: Session,
    told: _Told,
    lines: list[Element],
    frame: Frame,
    redact: Callable[[str], str],
) -> Glimpse:
    around = [_element(line, "", redact) for line in (*told.loud, *told.invalid)]
    known = {(line.role, line.name) for line in lines}
    page = _page(session, told.title, redact).model_copy(
        update={"elements": [*lines, *(e for e in around if (e.role, e.name) not in known)]}
    )
    return Glimpse(page=page, pulse=told.pulse, frame=frame, reach=told.reach)


def _boxed(session: Session, redact: Callable[[str], str]) -> Glimpse:
    """Behind a browser box nothing can be seen."""
    assert session.dialog is not None
    dialog = redact(clean(f"{session.dialog.type}: {session.dialog.message}"))
    page = _page(session, "", redact).model_copy(update={"dialog": dialog})
    return Glimpse(page=page, pulse=-1, frame=session.page.main_frame)


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
def _script(*, probing: bool = False) -> str:
    source = (files("tools") / "glimpse.js").read_text(encoding="utf-8")
    function = source[source.index("(el, probe) =>") :]
    return f"el => ({function})(el, {PROBE if probing else 'null'})"


@cache
def _page_script() -> str:
    return f"() => ({_script()})(null)"
