"""A run that succeeded, as a workflow that does the same without a model.

Its steps are the actions that led to success; values that came from the task are inputs; what
must be true after a step is what was verified after it in the run.
"""

import re
from typing import Any

from agent.settings import RunSettings
from agent.state import Attempt, RunState, Target
from tasks.workflow.conditions import AtUrl, Checked, Condition, HasText, Hidden, Visible
from tasks.workflow.detours import Kept, lost, what_led_there
from tasks.workflow.exact import ExactStep
from tasks.workflow.extract import Asked, Extract, Wanted
from tasks.workflow.lists import with_lists
from tasks.workflow.locator import LocatorExpression, Part
from tasks.workflow.notation import LocatorError, parse_locator
from tasks.workflow.place import page_content
from tasks.workflow.problems import RecordingError
from tasks.workflow.recording import (
    IN_WORDS,
    Recording,
    address_pattern,
    steadied,
    templated,
    with_inputs,
)
from tasks.workflow.schema import Output
from tasks.workflow.step import Step
from tasks.workflow.steps import Do
from tasks.workflow.task_values import TaskWords
from tools.actions.form import Fill, Select, Type
from tools.actions.navigate import Navigate
from tools.dispatch import parse_action
from tools.observation import Element
from tools.record import Action
from tools.roles import CHECKS

_SECRET = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_NAMED = frozenset({"heading", "link", "button", "tab", "dialog", "alertdialog"})
"""Roles whose name is what their line shows."""
_TOLD = frozenset({"alert", "status", "log", "text", "paragraph", "listitem"})
"""Roles of which the line shows what they say."""


def from_run(state: RunState, settings: RunSettings) -> Recording:
    """The workflow of a task's run that is done. Raises RecordingError for any other run."""
    outcome = state.outcome
    if outcome is None or outcome.status != "done":
        status = outcome.status.replace("_", " ") if outcome else "not begun"
        raise RecordingError(
            f"The run {state.run} is not done ({status}): only one that is can become a workflow."
        )
    if settings.workflow is not None:
        raise RecordingError(
            f"The run {state.run} carried out {settings.workflow.file}: that is its workflow."
        )
    return _Converter(state, settings).convert()


