"""The expert's answer to a question, in the words in which the model is to give it."""

from dataclasses import replace

from agent.answers import FinishAnswer, Strategy
from tools.causes import Cause
from tools.observation import Element
from tools.reach import named as said_name
from training import teacher
from training.expert import choosing, filling, looking_up, moving, pressing  # noqa: F401  the rules
from training.expert.decision import Decision, decision
from training.expert.goals import planned
from training.expert.question import Question
from training.site.lines import closer_of

_PASSING = (Cause.NO_EFFECT, Cause.DETACHED, Cause.NOT_VISIBLE, Cause.NOT_FOUND, Cause.TIMEOUT,
            Cause.WRONG_VALUE)  # fmt: skip
"""What may have passed when it is tried again."""


def answered(question: Question) -> str | None:
    """The right answer; None where the expert does not know one.

    A decision is known only under a plan of the expert's own.
    """
    if question.kind == "plan":
        steps = planned(question)
        return teacher.steps(steps) if steps else None
    if question.kind == "decide":
        return _decided(question)
    if question.kind == "reflect":
        return _reflected(question)
    return _not_yet(question)


def _not_yet(question: Question) -> str | None:
    """The page ends an episode that is done; while it still asks, something did not come about.

    That is the last step: the others showed their result on the page.
    """
    steps = planned(question)
    if not steps:
        return None
    if question.kind == "replan":
        return teacher.steps(steps[-1:])
    made = decision(replace(question, step=steps[-1]))
    if made is None or made.element is None:
        return None
    done = FinishAnswer(done=False, evidence=[], answer=f"Not done yet: {said_name(made.element)}")
    return teacher.reply(f"Still there: {teacher.quote(made.element)}", done.model_dump())


def _decided(question: Question) -> str | None:
    if question.dialog:
        return teacher.accept_dialog()
    if (closer := _closer(question)) is not None:
        first = Decision("click", closer, completes=False)
        return first.advised(Strategy.DO_SOMETHING_FIRST)
    made = decision(question)
    if made is None:
        return None
    if question.reflected == Strategy.RETRY_DIFFERENTLY.value and made.element is not None:
        return made.advised(Strategy.RETRY_DIFFERENTLY)
    return made.answer(question.step)


def _reflected(question: Question) -> str | None:
    evidence = question.evidence or (question.cause.value if question.cause else "")
    if question.cause is Cause.DIALOG_OPEN:
        insight = "The dialog must be answered first"
        return teacher.reflected(
            evidence, insight, Strategy.DO_SOMETHING_FIRST, "accept the dialog"
        )
    if (closer := _closer(question)) is not None:
        advice = said_name(closer)
        cover = evidence.removesuffix(" covers it")
        insight = f"Close {cover} first: {advice}"
        if question.cause is not Cause.COVERED:
            insight = f"Once more {advice}"
        return teacher.reflected(evidence, insight, Strategy.DO_SOMETHING_FIRST, advice)
    made = decision(question)
    if question.cause not in _PASSING or made is None or made.element is None:
        return None
    name = said_name(made.element)
    advice = f"{name}: {made.text}" if made.text else name
    insight = f"Once more {name}"
    return teacher.reflected(evidence, insight, Strategy.RETRY_DIFFERENTLY, advice)


def _closer(question: Question) -> Element | None:
    """What takes away a cover that is still there after it was met."""
    met = [line.partition(": covered, ")[2] for line in question.history]
    for evidence in filter(None, reversed(met)):
        cover = evidence.removesuffix(" covers it")
        if any(said_name(e) == cover or e.role == "dialog" for e in question.page):
            return closer_of(question.observation, evidence)
    return None
