"""The part of a page that fits the model's budget: what matters stays, the rest is counted."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tools.observation import Element, render

_WORD = re.compile(r"\w+")
_SMALL = frozenset("the and for with into from that this then its your you are was not".split())
_LOUD = frozenset("alert alertdialog dialog status".split())
_SUMMARY = "… 9999 more: 9999 menuitemcheckboxes, 9999 spinbuttons, 9999 texts (look to see them)"


class Fitted(NamedTuple):
    """A page within its budget: its text and that text's tokens, all elements numbered, and
    the refs that stand in the text."""

    text: str
    elements: list[Element]
    shown: list[str]
    tokens: int


def number(elements: Sequence[Element], shown: Sequence[int]) -> list[Element]:
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


def fit(
    elements: Sequence[Element], budget: int, count: Callable[[str], int], focus: str = ""
) -> Fitted:
    """The page's text within `budget` tokens as `count` counts them.

    What bears on the words of `focus` is kept first, with what it stands in; then dialogs,
    alerts and headings, what is new, and what is in view. Each run of lines left out becomes
    one line that says what is in it. Nothing is returned that is longer than the budget.
    """
    everything = number(elements, range(len(elements)))
    text = render(everything)
    if (tokens := count(text)) <= budget:
        return Fitted(text, everything, [e.ref for e in everything], tokens)
    chosen = _choose(elements, budget, count, focus)
    while True:
        flags = set(chosen)
        shown = [at for at in range(len(elements)) if at in flags]
        numbered = number(elements, shown)
        text = _render(numbered, flags)
        if (tokens := count(text)) <= budget:
            return Fitted(text, numbered, [numbered[at].ref for at in shown], tokens)
        if not chosen:
            return Fitted("", numbered, [], 0)
        del chosen[len(chosen) - max(1, len(chosen) // 50) :]


def _choose(
    elements: Sequence[Element], budget: int, count: Callable[[str], int], focus: str
) -> list[int]:
    """Indexes of the lines to show, the most important first, parents before their children."""
    parents = _parents(elements)
    scores = _scores(elements, parents, focus)
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
        cost = sum(_cost(elements[step], count) for step in path)
        cost += summary * _more_runs(path, chosen, len(elements))
        if cost > left:
            misses += 1
            if misses > 20:
                break
            continue
        left -= cost
        chosen.update(dict.fromkeys(path))
    return list(chosen)


def _cost(element: Element, count: Callable[[str], int]) -> int:
    line = element.model_copy(update={"ref": "e999"}).line()
    return count(" " * element.depth + ("*" if element.new else "") + line + "\n")


def _more_runs(path: Sequence[int], chosen: dict[int, None], length: int) -> int:
    """By how many the runs of left-out lines grow when the lines of `path` are shown."""
    more = 0
    taken = set(path)
    for at in path:
        before = at > 0 and at - 1 not in chosen and at - 1 not in taken
        after = at + 1 < length and at + 1 not in chosen and at + 1 not in taken
        more += (before + after) - 1 if before or after else -1
    return more


def _scores(elements: Sequence[Element], parents: Sequence[int], focus: str) -> list[float]:
    wanted = {w for w in _WORD.findall(focus.lower()) if len(w) > 2 and w not in _SMALL}
    words = [_words(e) & wanted for e in elements]
    spread = Counter(word for found in words for word in found)
    scores: list[float] = []
    for at, element in enumerate(elements):
        own = sum(10 / (1 + spread[word] / 10) for word in words[at])
        parent = parents[at]
        inherited = 0.6 * scores[parent] if parent >= 0 else 0.0
        scores.append(max(own + _weight(element), inherited + _weight(element) / 10))
    return scores


def _words(element: Element) -> set[str]:
    options = " ".join(option.label for option in element.options)
    text = f"{element.name} {element.value or ''} {element.context} {options}"
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


def _render(numbered: Sequence[Element], shown: set[int]) -> str:
    parts: list[str] = []
    run: list[Element] = []
    for at, element in enumerate(numbered):
        if at not in shown:
            run.append(element)
            continue
        if run:
            parts.append(_summary(run))
            run = []
        parts.append(render([element]))
    if run:
        parts.append(_summary(run))
    return "\n".join(parts)


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
