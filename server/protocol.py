"""What the backend and its clients say to each other: every REST body, every WebSocket message.

The panel and the dashboard are such clients. `docs/backend.md` tells how they are used.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from agent.events import AnyEvent
from agent.state import Step, Usage

PROTOCOL = 1
"""Grows when a client written for an older one could no longer work."""

MAX_BODY = 65_536
"""Bytes of a request's body, and of a message that a client sends on the stream."""

RunStateName = Literal[
    "queued",
    "running",
    "pausing",
    "paused",
    "taken_over",
    "stopping",
    "needs_approval",
    "needs_answer",
    "done",
    "failed",
    "limit",
    "stopped",
    "interrupted",
]
"""Where a run stands. `pausing` and `stopping`: an action is under way and is finished first.
`interrupted`: the process that worked on it died. `needs_approval` and `needs_answer` can be
answered while `RunInfo.waiting` is there; otherwise resume the run, and it asks again."""


class Said(BaseModel):
    """Base of what clients send: fields that we do not know are an error."""

    model_config = ConfigDict(extra="forbid")


class ErrorBody(BaseModel):
    """Every refusal and failure. `error` is a name to tell them apart, `message` one sentence
    that says what happened and what to do."""

    error: str
    message: str


# -- who may speak ----------------------------------------------------------------------------


class About(BaseModel):
    """What answers here. `paired` says whether the request's own token is valid.

    `proof` shows to a client that it speaks to the backend that it was paired with, before it
    shows its token: the HMAC-SHA256 of its challenge, with the token's SHA-256 in hex as key.
    """

    name: Literal["secondlook"] = "secondlook"
    version: str
    protocol: int = PROTOCOL
    paired: bool = False
    proof: str = ""


class CodeShown(BaseModel):
    """A pairing code stands in the terminal, for so many seconds more."""

    seconds: float


class Pair(Said):
    """The code from the terminal, and how the client wants to be listed."""

    code: str = Field(max_length=64)
    name: str = Field(default="", max_length=80)


class Paired(BaseModel):
    """The token to send from now on, as `Authorization: Bearer …`. It is shown only once."""

    token: str
    pairing: str


class PairingInfo(BaseModel):
    """A client that may speak. `origin` is the extension's or the page's, "" if it has none."""

    pairing: str
    name: str
    origin: str = ""
    made: datetime
    yours: bool = False


class Pairings(BaseModel):
    """All of them."""

    pairings: list[PairingInfo]


# -- runs -------------------------------------------------------------------------------------

InputValue = str | bool | int | float | list[Annotated[str, Field(max_length=4000)]]


class LimitsAsked(Said):
    """When the run ends whatever its state; what is not given is as usual."""

    steps: int | None = Field(default=None, ge=1, le=10_000)
    seconds: float | None = Field(default=None, ge=1, le=86_400)
    tokens: int | None = Field(default=None, ge=1, le=10**9)


class StartRun(Said):
    """A run to be started: a task in plain words, or a workflow with its inputs.

    `tab` is the id of a tab of the user's own browser that this client's extension lends, and
    `url` then the address that it shows, whose site the run may open; without a tab the run
    starts a browser of its own, at `url`. `secrets` are names (`NAME@site`), `allow`
    further sites, `yes` approves actions beforehand.
    """

    task: str = Field(default="", max_length=4000)
    workflow: str = Field(default="", max_length=200)
    inputs: dict[str, InputValue] = Field(default_factory=dict, max_length=100)
    url: str = Field(default="", max_length=2000)
    tab: int | None = Field(default=None, ge=0, lt=2**53)
    headed: bool = False
    allow: list[Annotated[str, Field(max_length=300)]] = Field(default_factory=list, max_length=50)
    secrets: list[Annotated[str, Field(max_length=300)]] = Field(
        default_factory=list, max_length=50
    )
    yes: bool = False
    limits: LimitsAsked = Field(default_factory=LimitsAsked)


class ResumeRun(Said):
    """How a run is taken up again; a paused one just goes on and needs none of this.

    `tab` lends it this tab. A run that worked in a tab and gets none is refused, unless
    `own_browser` says that it shall go on in a browser of its own.
    """

    tab: int | None = Field(default=None, ge=0, lt=2**53)
    own_browser: bool = False


class ApprovalAsked(BaseModel):
    """The run waits for a yes. `what` shows the lines of the page around the element, `site`
    is the site that a yes would open. Answer with this `to`."""

    kind: Literal["approval"] = "approval"
    to: int
    said: str
    what: str
    reason: str
    site: str = ""


class QuestionAsked(BaseModel):
    """The run waits for an answer. Answer with this `to`."""

    kind: Literal["question"] = "question"
    to: int
    question: str


Asked = Annotated[ApprovalAsked | QuestionAsked, Field(discriminator="kind")]


class ApprovalAnswer(Said):
    """The user's decision. `to` is the number of the event that asked."""

    kind: Literal["approval"]
    to: int = Field(ge=0, lt=2**53)
    decision: Literal["yes", "no"]
    reason: str = Field(default="", max_length=1000)


