"""The run's state: plain data only, checkpointed after every node.

Live things (browser, model, policy, secrets, clock) travel beside it in the run context and
are never saved. Secrets appear here only as `{{NAME}}`.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from agent.answers import Strategy
from tools.causes import Verdict
from tools.observation import Observation

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


class Attempt(BaseModel):
    """One action taken: what, on which page state, with which verdict.

    `action` has secrets by name only; `said` is the action in words without refs
    ("select combobox Size: Large"); `page` is the observation's fingerprint before it;
    `locator` the role-and-name locator that replays it; `text` what a read brought.
    """

    number: int
    step: int
    action: dict[str, Any]
    said: str
    page: str
    verdict: Verdict
    locator: str = ""
    text: str = ""


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
    effect: str
    page: str


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
    """Everything a run is. `step` indexes `plan`; `pending` are decided actions not yet taken."""

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
    usage: Usage = Field(default_factory=Usage)
    outcome: Outcome | None = None
