"""What changed between two observations of a tab, line by line."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.observation import Element, Observation

PASSING = frozenset({"focused", "above", "below"})
"""States that come and go with the focus and the scroll position; no change of the page."""

MAX_LINES = 12
"""So many changed lines are told; the rest are counted."""


@dataclass(frozen=True)
class Changes:
    """Lines that came, went, or are another now (before, after), each in page order."""

    came: list[Element] = field(default_factory=list)
    went: list[Element] = field(default_factory=list)
    other: list[tuple[Element, Element]] = field(default_factory=list)
    reordered: bool = False

    def __bool__(self) -> bool:
        return bool(self.came or self.went or self.other or self.reordered)

    def lines(self) -> list[str]:
        """The changes as a verdict lists them: what came and changed first, then what went."""
        told = [f"~ {plain(after)}" for _, after in self.other]
        told += [f"+ {plain(e)}" for e in self.came]
        told += [f"- {plain(e)}" for e in self.went]
        if len(told) > MAX_LINES:
            told = [*told[: MAX_LINES - 1], f"… {len(told) - MAX_LINES + 1} more changes"]
        return told


def plain(element: Element) -> str:
    """The line without ref, focus and scroll position."""
    return _without_passing(element).line(refs=False)


def changes(before: Observation, after: Observation) -> Changes:
    """Compare two observations.

    Equal lines are the same line. Of the rest, lines of the same live element, or of the same
    role and name on the same page, changed; the others came or went.
    """
    if [plain(e) for e in before.elements] == [plain(e) for e in after.elements]:
        return Changes()
    went = _unmatched(before.elements, after.elements)
    came = _unmatched(after.elements, before.elements)
    if not went and not came:
        return Changes(reordered=True)
    other: list[tuple[Element, Element]] = []
    if same_document(before, after):
        for old in list(went):
            new = _successor(old, came)
            if new is not None:
                other.append((old, new))
                went.remove(old)
                came.remove(new)
    return Changes(came=came, went=went, other=other)


def find_again(element: Element, before: Observation, after: Observation) -> Element | None:
    """The same element in a later observation: by its live ref, else by role, name, context."""
    lines = [e for e in after.elements if e.role == element.role]
    if same_document(before, after) and element.target:
        live = [e for e in lines if e.target == element.target]
        if live:
            return live[0]
    named = [e for e in lines if e.name == element.name]
    if len(named) > 1:
        named = [e for e in named if e.context == element.context]
    return named[0] if len(named) == 1 else None


def same_document(before: Observation, after: Observation) -> bool:
    """Whether both look at the same address in the same tab, wherever it is scrolled to."""
    return before.tab == after.tab and address(before.url) == address(after.url)


def address(url: str) -> str:
    """The address without its fragment."""
    return url.partition("#")[0]


def _unmatched(these: Sequence[Element], those: Sequence[Element]) -> list[Element]:
    """What of these lines has no equal among those; of several equal ones the last."""
    left = Counter(plain(e) for e in those)
    rest = []
    for element in these:
        line = plain(element)
        left[line] -= 1
        if left[line] < 0:
            rest.append(element)
    return rest


def _successor(old: Element, came: Sequence[Element]) -> Element | None:
    same = [e for e in came if e.role == old.role]
    live = [e for e in same if old.target and e.target == old.target]
    named = [e for e in same if old.name and e.name == old.name and e.context == old.context]
    return next(iter([*live, *named]), None)


def _without_passing(element: Element) -> Element:
    kept = tuple(state for state in element.states if state not in PASSING)
    return element if kept == element.states else element.model_copy(update={"states": kept})
