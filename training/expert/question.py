"""A question of the loop, read back from the words of its prompt (agent/prompts/)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from agent.answers import Strategy
from tools.causes import Cause
from tools.observation import Element, Observation, Option

_STATES = frozenset(
    "checked mixed disabled expanded collapsed required invalid focused readonly selected pressed "
    "below above current".split()
)
_LINE = re.compile(r"(?P<new>\*?)(?P<indent> *)(?P<role>[a-z]+)(?P<name>.*?) ?\[(?P<ref>e\d+)\]")
_TAIL = re.compile(r"(?: \((?P<states>[a-z, ]+)\))?(?P<rest>.*)", re.DOTALL)
_LISTED = re.compile(r"(?:: (?P<value>.*?))?(?: \((?P<options>.*)\))?")
_FAILED = re.compile(
    rf"Failed: (?P<said>.*?): (?P<cause>{'|'.join(c.value for c in Cause)})(?:, (?P<evidence>.*))?"
)
_STRATEGIES = "|".join(Strategy)
_LISTS = ("combobox", "listbox")


@dataclass(frozen=True)
class Question:
    """What is asked, about which page, and what has been done so far.

    `step` is the step in hand in words, "" where the whole plan is asked for; `reflected` is the
    strategy that a reflection on the last failure chose; `dialog` is an open box of the browser.
    """

    kind: str
    task: str
    plan: Sequence[str] = ()
    step: str = ""
    history: Sequence[str] = ()
    page: Sequence[Element] = ()
    cause: Cause | None = None
    evidence: str = ""
    reflected: str = ""
    dialog: str = ""

    @cached_property
    def observation(self) -> Observation:
        """The page as the observation that it was written from, as far as the prompt tells."""
        return Observation(url="", elements=list(self.page), shown=[e.ref for e in self.page])

    def clicked(self, name: str) -> bool:
        """Whether the history has a click on something of this name."""
        clicks = (re.match(r"\d+\. click \w+ (.*?): ", line) for line in self.history)
        return any(click is not None and click[1] == name for click in clicks)


def read_question(prompt: str) -> Question:
    """The question that this user prompt asks."""
    before, _, rest = prompt.partition("<page>\n")
    shown, _, asked = rest.partition("\n</page>") if rest else ("", "", before)
    lines = before.splitlines()
    failed = _FAILED.search(prompt)
    step = re.search(r"^Step \d+: (.*)$", asked, re.MULTILINE)
    reflected = re.search(rf"^Reflection: .*? ({_STRATEGIES}): ", asked, re.MULTILINE)
    dialog = re.search(r"^Dialog open: (.*)$", before, re.MULTILINE)
    return Question(
        kind=_kind(asked),
        task=lines[0].removeprefix("Task: ") if lines else "",
        plan=[m[1] for m in map(re.compile(r"\d+\. (.*)").fullmatch, _under("Plan:", lines)) if m],
        step=step[1] if step else "",
        history=_under("History:", lines),
        page=[element for line in shown.splitlines() if (element := _element(line))],
        cause=Cause(failed["cause"]) if failed else None,
        evidence=(failed["evidence"] or "") if failed else "",
        reflected=reflected[1] if reflected else "",
        dialog=dialog[1] if dialog else "",
    )


def _kind(asked: str) -> str:
    for words, kind in (
        ("What went wrong?", "reflect"),
        ("Is the task done?", "finish"),
        ("List the steps that remain.", "replan"),
        ("List the steps.", "plan"),
    ):
        if words in asked:
            return kind
    return "decide"


def _under(head: str, lines: Sequence[str]) -> list[str]:
    """The numbered lines under this one."""
    if head not in lines:
        return []
    found = []
    for line in lines[lines.index(head) + 1 :]:
        if not re.match(r"\d+\. ", line):
            break
        found.append(line)
    return found


def _element(line: str) -> Element | None:
    """One line of the page; None for one that has no ref."""
    match = _LINE.match(line)
    if match is None:
        return None
    tail = _TAIL.fullmatch(line[match.end() :])
    assert tail is not None, "it matches anything"
    states = tuple((tail["states"] or "").split(", ")) if tail["states"] else ()
    rest = tail["rest"]
    if not _STATES.issuperset(states):
        states, rest = (), line[match.end() :]
    value, options = rest.removeprefix(": "), ""
    if match["role"] in _LISTS and (listed := _LISTED.fullmatch(rest)):
        value, options = listed["value"] or "", listed["options"] or ""
    return Element(
        ref=match["ref"],
        role=match["role"],
        name=match["name"].strip(),
        target=match["ref"],
        value=value or None,
        states=states,
        options=tuple(_option(label) for label in options.split(" | ")) if options else (),
        depth=len(match["indent"]),
        new=bool(match["new"]),
    )


def _option(label: str) -> Option:
    return Option(label=label.removesuffix(" (disabled)"), disabled=label.endswith(" (disabled)"))
