"""What the model answers: one pydantic model per question it is asked.

Plain data with no page in it. `agent.model.grammar` narrows these schemas to the page at
hand (refs, options) before the answer is decoded.
"""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """Base of all answers: unknown fields are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PlannedStep(Answer):
    """One step of the plan."""

    do: str = Field(min_length=1, description="one thing to do, in plain words")
    expect: str = Field(default="", description="what will be true on the page when it is done")


class PlanAnswer(Answer):
    """The steps that lead to the goal, in order."""

    steps: list[PlannedStep] = Field(min_length=1, max_length=30)


class DecideAnswer(Answer):
    """What to do now. `actions` are raw here and validated against their tools' arguments."""

    actions: list[dict[str, Any]] = Field(min_length=1, max_length=5)
    completes_step: bool = Field(
        description="true if these actions, when they succeed, complete the step in hand"
    )


class Strategy(StrEnum):
    """What to do about a failure."""

    RETRY_DIFFERENTLY = "retry_differently"
    DO_SOMETHING_FIRST = "do_something_first"
    REPLAN = "replan"
    ASK_USER = "ask_user"
    GIVE_UP = "give_up"


class ReflectAnswer(Answer):
    """What went wrong and how to go on."""

    diagnosis: str = Field(min_length=1, description="what went wrong, from the evidence")
    strategy: Strategy
    advice: str = Field(description="what to do now, naming the element; or the question to ask")


class FinishAnswer(Answer):
    """Whether the goal is reached, judged from the page."""

    done: bool = Field(description="true only if the page shows that the task is done")
    evidence: list[str] = Field(
        default_factory=list, max_length=5, description="refs of the lines that show it"
    )
    answer: str = Field(description="what the user is told; if not done, what is missing")
