"""Names for nameless controls, and what tells controls of one name apart."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from tools.draft import Line, clip

CONTEXT_LENGTH = 40
"""Characters of the words that tell two controls of one name apart."""

_AFTER = frozenset(("checkbox", "radio", "switch"))
_GROUPS = frozenset(
    "listitem row article group radiogroup region form tabpanel dialog alertdialog clickable "
    "iframe list table toolbar menu figure".split()
)


def describe(lines: list[Line]) -> None:
    """Name nameless controls by what stands beside them, drop labels, tell twins apart."""
    _drop_labels(lines)
    _take_item_names(lines)
    _name_by_neighbours(lines)
    _drop_labels(lines)
    _tell_apart(lines)


def _take_item_names(lines: list[Line]) -> None:
    """`listitem Olives` around one nameless checkbox: the checkbox is what is called so."""
    taken: set[int] = set()
    for at in range(1, len(lines)):
        item, line = lines[at - 1], lines[at]
        after = lines[at + 1].depth if at + 1 < len(lines) else 0
        if (
            line.interactive
            and not line.name
            and not line.hint
            and item.role in ("listitem", "row")
            and item.depth == line.depth - 1
            and after <= item.depth
        ):
            line.name, line.depth = item.name, item.depth
            taken.add(at - 1)
    lines[:] = [line for at, line in enumerate(lines) if at not in taken]


def _name_by_neighbours(lines: list[Line]) -> None:
    for at, line in enumerate(lines):
        if not line.interactive or line.name:
            continue
        line.name = line.hint or _name_beside(lines, at) or line.fallback


def _name_beside(lines: list[Line], at: int) -> str:
    """The label-like text directly before a control, for a box to tick first the one after."""
    line = lines[at]
    for side in (at + 1, at - 1) if line.role in _AFTER else (at - 1,):
        if not 0 <= side < len(lines):
            continue
        beside = lines[side]
        if beside.role not in ("text", "heading") or beside.depth != line.depth:
            continue
        label = beside.name.endswith(":") or _on_one_row(beside, line)
        if label or not line.fallback:
            return clip(_label(beside.name), CONTEXT_LENGTH)
    return ""


def _on_one_row(label: Line, line: Line) -> bool:
    """Whether a text stands left of a control; text in the control's own wrapper does."""
    if label.box is None or line.box is None:
        return label.role == "text" and label.box is None
    return label.box[1] < line.box[1] + line.box[3] and line.box[1] < label.box[1] + label.box[3]


def _drop_labels(lines: list[Line]) -> None:
    """Drop texts that only repeat the name of the control or group beside them."""
    names = [_label(line.name) for line in lines]
    lines[:] = [line for at, line in enumerate(lines) if not _repeats(lines, names, at)]


def _repeats(lines: list[Line], names: list[str], at: int) -> bool:
    line = lines[at]
    if line.role not in ("text", "heading"):
        return False
    if not names[at]:
        return True
    if at > 0 and lines[at - 1].depth == line.depth - 1 and names[at - 1] == names[at]:
        return lines[at - 1].role in _GROUPS  # the title of the dialog or group it stands in
    around = [side for side in (at - 1, at + 1) if 0 <= side < len(lines)]
    return line.role == "text" and any(
        lines[side].interactive and names[side] == names[at] for side in around
    )


def _label(text: str) -> str:
    """A label's words without the marks that forms put after them."""
    return text.rstrip(" :*")


def _tell_apart(lines: list[Line]) -> None:
    twins: dict[tuple[str, str], list[int]] = defaultdict(list)
    for at, line in enumerate(lines):
        if line.interactive:
            twins[line.role, line.name].append(at)
    groups = [g for g in twins.values() if len(g) > 1]
    if not groups:
        return
    parents, headings = _parents(lines), _headings(lines)
    sources: list[Callable[[int], Iterator[str]]] = [
        lambda at: iter([lines[at].column]),
        lambda at: _ancestors(lines, parents, at),
        lambda at: iter([lines[headings[at]].name] if headings[at] >= 0 else []),
    ]
    for group in groups:
        for find in sources:
            _add_contexts(lines, group, find)
        _count_off(lines, group)


def _add_contexts(
    lines: list[Line], group: list[int], find: Callable[[int], Iterator[str]]
) -> None:
    """Give each line of a group the first words from `find` that not all of them share."""
    open_lines = [at for at in group if not lines[at].context]
    found = {at: list(find(at)) for at in open_lines}
    shared = Counter(word for words in found.values() for word in dict.fromkeys(words))
    for at, words in found.items():
        for text in words:
            own = _without(text, lines[at].name)
            if own and shared[text] < len(group):
                lines[at].context = clip(own, CONTEXT_LENGTH)
                break


def _count_off(lines: list[Line], group: list[int]) -> None:
    """Number those that are still alike: the second is the 2nd."""
    seen: Counter[str] = Counter()
    for at in group:
        context = lines[at].context
        seen[context] += 1
        if seen[context] > 1:
            ordinal = _ordinal(seen[context])
            lines[at].context = f"{context}, {ordinal}" if context else ordinal


def _without(text: str, name: str) -> str:
    whole = rf"(?<!\w){re.escape(name)}(?!\w)"
    return " ".join(re.sub(whole, " ", text).split()).strip(" |,:;·-") if name else text


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def _parents(lines: list[Line]) -> list[int]:
    """The index of the line that each line is nested in, -1 at the top."""
    parents: list[int] = []
    path: list[int] = []
    for at, line in enumerate(lines):
        while path and lines[path[-1]].depth >= line.depth:
            path.pop()
        parents.append(path[-1] if path else -1)
        path.append(at)
    return parents


def _headings(lines: list[Line]) -> list[int]:
    """The index of the nearest heading before each line, -1 if there is none."""
    headings: list[int] = []
    last = -1
    for at, line in enumerate(lines):
        headings.append(last)
        if line.role == "heading":
            last = at
    return headings


def _ancestors(lines: list[Line], parents: list[int], at: int) -> Iterator[str]:
    at = parents[at]
    while at >= 0:
        if lines[at].role in _GROUPS and lines[at].name:
            yield lines[at].name
        at = parents[at]