class _Converter:
    """Turns one run into a recording: first its inputs, then the steps that use them."""

    def __init__(self, state: RunState, settings: RunSettings) -> None:
        self._state = state
        self._task = TaskWords(state.task, *state.answers)
        self._made = Recording(
            title="", url=state.start_url, sites=[*settings.allow, *state.granted]
        )
        self._typed: dict[int, str] = {}
        """What stands for a typed text, by the number of its attempt."""

    def convert(self) -> Recording:
        kept = what_led_there(self._state.attempts)
        if kept and not self._made.url and (url := kept[0].attempt.action.get("url")):
            self._made.url, kept = url, kept[1:]
        for one in kept:
            self._find_inputs(one.attempt)
        self._values = self._made.values
        self._made.title = self._in_words(self._state.task)
        for number, one in enumerate(kept):
            after = kept[number + 1].attempt.url if number + 1 < len(kept) else self._last_url()
            self._made.steps.append(self._step(one, after))
        if self._made.steps:
            self._made.steps[-1] = self._with_proof(self._made.steps[-1])
        for attempt in lost(self._state.attempts, kept):
            self._made.notes.append(
                f"left out: “{attempt.said}” failed in the run ({attempt.verdict.line()}), "
                "though it did reach the site"
            )
        return with_lists(self._made)

    def _last_url(self) -> str:
        return self._state.observation.url if self._state.observation else ""

    def _find_inputs(self, attempt: Attempt) -> None:
        """Make inputs of the values of one attempt that came from the task."""
        action, target = parse_action(attempt.action), attempt.target
        role, name = (target.role, target.name) if target else ("", "")
        text = _text(action)
        if text is None:
            if value := self._task.part_of(name):
                label = self._group(attempt) or self._task.label(value) or role
                self._made.input(label, value)
        elif _SECRET.search(text):
            for secret in _SECRET.findall(text):
                self._made.secret(secret)
            self._typed[attempt.number] = _SECRET.sub(r"{{\1}}", text)
        elif self._given(attempt, text):
            label = name or self._task.label(text) or role
            if self._made.looks_secret(label, text):
                self._typed[attempt.number] = self._made.withheld(label, text, role)
                self._made.notes.append(
                    f"what was typed into {label} is not kept: its input has no default"
                )
            else:
                self._typed[attempt.number] = self._made.input(label, text, role)

    def _group(self, attempt: Attempt) -> str:
        """The name of the group that a box or radio button stands in, if a verdict tells."""
        target = attempt.target
        if target is None or target.role not in CHECKS:
            return ""
        for earlier in self._state.attempts[: attempt.number]:
            group = ""
            for line in earlier.verdict.changed:
                sign, _, said = line.partition(" ")
                role, _, name = said.partition(" ")
                if sign == "+" and role in ("group", "radiogroup"):
                    group = name
                elif group and said.startswith(f"{target.role} {target.name}"):
                    return group
        return ""

    def _given(self, attempt: Attempt, text: str) -> bool:
        """Whether a value is the task's, or stands where one of the task's was tried before."""
        same_field = [
            earlier.action.get("text") or earlier.action.get("option") or ""
            for earlier in self._state.attempts
            if earlier.target == attempt.target and earlier.number < attempt.number
        ]
        return any(map(self._task.hold, [text, *same_field]))

    def _step(self, one: Kept, after: str) -> Step:
        attempt = one.attempt
        action = parse_action(attempt.action)
        name = self._name(attempt)
        if action.action == "extract":
            return self._extract(attempt, name)
        locators = self._locators(attempt, action)
        if locators is None:
            self._made.notes.append(
                f"“{attempt.said}” stays a sentence for the model: the run found no lasting way to "
                "name its element"
            )
            return Do(name=name, do=self._sentence(attempt, action))
        keys: dict[str, Any] = {"name": name, "expect": self._expected(attempt, locators, after)}
        if one.in_the_way and (seen := _way_in(one, locators)):
            keys = {
                "name": f"Put out of the way: {one.in_the_way}",
                "when": [Visible(visible=seen)],
                "expect": [Hidden(hidden=seen)],
            }
        return ExactStep.of(self._with_value(attempt, action), locators, **keys)

    def _name(self, attempt: Attempt) -> str:
        """What the step is for: the plan's step, with inputs in the place of values."""
        plan = self._state.plan
        return self._in_words(plan[attempt.step].do) if attempt.step < len(plan) else ""

    def _in_words(self, text: str) -> str:
        return _SECRET.sub(r"[\1]", templated(text, self._values, IN_WORDS))

    def _locators(self, attempt: Attempt, action: Action) -> dict[str, LocatorExpression] | None:
        """What stands for the action's refs; None if one of them has no locator."""
        refs = [n for n in ("ref", "to") if getattr(action, n, None)]
        if not refs:
            return {}
        if refs != ["ref"] or not attempt.locator:
            return None  # of two elements only the first one's locator was kept
        try:
            locator = parse_locator(attempt.locator)
        except LocatorError:
            return None
        if attempt.target:
            locator = steadied(locator, attempt.target.role, attempt.target.name)
        return {"ref": with_inputs(locator, self._values)}

    def _sentence(self, attempt: Attempt, action: Action) -> str:
        """The action in words for the model; what they quote of the page is marked as that."""
        target = attempt.target or Target(role="")
        plain = Element(role=target.role, name=target.name, context=target.context)
        quoted = plain.model_copy(
            update={"name": self._quoted(plain.name), "context": self._quoted(plain.context)}
        )
        known = self._with_value(attempt, action)
        if isinstance(known, Select) and attempt.number not in self._typed:
            known = known.model_copy(update={"option": self._quoted(known.option)})
        more = attempt.said.removeprefix(action.said(plain)).strip()
        return f"{known.said(quoted)} {self._quoted(more)}".strip()

    def _quoted(self, text: str) -> str:
        """Words of the page as a model may read them, with inputs in the place of values."""
        return page_content(templated(_harmless(text), self._values)) if text else ""

    def _with_value(self, attempt: Attempt, action: Action) -> Action:
        typed = self._typed.get(attempt.number, "")
        if isinstance(action, Fill | Type):
            return action.model_copy(update={"text": typed or action.text})
        if isinstance(action, Select):
            return action.model_copy(update={"option": typed or action.option})
        if isinstance(action, Navigate):
            return action.model_copy(update={"url": templated(action.url, self._values)})
        return action

    def _extract(self, attempt: Attempt, name: str) -> Extract:
        """The model collects again what it collected in the run."""
        fields, many = _fields(attempt.action["fields"])
        number = sum(isinstance(step, Extract) for step in self._made.steps)
        into = "data" if not number else f"data_{number + 1}"
        self._made.outputs[into] = Output()
        asked = Asked(
            do=templated(_harmless(attempt.action["instruction"]), self._values),
            fields=fields,
            many=many,
        )
        return Extract.model_validate({"name": name, "extract": asked, "as": into})

    def _expected(
        self, attempt: Attempt, locators: dict[str, LocatorExpression], after: str
    ) -> list[Condition]:
        """What was verified, where the step's own verdict would not tell it."""
        arrived = address_pattern(after, self._values.values()) if after else ""
        if arrived and not AtUrl.matches(arrived, attempt.url):
            return [AtUrl(url=arrived)]
        target = attempt.target
        if target and target.role in CHECKS and attempt.action["action"] == "click":
            on = f"~ {target.role} {target.name} (checked)" in attempt.verdict.changed
            return [Checked(checked=locators["ref"])] if on else []
        return [c for line in attempt.verdict.evidence.split("; ") if (c := self._shown(line))][:1]

    def _with_proof(self, step: Step) -> Step:
        """The last step, which must also show what the run ended with."""
        assert self._state.outcome is not None
        cited = [c for line in self._state.outcome.evidence if (c := self._shown(line))]
        more = [c for c in cited if c not in step.expect]
        return step.model_copy(update={"expect": [*step.expect, *more]})

    def _shown(self, line: str) -> Condition | None:
        """The condition that a line of the page stands there; None for what changes every time."""
        role, _, said = line.removeprefix("+ ").partition(" ")
        if role in _NAMED:
            said = re.sub(r" \([^()]*\)$", "", said)  # states, or what tells it from its twins
        said = templated(_harmless(said), self._values)
        if not said or line.startswith(("~ ", "- ")) or re.search(r"\d", _SECRET.sub("", said)):
            return None
        if role in _NAMED:
            return Visible(visible=_by_role(role, said))
        return HasText(text=said) if role in _TOLD else None


