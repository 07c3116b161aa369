"""From a run's state to the words the model reads.

Laid out for prefix caching: the system prompt never changes; in the user prompt task and
plan come first, then the history, which only grows, then the newest page, and what is asked
last. The templates are the files in `agent/prompts/`; an undefined variable is an error.
The training data is rendered by these same functions, so train and use cannot drift apart.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import jinja2
from pydantic import BaseModel

import tools.actions  # noqa: F401  fills the registry that the system prompt lists
from agent.state import Attempt, Reflection, Step
from tools.causes import Verdict
from tools.observation import Observation
from tools.record import REGISTRY

HISTORY_LINES = 20
"""Older attempts are summed up in one line; the newest stay, one line each."""


class Prompt(BaseModel):
    """One question to the model: `system` is the same for every question of its kind."""

    system: str
    user: str


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: (files("agent.prompts") / name).read_text()),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )


def plan_prompt(task: str, observation: Observation | None, lessons: Sequence[str] = ()) -> Prompt:
    """Ask for the steps of a task; with the page if one is open already."""
    return _render("plan", task=task, observation=observation, lessons=list(lessons))


def replan_prompt(
    task: str,
    plan: Sequence[Step],
    attempts: Sequence[Attempt],
    observation: Observation,
    reflection: Reflection,
    lessons: Sequence[str] = (),
) -> Prompt:
    """Ask for the steps that remain, after a reflection chose to plan anew."""
    return _render(
        "replan",
        task=task,
        plan=list(plan),
        history=history(attempts),
        observation=observation,
        reflection=reflection,
        lessons=list(lessons),
    )


def decide_prompt(
    task: str,
    plan: Sequence[Step],
    step: int,
    attempts: Sequence[Attempt],
    observation: Observation,
    reflection: Reflection | None = None,
    lessons: Sequence[str] = (),
    answers: Sequence[str] = (),
) -> Prompt:
    """Ask for the next actions; the step in hand, and a fresh reflection, stand last."""
    return _render(
        "decide",
        task=task,
        plan=list(plan),
        number=step + 1,
        step=plan[step],
        history=history(attempts),
        last=attempts[-1] if attempts and not attempts[-1].verdict.ok else None,
        observation=observation,
        reflection=reflection,
        lessons=list(lessons),
        answers=list(answers),
    )


def reflect_prompt(
    task: str,
    plan: Sequence[Step],
    step: int,
    attempts: Sequence[Attempt],
    observation: Observation,
    answers: Sequence[str] = (),
) -> Prompt:
    """Ask what went wrong with the last attempt, given the earlier ones and the page now."""
    return _render(
        "reflect",
        task=task,
        plan=list(plan),
        number=step + 1,
        step=plan[step],
        history=history(attempts),
        last=attempts[-1],
        observation=observation,
        answers=list(answers),
    )


def finish_prompt(
    task: str, plan: Sequence[Step], attempts: Sequence[Attempt], observation: Observation
) -> Prompt:
    """Ask whether the page shows that the task is done."""
    return _render(
        "finish",
        task=task,
        plan=list(plan),
        history=history(attempts),
        observation=observation,
    )


def extract_prompt(task: str, instruction: str, fields: str, text: str) -> Prompt:
    """Ask for JSON by a schema (`fields`) from a page's text, which the caller has cleaned."""
    return _render("extract", task=task, instruction=instruction, fields=fields, text=text)


def follow_up(name: str, **values: str) -> str:
    """What goes with a question: `repair` after an unusable answer; `as_object`, which tells the
    system of endpoints that take a JSON schema what to fill."""
    return _environment().get_template(f"{name}.j2").render(**values)


def history(attempts: Sequence[Attempt]) -> list[str]:
    """The attempts, one line each, the oldest summed up when there are many.

    The cut moves in blocks of `HISTORY_LINES`, so that between cuts the history only grows
    and the endpoint's prefix cache keeps what it has.
    """
    cut = max(0, (len(attempts) - 1) // HISTORY_LINES - 1) * HISTORY_LINES if attempts else 0
    failed = sum(not a.verdict.ok for a in attempts[:cut])
    lines = [f"(actions 1 to {cut} before these; {failed} of them failed)"] if cut else []
    return lines + [attempt_line(a.number, a.said, a.verdict) for a in attempts[cut:]]


def attempt_line(number: int, said: str, verdict: Verdict) -> str:
    """One line of history: the action in words, and its verdict."""
    return f"{number}. {said}: {verdict.line()}"


@cache
def system_prompt(name: str) -> str:
    """What stands before every question of this kind: `plan`, `decide`, … as the functions here."""
    tools = [(t.name, t.description, _fields(t.args)) for t in REGISTRY.values()]
    return _environment().get_template("system.j2").render(purpose=name, tools=tools)


def _fields(args: type[BaseModel]) -> list[tuple[str, str, bool]]:
    return [
        (name, field.description or "", field.is_required())
        for name, field in args.model_fields.items()
        if name != "action"
    ]


def _render(name: str, **values: object) -> Prompt:
    user = _environment().get_template(f"{name}.j2").render(**values)
    return Prompt(system=system_prompt(name), user=user)
