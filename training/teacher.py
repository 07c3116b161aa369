"""What the right answer is, in the words in which the model is to give it.

Thinking quotes, it never counts: the step, then the line of the page from its name to its value
as it stands there, ref included, then its role. The output repeats the ref. All of it can be
copied from the prompt, token by token: a copied word follows a space where it did so there, so
that it is cut into the same tokens.
"""

import json
from collections.abc import Sequence

from agent.answers import (
    DecideAnswer,
    FinishAnswer,
    PlanAnswer,
    PlannedStep,
    ReflectAnswer,
    Strategy,
)
from tools.observation import Element
from training.layout import Spot
from training.pages import View, Widget
from training.wants import Want

MOST_QUOTED = 80
"""Characters of a confirming line that are told to the user."""


def reply(thinking: str, output: object) -> str:
    """An answer in the reflection protocol."""
    text = json.dumps(output, ensure_ascii=False, separators=(",", ":"))
    return f"<thinking>{thinking}</thinking><output>{text}</output>"


def quote(element: Element) -> str:
    """The element's line from its name to its value, then its role."""
    line = element.model_copy(update={"options": ()}).line()
    return f"{line[len(element.role) :].strip()}, {element.role}"


def decided(thinking: str, action: dict[str, object], *, completes: bool) -> str:
    """An answer with one action."""
    answer = DecideAnswer(actions=[action], completes_step=completes)
    return reply(thinking, answer.model_dump())


def action(view: View, target: Widget, kind: str, text: str = "") -> dict[str, object]:
    """An action on a widget that is on the page."""
    made: dict[str, object] = {"action": kind, "ref": f"[{view.of(target).ref}]"}
    if kind == "select":
        made["option"] = text
    elif kind == "fill":
        made["text"] = text
    return made


def act(view: View, spot: Spot) -> str:
    """The step's target is on the page: do it, or tick it if it is so already."""
    thinking = f"{spot.want.do}: {quote(view.of(spot.target))}"
    if spot.done:
        return decided(f"{thinking}, already so", action(view, spot.target, "tick"), completes=True)
    text = spot.text
    if spot.action == "select" and text in spot.target.dead and spot.second:
        thinking += f", {text} (disabled), so {spot.second}"
        text = spot.second
    return decided(thinking, action(view, spot.target, spot.action, text), completes=True)


def go_on(view: View, want: Want, way: Widget) -> str:
    """The step's target is not here: the page's way on."""
    missing = "" if want.kind == "send" else ": not here. Go on"
    thinking = f"{want.do}{missing}: {quote(view.of(way))}"
    return decided(thinking, action(view, way, "click"), completes=False)


def confirmed(view: View, want: Want, line: Widget) -> str:
    """The page confirms: tick the last step with the line that says so."""
    thinking = f"{want.do}: confirmed by {quote(view.of(line))}"
    return decided(thinking, action(view, line, "tick"), completes=True)


def accept_dialog() -> str:
    """An open dialog of the browser comes before everything else."""
    accept: dict[str, object] = {"action": "dialog", "accept": True}
    return decided("The open dialog first", accept, completes=False)


def advised(
    view: View, strategy: Strategy, target: Widget, kind: str, text: str = "", *, completes: bool
) -> str:
    """What a reflection advised."""
    lead = "First" if strategy is Strategy.DO_SOMETHING_FIRST else "Another way"
    thinking = f"{lead}: {quote(view.of(target))}"
    return decided(thinking, action(view, target, kind, text), completes=completes)


def told(view: View, spot: Spot, said: str) -> str:
    """The user answered a question with what to take."""
    thinking = f"The user said {said}: {quote(view.of(spot.target))}"
    return decided(thinking, action(view, spot.target, spot.action, said), completes=True)


def reflected(evidence: str, insight: str, strategy: Strategy, advice: str) -> str:
    """An answer about a failure: the evidence, the insight, what to do."""
    answer = ReflectAnswer(diagnosis=diagnosis(evidence), strategy=strategy, advice=advice)
    thinking = f"{diagnosis(evidence)} <reflection>{insight}</reflection>"
    return reply(thinking, answer.model_dump(mode="json"))


def diagnosis(evidence: str) -> str:
    """What went wrong, as a sentence."""
    return f"It failed: {evidence}."


def planned(wants: Sequence[Want]) -> str:
    """The plan: a step for each of these."""
    return steps([want.do for want in wants])


def steps(said: Sequence[str]) -> str:
    """The plan: these steps."""
    plan = PlanAnswer(steps=[PlannedStep(do=do) for do in said])
    return reply("The task's own words, one by one", plan.model_dump(exclude_defaults=True))


def finished(view: View, line: Widget) -> str:
    """The page shows that the task is done."""
    element = view.of(line)
    text = element.model_copy(update={"options": ()}).line(refs=False)
    text = text[len(element.role) :].strip() if element.role in _SPOKEN else text
    answer = FinishAnswer(
        done=True, evidence=[f"[{element.ref}]"], answer=f"The page says {_short(text)}"
    )
    return reply(f"Shown by {quote(element)}", answer.model_dump())


def unfinished(view: View, line: Widget) -> str:
    """The page still asks for something or shows an error."""
    element = view.of(line)
    answer = FinishAnswer(done=False, evidence=[], answer=f"Not done yet: {_short(line.said)}")
    if element.role in _SPOKEN:
        answer = answer.model_copy(update={"answer": f"Not done yet: {_short(element.name)}"})
    return reply(f"Still there: {quote(element)}", answer.model_dump())


_SPOKEN = frozenset(("heading", "status", "alert", "text", "listitem"))


def _short(text: str) -> str:
    return text if len(text) <= MOST_QUOTED else text[: MOST_QUOTED - 1].rsplit(" ", 1)[0] + " …"
