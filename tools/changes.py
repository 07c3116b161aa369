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

    Equal lines are the same line. Of the rest, lines of the same live element, of the same role
    and name, or of the same role behind the same line, changed; the others came or went.
    """
    old, new = _lines(before), _lines(after)
    if old == new:
        return Changes()
    went = _unmatched(before.elements, old, new)
    came = _unmatched(after.elements, new, old)
    if not went and not came:
        return Changes(reordered=True)
    if not same_document(before, after):
        return Changes(came=list(came.values()), went=list(went.values()))
    other: list[tuple[Element, Element]] = []
    successors = [_keys(e, new[at - 1] if at else "") for at, e in came.items()]
    for rank in range(3):
        index = {keys[rank]: at for keys, at in zip(successors, came, strict=True) if keys[rank]}
        for at, element in list(went.items()):
            key = _keys(element, old[at - 1] if at else "")[rank]
            found = index.pop(key, None) if key else None
            if found is not None:
                other.append((went.pop(at), came.pop(found)))
        successors = [_keys(e, new[at - 1] if at else "") for at, e in came.items()]
    return Changes(came=list(came.values()), went=list(went.values()), other=other)


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


def _lines(observation: Observation) -> list[str]:
    return [plain(element) for element in observation.elements]


def _unmatched(
    elements: Sequence[Element], lines: Sequence[str], others: Sequence[str]
) -> dict[int, Element]:
    """What of these lines has no equal among the others, by place; of several equal the last."""
    left = Counter(others)
    rest = {}
    for at, line in enumerate(lines):
        left[line] -= 1
        if left[line] < 0:
            rest[at] = elements[at]
    return rest


def _keys(element: Element, behind: str) -> tuple[tuple[str, ...], ...]:
    """What makes two lines the same one, the surest first; an empty key matches nothing."""
    role = element.role
    return (
        (role, element.target) if element.target else (),
        (role, element.name, element.context) if element.name else (),
        (role, behind),
    )


def _without_passing(element: Element) -> Element:
    kept = tuple(state for state in element.states if state not in PASSING)
    return element if kept == element.states else element.model_copy(update={"states": kept})
