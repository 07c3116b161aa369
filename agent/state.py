"""The run's state: plain data only, checkpointed after every node.

Live things (browser, model, policy, secrets, clock) travel beside it in the run context and
are never saved. Secrets appear here only as `{{NAME}}`.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from agent.answers import Strategy
from tools.causes import Verdict
from tools.observation import Observation
from tools.record import Effect

RunStatus = Literal[
    "running",
    "done",
    "failed",
    "needs_approval",
    "needs_answer",
    "stopped",
    "limit",
]


class Limits(BaseModel):
    """When a run ends whatever its state: actions taken, seconds of wall time, tokens."""

    steps: int = 60
    seconds: float = 1800
    tokens: int = 2_000_000


class Step(BaseModel):
    """A step of the plan, ticked only with evidence from the page."""

    do: str
    expect: str = ""
    done: bool = False
    evidence: str = ""


class Target(BaseModel):
    """The element that an action points at, by what stays when refs are renumbered."""

    model_config = ConfigDict(frozen=True)

    role: str
    name: str = ""
    context: str = ""


class Attempt(BaseModel):
    """One action taken: what, on which page state, with which verdict.

    `action` has secrets by name only; `said` is the action in words without refs
    ("select combobox Size: Large"); `key` is the action with its elements in words, equal for
    equal actions; `page` is the observation's fingerprint before it, `shape` the same without
    digits, `url` the address before it; `locator` the role-and-name locator that replays it;
    `text` what a read brought. `sent` says that a request which may change something on the
    site (any but GET) left the browser meanwhile and was not refused there. `commit` says that
    the guard took it for an action with an effect outside the page, `unknown` that the run was
    cut off while it was under way, so that its verdict is a conclusion drawn later.
    """

    number: int
    step: int
    action: dict[str, Any]
    said: str
    page: str
    verdict: Verdict
    locator: str = ""
    text: str = ""
    key: str = ""
    shape: str = ""
    url: str = ""
    target: Target | None = None
    sent: bool = False
    commit: bool = False
    unknown: bool = False


class Reflection(BaseModel):
    """What the model concluded from a failed attempt."""

    attempt: int
    diagnosis: str
    strategy: Strategy
    advice: str


class Intent(BaseModel):
    """An action about to be taken, written before it happens.

    An intent that a resumed run finds without its attempt has an unknown result: an action
    with an effect outside the page is then not repeated before the page has been looked at.
    """

    number: int
    action: dict[str, Any]
    said: str
    effect: Effect
    page: str
    key: str = ""
    shape: str = ""
    url: str = ""
    target: Target | None = None


class Usage(BaseModel):
    """What the run has used so far."""

    steps: int = 0
    seconds: float = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    model_calls: int = 0


class Outcome(BaseModel):
    """How the run ended, or why it waits. `evidence` cites lines of the page."""

    status: RunStatus
    answer: str
    evidence: list[str] = Field(default_factory=list)


class RunState(BaseModel):
    """Everything a run is.

    `step` indexes `plan` (its length when all are ticked); `pending` are decided actions not
    yet taken, their refs those of `observation`. `acted` is what the hands said of the intent's
    action before it was judged. `replanned` holds the number of the attempt after which each
    new plan came. `wanted` is an address that the site itself led to and that needs the user's
    yes before the action that led there is tried again. `look` are words the model wants to see
    the surroundings of. `granted` are the sites the user allowed in mid-run. `resumed` is set
    when a run goes on in a new process and cleared by the first look at the page; `taken_up` is
    the number of the last attempt before that.
    """

    run: str
    task: str
    start_url: str = ""
    started: datetime | None = None
    limits: Limits = Field(default_factory=Limits)
    plan: list[Step] = Field(default_factory=list)
    step: int = 0
    observation: Observation | None = None
    pending: list[dict[str, Any]] = Field(default_factory=list)
    completes_step: bool = False
    intent: Intent | None = None
    attempts: list[Attempt] = Field(default_factory=list)
    reflections: list[Reflection] = Field(default_factory=list)
    answers: list[str] = Field(default_factory=list)
    lessons: list[str] = Field(default_factory=list)
    acted: dict[str, Any] | None = None
    replanned: list[int] = Field(default_factory=list)
    wanted: str = ""
    look: str = ""
    granted: list[str] = Field(default_factory=list)
    resumed: bool = False
    taken_up: int = 0
    usage: Usage = Field(default_factory=Usage)
    outcome: Outcome | None = None

    @property
    def reflection(self) -> Reflection | None:
        """The reflection on the last attempt, if there is one."""
        if not self.reflections or not self.attempts:
            return None
        last = self.reflections[-1]
        return last if last.attempt == self.attempts[-1].number else None

    @property
    def complete(self) -> bool:
        """Whether every step of the plan is ticked."""
        return bool(self.plan) and all(step.done for step in self.plan)