class QuestionAnswer(Said):
    """The user's answer. `to` is the number of the event that asked."""

    kind: Literal["question"]
    to: int = Field(ge=0, lt=2**53)
    answer: str = Field(min_length=1, max_length=4000)


Answer = Annotated[ApprovalAnswer | QuestionAnswer, Field(discriminator="kind")]


class RunInfo(BaseModel):
    """A run as a list shows it.

    `place` is its place in the queue, from 1; 0 when it does not wait there. `answer` and
    `evidence` are the outcome, or why it stopped. `resumable`: `resume` has something to go on
    with. `elsewhere`: another process works on it (a terminal), so that it can be watched here
    but not steered. `tab` is the user's tab that it works in, or worked in last; with
    `needs_tab` it waits for one to be lent. `last` is the number of its last stored event.
    """

    run: str
    task: str
    workflow: str = ""
    url: str = ""
    state: RunStateName
    place: int = 0
    started: datetime
    updated: datetime
    model: str = ""
    answer: str = ""
    evidence: list[str] = Field(default_factory=list)
    resumable: bool = False
    elsewhere: bool = False
    tab: int | None = None
    needs_tab: bool = False
    waiting: Asked | None = None
    last: int = 0


class RunDetail(RunInfo):
    """A run with its plan as last saved and what it has used. `step` counts from 0."""

    plan: list[Step] = Field(default_factory=list)
    step: int = 0
    usage: Usage = Field(default_factory=Usage)


class RunList(BaseModel):
    """Runs, the newest first. `more`: there are older ones."""

    runs: list[RunInfo]
    more: bool = False


class Numbered(BaseModel):
    """An event with its number in the run, from 1. A streamed `piece` is not stored: its
    `number` is null. Numbers grow; one may be missing where a kill cut a line off."""

    number: int | None
    event: AnyEvent = Field(discriminator="kind")


class EventPage(BaseModel):
    """Stored events of a run after a number. `last` is where to read on from."""

    run: str
    events: list[Numbered]
    last: int
    more: bool = False


# -- workflows --------------------------------------------------------------------------------


class WorkflowInput(BaseModel):
    """A field of the form. `choices` are all that is allowed of a `choice`; a `date` is
    YYYY-MM-DD, a `file` a path on this machine. The value of a `secret` is found by its name in
    the backend's environment or keyring, and never sent."""

    name: str
    kind: Literal["text", "number", "yes_no", "date", "choice", "list", "file", "secret"] = "text"
    description: str = ""
    required: bool = True
    default: InputValue | None = None
    choices: list[str] = Field(default_factory=list)


class WorkflowInfo(BaseModel):
    """A workflow that can be started by `name`; `problem` says why one cannot."""

    name: str
    title: str = ""
    description: str = ""
    url: str = ""
    inputs: list[WorkflowInput] = Field(default_factory=list)
    problem: str = ""


class Workflows(BaseModel):
    """The workflows stored here; `folder` is where their files are put."""

    folder: str
    workflows: list[WorkflowInfo]


# -- the stream: what a client sends ----------------------------------------------------------


class Hello(Said):
    """The first message; nothing is told before it."""

    kind: Literal["hello"]
    token: str = Field(max_length=200)


class Watch(Said):
    """Tell the events of this run after a number, those stored first, then as they happen."""

    kind: Literal["watch"]
    run: str = Field(max_length=100)
    after: int = Field(default=0, ge=0, lt=2**53)


class Unwatch(Said):
    """No more of this run's events."""

    kind: Literal["unwatch"]
    run: str = Field(max_length=100)


ClientMessage = Annotated[Hello | Watch | Unwatch, Field(discriminator="kind")]
CLIENT_MESSAGE: TypeAdapter[Hello | Watch | Unwatch] = TypeAdapter(ClientMessage)

# -- the stream: what the backend sends -------------------------------------------------------


class Welcome(BaseModel):
    """The token is right. The newest runs follow as `run` messages."""

    kind: Literal["welcome"] = "welcome"
    version: str
    protocol: int = PROTOCOL
    limit: int
    """How many runs work at once."""


class RunChanged(BaseModel):
    """A run is new or stands elsewhere than before; told of all runs, watched or not."""

    kind: Literal["run"] = "run"
    run: RunInfo


class EventTold(Numbered):
    """An event of a watched run."""

    kind: Literal["event"] = "event"
    run: str


class CaughtUp(BaseModel):
    """All events stored by now have been sent; `last` is the number of the last."""

    kind: Literal["caught_up"] = "caught_up"
    run: str
    last: int


class StreamError(ErrorBody):
    """A message could not be obeyed; the stream goes on unless it is closed after it."""

    kind: Literal["error"] = "error"
    run: str = ""


ServerMessage = Welcome | RunChanged | EventTold | CaughtUp | StreamError

CLOSED_UNPAIRED = 4401
"""Close code: no valid token. Pair again; do not try again with the same."""
CLOSED_REFUSED = 4400
"""Close code: a message was none of the above, or too large."""
CLOSED_BEHIND = 4408
"""Close code: the client reads too slowly. Connect again and watch from the last number."""
