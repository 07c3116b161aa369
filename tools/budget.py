"""The part of a page that fits the model's budget: what matters stays, the rest is counted."""

import re
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from typing import NamedTuple

from tools.observation import Element

_WORD = re.compile(r"\w+")
_SMALL = frozenset(
    "the and for with into from that this then its your you are was not to of in on at is it be "
    "by or as an my me we us if no so do".split()
)
_LOUD = frozenset("alert alertdialog dialog status".split())
LONGEST_TOKEN = 20
"""Characters a token has at most on average; a page longer than that is not even counted."""
MANY_OPTIONS = 8
"""So many options of a list are written out at most on a page that does not fit."""
COMMON = 10
"""A word of the focus in more lines than this, and in a twentieth of all, tells nothing."""
_SUMMARY = "… 9999 more: 9999 menuitemcheckboxes, 9999 spinbuttons, 9999 texts (look to see them)"


class Fitted(NamedTuple):
    """A page within its budget: its text and that text's tokens, all elements numbered, and
    the refs that stand in the text."""

    text: str
    elements: list[Element]
    shown: list[str]
    tokens: int


def fit(
    elements: Sequence[Element], budget: int, count: Callable[[str], int], focus: str = ""
) -> Fitted:
    """The page's text within `budget` tokens as `count` counts them.

    What bears on the words of `focus` is kept first, with what it stands in; then dialogs,
    alerts and headings, what is new, and what is in view. Each run of lines left out becomes
    one line that says what is in it. Nothing is returned that is longer than the budget.
    """
    rows = [_Row(element) for element in elements]
    chosen = list(range(len(rows)))
    tokens = budget + 1
    if sum(len(row.head) for row in rows) <= budget * LONGEST_TOKEN:
        text = _text(rows, chosen)
        tokens = count(text)
    if tokens > budget:
        wanted = _wanted(focus)
        for row in rows:
            row.shorten(wanted)
        chosen = _choose(rows, budget, count, wanted)
        text = _text(rows, chosen)
        tokens = count(text)
    while tokens > budget and chosen:
        del chosen[len(chosen) - max(1, len(chosen) // 50) :]
        text = _text(rows, chosen)
        tokens = count(text)
    if tokens > budget:
        return Fitted("", _number(elements, []), [], 0)
    numbered = _number(elements, sorted(chosen))
    return Fitted(text, numbered, [numbered[at].ref for at in sorted(chosen)], tokens)


class _Row:
    """A line in the two parts between which its ref stands."""

    __slots__ = ("element", "head", "tail")

    def __init__(self, element: Element) -> None:
        head = element.head()
        gap = "" if head != element.role else " "
        self.element = element
        self.head = f"{'*' if element.new else ''}{' ' * element.depth}{head}{gap}[e"
        self.tail = f"]{element.tail()}"

    def shorten(self, wanted: set[str]) -> None:
        """Write out few of many options: the chosen ones, those asked for, the first ones."""
        options = self.element.options
        if len(options) <= MANY_OPTIONS:
            return
        asked = [o for o in options if o.selected or not _in(o.label).isdisjoint(wanted)]
        first = [option for option in options if option not in asked]
        kept = {id(option) for option in (asked + first)[:MANY_OPTIONS]}
        self.tail = f"]{self.element.tail([o for o in options if id(o) in kept])}"


def _number(elements: Sequence[Element], shown: Sequence[int]) -> list[Element]:
    """Number the elements: those at the indexes `shown` first, in page order, then the rest."""
    order = {at: n for n, at in enumerate(shown, start=1)}
    rest = len(order)
    numbered = []
    for at, element in enumerate(elements):
        n = order.get(at, 0)
        if not n:
            rest += 1
            n = rest
        numbered.append(element.model_copy(update={"ref": f"e{n}"}))
    return numbered


def _text(rows: Sequence[_Row], chosen: Sequence[int]) -> str:
    """The chosen lines in page order, numbered, and a summary of each run of others."""
    parts: list[str] = []
    position = 0
    for n, at in enumerate(sorted(chosen), start=1):
        if position < at:
            parts.append(_summary([row.element for row in rows[position:at]]))
        parts.append(f"{rows[at].head}{n}{rows[at].tail}")
        position = at + 1
    if position < len(rows):
        parts.append(_summary([row.element for row in rows[position:]]))
    return "\n".join(parts)


def _choose(
    rows: Sequence[_Row], budget: int, count: Callable[[str], int], wanted: set[str]
) -> list[int]:
    """Indexes of the lines to show, the most important first, parents before their children."""
    elements = [row.element for row in rows]
    parents = _parents(elements)
    scores = _scores(elements, parents, wanted)
    order = sorted(range(len(elements)), key=lambda at: (-scores[at], at))
    chosen: dict[int, None] = {}
    summary = count(_SUMMARY) + 1
    left = budget - summary
    misses = 0
    for at in order:
        path = []
        step = at
        while step >= 0 and step not in chosen:
            path.append(step)
            step = parents[step]
        path.reverse()
        cost = sum(_cost(rows[step], count) for step in path)
        cost += summary * _more_runs(path, chosen, len(elements))
        if cost > left:
            misses += 1
            if misses > 20:
                break
            continue
        left -= cost
        chosen.update(dict.fromkeys(path))
    return [*chosen, *_small_gaps(rows, chosen, summary, count)]


def _small_gaps(
    rows: Sequence[_Row], chosen: Container[int], summary: int, count: Callable[[str], int]
) -> Iterator[int]:
    """The lines left out where saying so would take more room than they do."""
    run: list[int] = []
    cost = 0
    for at in range(len(rows) + 1):
        if at < len(rows) and at not in chosen:
            run.append(at)
            if cost <= summary:
                cost += _cost(rows[at], count)
            continue
        if cost <= summary:
            yield from run
        run, cost = [], 0


def _cost(row: _Row, count: Callable[[str], int]) -> int:
    return count(f"{row.head}999{row.tail}\n")


def _more_runs(path: Sequence[int], chosen: dict[int, None], length: int) -> int:
    """By how many the runs of left-out lines grow when the lines of `path` are shown."""
    more = 0
    taken: set[int] = set()
    for at in path:
        before = at > 0 and at - 1 not in chosen and at - 1 not in taken
        after = at + 1 < length and at + 1 not in chosen and at + 1 not in taken
        more += before + after - 1
        taken.add(at)
    return more


def _scores(elements: Sequence[Element], parents: Sequence[int], wanted: set[str]) -> list[float]:
    words = [_words(e) & wanted if wanted else set() for e in elements]
    spread = Counter(word for found in words for word in found)
    common = max(COMMON, len(elements) // 20)
    scores: list[float] = []
    for at, element in enumerate(elements):
        own = sum(10 / (1 + spread[word] / 10) for word in words[at] if spread[word] <= common)
        parent = parents[at]
        inherited = 0.6 * scores[parent] if parent >= 0 else 0.0
        scores.append(max(own + _weight(element), inherited + _weight(element) / 10))
    return scores


def _wanted(focus: str) -> set[str]:
    """The words of the task and step that may stand on the page."""
    return {w for w in _in(focus) if w not in _SMALL and (len(w) > 1 or w.isdigit())}


def _words(element: Element) -> set[str]:
    options = " ".join(option.label for option in element.options)
    return _in(f"{element.name} {element.value or ''} {element.context} {options}")


def _in(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def _weight(element: Element) -> float:
    """What a line is worth without regard to the task."""
    weight = 0.0
    if element.role in _LOUD:
        weight += 8
    elif element.role == "heading":
        weight += 2
    elif element.interactive:
        weight += 1.5 if element.role not in ("link", "option") else 1
    if "focused" in element.states or "invalid" in element.states:
        weight += 4
    if element.new:
        weight += 3
    if "above" not in element.states and "below" not in element.states:
        weight += 2
    return weight


def _summary(run: Sequence[Element]) -> str:
    kinds = Counter(element.role for element in run).most_common(3)
    what = ", ".join(_plural(role, n) for role, n in kinds)
    return f"{' ' * run[0].depth}… {len(run)} more: {what} (look to see them)"


def _plural(role: str, n: int) -> str:
    if n == 1:
        return f"1 {role}"
    return f"{n} {role}{'es' if role.endswith(('x', 's', 'ch')) else 's'}"


def _parents(elements: Sequence[Element]) -> list[int]:
    parents: list[int] = []
    path: list[int] = []
    for at, element in enumerate(elements):
        while path and elements[path[-1]].depth >= element.depth:
            path.pop()
        parents.append(path[-1] if path else -1)
        path.append(at)
    return parents
