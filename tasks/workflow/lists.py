"""Boxes that a run ticked one after the other, as one loop over a list.

Whoever chose two toppings wants three another time, or none: where neighbouring steps differ only
in the input that names their box, these inputs are one list, and the steps one loop.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

from tasks.workflow.exact import ExactStep
from tasks.workflow.inputs import ListInput
from tasks.workflow.recording import IN_WORDS, TEMPLATE, Recording, texts_changed
from tasks.workflow.step import Step
from tasks.workflow.steps import ForEach
from tasks.workflow.templates import mentions
from tasks.workflow.write import data_of

_BOXES = frozenset({"checkbox", "switch", "menuitemcheckbox"})
"""Roles of which several may be on at once."""


def with_lists(made: Recording) -> Recording:
    """The recording with a loop over a list wherever neighbouring boxes have inputs."""
    at = 0
    for _, group in groupby(made.steps, key=_alike):
        steps = list(group)
        names = [name for step in steps if (name := _named_by(step))]
        others = [*made.steps[:at], *made.steps[at + len(steps) :]]
        if len(set(names)) > 1 and not _mention(names, others, made.url):
            return with_lists(_as_loop(made, at, names))
        at += len(steps)
    return made


def _as_loop(made: Recording, at: int, names: Sequence[str]) -> Recording:
    """The recording with its steps from `at` on, one for each of these inputs, as one loop.

    The list has the first input's name.
    """
    name, steps = names[0], made.steps[at : at + len(names)]
    values = [made.inputs[one].default_text for one in dict.fromkeys(names)]
    inputs = {n: i for n, i in made.inputs.items() if n == name or n not in names}
    entry = name[:-1] if name.endswith("s") and len(name) > 1 else f"one_{name}"
    while entry in inputs or entry in made.secrets:
        entry += "_"
    inner = [_naming(step, one, entry) for step, one in zip(steps, names, strict=True)]
    alike = all(step.name == inner[0].name for step in inner)
    done = inner[0] if alike else inner[0].model_copy(update={"name": ""})
    loop = ForEach(for_each={entry: TEMPLATE.format(name)}, steps=[done])
    told = partial(_told_once, names)
    kept = [*made.steps[:at], loop, *made.steps[at + len(steps) :]]
    return replace(
        made,
        title=told(made.title),
        steps=[texts_changed(step, lambda text: text, told) for step in kept],
        inputs={**inputs, name: ListInput(default=values)},
    )


def _alike(step: Step) -> object:
    """What neighbours have in common that differ only in the input that names their box."""
    name = _named_by(step)
    return data_of(_naming(step, name, "")) | {"name": ""} if name else None


def _named_by(step: Step) -> str | None:
    """The input by which the box of a step is named; None if it is no such step."""
    if not isinstance(step, ExactStep) or step.tool not in ("check", "click") or step.when:
        return None
    last = step.locators["ref"].parts[-1]
    if dict(last.arguments).get("role") not in _BOXES:
        return None
    found = [mention.name for text in step.locators["ref"].texts() for mention in mentions(text)]
    return found[0] if len(found) == 1 else None


def _naming(step: Step, old: str, new: str) -> Step:
    """The step with another name in the place of one."""

    def put(form: str, text: str) -> str:
        return text.replace(form.format(old), form.format(new))

    changed: Step = texts_changed(step, partial(put, TEMPLATE), partial(put, IN_WORDS))
    return changed


def _mention(names: Sequence[str], steps: Sequence[Step], url: str) -> bool:
    """Whether one of these names stands anywhere in the steps, besides in their words."""
    texts = str([data_of(step.model_copy(update={"name": ""})) for step in steps]) + url
    return any(TEMPLATE.format(name) in texts for name in names)


def _told_once(names: Sequence[str], text: str) -> str:
    """Words for people with the list in the place of its entries: `[a]` for `[a] and [a_2]`."""
    one = rf"\[(?:{'|'.join(names)})\]"
    return re.sub(rf"{one}(?:[\s,;&]+(?:\w+\s+)?{one})*", IN_WORDS.format(names[0]), text)