def _text(action: Action) -> str | None:
    """What an action puts into a field; None if it puts nothing."""
    if isinstance(action, Fill | Type):
        return action.text
    return action.option if isinstance(action, Select) else None


def _way_in(one: Kept, locators: dict[str, LocatorExpression]) -> LocatorExpression | None:
    """The element by which one sees whether something is in the way."""
    if "ref" in locators:
        return locators["ref"]
    role, _, name = one.in_the_way.partition(" ")
    return _by_role(role, name) if role in ("dialog", "alertdialog") else None


def _by_role(role: str, name: str) -> LocatorExpression:
    named = (("name", name),) if name else ()
    return LocatorExpression((Part("get_by_role", (("role", role), *named)),))


def _harmless(text: str) -> str:
    """Words of the page, in which nothing may be filled."""
    return text.replace("{{", "{ {").replace("{%", "{ %")


def _fields(schema: dict[str, Any]) -> tuple[dict[str, Wanted], bool]:
    """The fields of the JSON Schema that the model made for itself, and whether of many records."""
    kinds = {"number": "number", "integer": "number", "boolean": "yes_no"}
    many = schema.get("type") == "array" or "items" in schema
    inner = schema.get("items", schema)
    properties = inner.get("properties", inner) if isinstance(inner, dict) else {}
    found: dict[str, Wanted] = {}
    for label, given in properties.items():
        kind = given.get("type") if isinstance(given, dict) else given
        name = re.sub(r"\W", "_", str(label), flags=re.ASCII) or "value"
        name = f"_{name}" if name[0].isdigit() else name
        found[name] = Wanted.model_validate({"type": kinds.get(str(kind), "text")})
    return found or {"value": Wanted()}, many
