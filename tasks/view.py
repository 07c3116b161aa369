"""What somebody watching a run should see right now: the events, summed up as plain data."""

from collections import deque
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from agent.events import (
    ActionTaken,
    Answered,
    AnyEvent,
    ApprovalGiven,
    ApprovalNeeded,
    Finished,
    Held,
    Observed,
    Piece,
    Planned,
    Question,
    Started,
    StepDone,
    StepUndone,
    UsageNow,
    Waiting,
)
from agent.state import Step, Usage

THOUGHT_PIECES = 20_000
"""How many pieces of one thought are kept: a bound against a model that never ends."""

_ASKING = {
    "plan": "Making a plan",
    "replan": "Making a new plan",
    "decide": "Thinking",
    "reflect": "Reflecting",
    "finish": "Checking the goal",
    "extract": "Reading",
}


@dataclass
class View:
    """One run, as far as its events have told.

    `doing` is what happens at the moment; `acting` is true while that is an action and not
    thinking about one; `thought` are the pieces of the thought that streams in; `ended` is true
    once the run has told how it ended.
    """

    model: str = ""
    run: str = ""
    task: str = ""
    url: str = ""
    folder: str = ""
    plan: list[Step] = field(default_factory=list)
    doing: str = "Starting the model and the browser"
    acting: bool = False
    reflecting: bool = False
    ended: bool = False
    thought: deque[str] = field(default_factory=lambda: deque(maxlen=THOUGHT_PIECES))
    usage: Usage = field(default_factory=Usage)

    @property
    def step(self) -> int:
        """Index of the step in hand: the first that is not done; the plan's length at its end."""
        return next((i for i, step in enumerate(self.plan) if not step.done), len(self.plan))

    @property
    def thinking(self) -> str:
        """The thought that streams in, as one text."""
        return "".join(self.thought)

    def apply(self, event: AnyEvent) -> None:
        """Take in one event."""
        match event:
            case Started():
                self.run, self.task, self.folder = event.run, event.task, event.folder
                self.url = event.url or self.url
                self.model = answering(self.model, event)
            case Planned():
                self.plan = [step.model_copy() for step in event.steps]
            case StepDone() | StepUndone():
                self._tick(event)
            case Observed():
                self.url = event.url
                self._now("Looking at the page")
                self.thought.clear()
            case Piece():
                self._think(event)
            case ActionTaken():
                self._now(event.said, acting=True)
                self.thought.clear()
            case ApprovalNeeded() | Question():
                self._now("Waiting for you")
            case ApprovalGiven() | Answered() | Held():
                self._now("Going on")
                self.thought.clear()
            case Waiting():
                self._now(f"Waiting for {event.reason}")
            case UsageNow():
                self.usage = event.usage
            case Finished():
                self.usage = event.usage
                self.ended = True
                self._now("Closing the browser")

    def _now(self, doing: str, *, acting: bool = False) -> None:
        self.doing, self.acting, self.reflecting = doing, acting, False

    def _tick(self, event: StepDone | StepUndone) -> None:
        if event.step < len(self.plan):
            step = self.plan[event.step]
            step.done = isinstance(event, StepDone)
            step.evidence = event.evidence if isinstance(event, StepDone) else ""

    def _think(self, event: Piece) -> None:
        if event.piece == "output":
            return
        doing = _ASKING[event.question]
        if doing != self.doing:
            self._now(doing)
            self.thought.clear()
        self.reflecting = event.piece == "reflection"
        self.thought.append(event.text)


def answering(model: str, event: Started) -> str:
    """Who answers, for people: the bundled model by its name, another with its address too."""
    if "(bundled)" in model:
        return model
    host = urlsplit(event.model_url).netloc.rpartition("@")[2]
    return f"{event.model or model} at {host}" if host else event.model or model
