"""What a run tells while it goes on: one JSON object a line, in `events.jsonl` and on `--json`.

Every event has `kind`, `at` (ISO 8601, UTC) and `run`. Values of secrets are replaced by
`{{NAME}}` before an event leaves the run; screenshots are named by path.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from agent.answers import Strategy
from agent.model.metrics import ServerCounts
from agent.state import RunStatus, Step, Usage
from tools.causes import Cause, Verdict
from tools.record import Effect

Asked = Literal["plan", "replan", "decide", "reflect", "finish", "extract"]
"""What the model is asked."""

HeldFor = Literal["paused", "taken_over"]
"""Why a run was held: the user paused it, or acted in its tab."""


def _now() -> datetime:
    return datetime.now(UTC)


class Base(BaseModel):
    """Base of all events."""

    model_config = ConfigDict(frozen=True)

    at: datetime = Field(default_factory=_now)
    run: str = ""


class Started(Base):
    """A run begins, or goes on (`resumed`). `model` is the name of who answers."""

    kind: Literal["started"] = "started"
    task: str
    url: str = ""
    model: str = ""
    model_url: str = ""
    context_length: int = 0
    folder: str = ""
    resumed: bool = False


class Planned(Base):
    """The plan, whole, and the thinking that led to it.

    Told at first, after each replan, and when a run is taken up again.
    """

    kind: Literal["planned"] = "planned"
    steps: list[Step]
    replanned: bool = False
    thinking: str = ""


class StepDone(Base):
    """A step was ticked; `evidence` is what the page showed. `step` counts from 0."""

    kind: Literal["step_done"] = "step_done"
    step: int
    do: str
    evidence: str = ""


class StepUndone(Base):
    """A tick was taken back, because the page no longer shows it after an interruption."""

    kind: Literal["step_undone"] = "step_undone"
    step: int
    do: str
    reason: str = ""


class Observed(Base):
    """One look at the page. `elements` counts its lines before the budget, `tokens` after."""

    kind: Literal["observed"] = "observed"
    url: str
    title: str = ""
    elements: int = 0
    tokens: int = 0
    dialog: str = ""
    notices: list[str] = Field(default_factory=list)
    screenshot: str = ""


class Piece(Base):
    """A part of the model's answer as it streams: which question it answers, and what it is.

    Not kept in `events.jsonl`: `planned` and `decided` have the thinking whole.
    """

    kind: Literal["piece"] = "piece"
    question: Asked
    piece: Literal["thinking", "reflection", "output"]
    text: str


class Decided(Base):
    """What the model wants to do now, in words, and its thinking, whole."""

    kind: Literal["decided"] = "decided"
    step: int
    actions: list[str]
    completes_step: bool
    thinking: str = ""


class ActionTaken(Base):
    """An action is about to be taken; its intent is on disk."""

    kind: Literal["action"] = "action"
    number: int
    step: int
    said: str
    effect: Effect


class Judged(Base):
    """The verdict on an action: `verdict.cause` is null when it did what it was meant to.

    `action` has no ref in it that would outlive the page; `locator` replays it by role and
    name, `text` is what a read or extract brought.
    """

    kind: Literal["verdict"] = "verdict"
    number: int
    step: int
    said: str
    verdict: Verdict
    action: dict[str, Any] = Field(default_factory=dict)
    locator: str = ""
    text: str = ""
    url: str = ""


class Reflected(Base):
    """What the model concluded from a failed action, with the failure's cause and evidence."""

    kind: Literal["reflected"] = "reflected"
    attempt: int
    cause: Cause
    evidence: str = ""
    diagnosis: str
    strategy: Strategy
    advice: str


class Mended(Base):
    """A step of a workflow failed, and the model did it in another way: `why` it failed, and what
    was done `instead`, in words."""

    kind: Literal["mended"] = "mended"
    step: int
    why: str
    instead: list[str]


class ApprovalNeeded(Base):
    """An action waits for the user's yes. `what` shows the page around the element."""

    kind: Literal["approval_needed"] = "approval_needed"
    said: str
    what: str
    reason: str
    site: str = ""


class ApprovalGiven(Base):
    """The user's decision on the action that waited."""

    kind: Literal["approval_given"] = "approval_given"
    decision: Literal["yes", "no"]
    reason: str = ""


class Question(Base):
    """The run waits for the user's answer."""

    kind: Literal["question"] = "question"
    question: str


class Answered(Base):
    """What the user answered."""

    kind: Literal["answered"] = "answered"
    question: str
    answer: str


class Waiting(Base):
    """The model's endpoint makes the run wait before the next try; `seconds` is how long."""

    kind: Literal["waiting"] = "waiting"
    reason: str
    seconds: float = 0


class Held(Base):
    """The run was held for some seconds and goes on with a new look at the page. Its clock did
    not run meanwhile."""

    kind: Literal["held"] = "held"
    why: HeldFor
    seconds: float


class UsageNow(Base):
    """What the run has used so far, after each question to the model."""

    kind: Literal["usage"] = "usage"
    usage: Usage


class Served(Base):
    """What vLLM counted while the run went on; other clients of the same server are in it.

    Told before the end of a run at an endpoint that is vLLM's, once each time it is taken up.
    """

    kind: Literal["served"] = "served"
    counts: ServerCounts


class Finished(Base):
    """The run ended or waits. `resumable` says that `secondlook resume` can go on; `outputs` is
    what a workflow brought, by name."""

    kind: Literal["finished"] = "finished"
    status: RunStatus
    answer: str
    evidence: list[str] = Field(default_factory=list)
    resumable: bool = False
    folder: str = ""
    usage: Usage = Field(default_factory=Usage)
    outputs: dict[str, Any] = Field(default_factory=dict)


AnyEvent = (
    Started
    | Planned
    | StepDone
    | StepUndone
    | Observed
    | Piece
    | Decided
    | ActionTaken
    | Judged
    | Reflected
    | Mended
    | ApprovalNeeded
    | ApprovalGiven
    | Question
    | Answered
    | Waiting
    | Held
    | UsageNow
    | Served
    | Finished
)

Listener = Callable[[AnyEvent], None]
"""Told of each event, in order, in the run's own event loop: must not block."""

EVENT: TypeAdapter[AnyEvent] = TypeAdapter(Annotated[AnyEvent, Field(discriminator="kind")])
"""Reads one line of `events.jsonl`."""
