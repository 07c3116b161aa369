"""A decision of the expert, and the rules that make them: by the words of the step in hand."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from agent.answers import Strategy
from tools.observation import Element
from training import teacher
from training.expert.question import Question

CLICKED = ("button", "link", "clickable", "menuitem", "option", "img", "tab")
FIELDS = ("textbox", "spinbutton", "searchbox", "combobox")


@dataclass(frozen=True)
class Decision:
    """An action for a step: on which element, with which fields, and why.

    `why` stands between the step and the element in the thinking.
    """

    action: str
    element: Element | None = None
    fields: Sequence[tuple[str, Any]] = ()
    why: str = ""
    completes: bool = True
    after: str = ""

    @property
    def text(self) -> str:
        """What is filled in or chosen, "" for a click."""
        return next((str(v) for k, v in self.fields if k in ("text", "option", "key")), "")

    def answer(self, step: str) -> str:
        """The decision as the model is to write it."""
        if self.element is None:
            return self._written(f"{step}{self.after}")
        return self._written(f"{step}: {self.why}{teacher.quote(self.element)}{self.after}")

    def advised(self, strategy: Strategy) -> str:
        """The same as what a reflection advised."""
        assert self.element is not None, "what failed was done to something"
        lead = "First" if strategy is Strategy.DO_SOMETHING_FIRST else "Another way"
        return self._written(f"{lead}: {teacher.quote(self.element)}")

    def _written(self, thinking: str) -> str:
        made: dict[str, Any] = {"action": self.action}
        if self.element is not None:
            made["ref"] = f"[{self.element.ref}]"
        return teacher.decided(thinking, made | dict(self.fields), completes=self.completes)


Rule = Callable[[re.Match[str], Question], Decision | None]

_RULES: list[tuple[re.Pattern[str], Rule]] = []


def step(pattern: str) -> Callable[[Rule], Rule]:
    """A rule for steps in these words. Those that are loaded first are asked first."""

    def keep(rule: Rule) -> Rule:
        _RULES.append((re.compile(pattern), rule))
        return rule

    return keep


def decision(question: Question) -> Decision | None:
    """What the first rule that fits says; None where no rule knows."""
    for pattern, rule in _RULES:
        if (match := pattern.fullmatch(question.step)) and (made := rule(match, question)):
            return made
    return None


def named(page: Iterable[Element], name: str, roles: Sequence[str]) -> Element | None:
    """The element of this name: as it is written before in other letters, buttons before links."""
    found = [e for e in page if e.role in roles and e.name.lower() == name.lower()]
    return min(found, key=lambda e: (e.name != name, roles.index(e.role)), default=None)


def first(page: Iterable[Element], *roles: str) -> Element | None:
    """The first element of these roles."""
    return next((e for e in page if e.role in roles), None)


def click(element: Element | None, why: str = "", *, completes: bool = True) -> Decision | None:
    """A click, if there is something to click."""
    return Decision("click", element, why=why, completes=completes) if element else None


def filled(element: Element | None, text: str, why: str = "") -> Decision | None:
    """A field filled in, or ticked if it holds the text already."""
    if element is None:
        return None
    if element.value == text and not why:
        return Decision("tick", element, after=", already so")
    return Decision("fill", element, (("text", text),), why)


def told_of(element: Element) -> str:
    """A line that a value is taken from, or only its ref where that is long."""
    return teacher.quote(element) if len(element.line()) < 60 else f"[{element.ref}]"
