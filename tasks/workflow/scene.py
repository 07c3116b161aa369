"""What the steps of a workflow's run share: the browser, the ledger, the plan as people see it."""

import time
from dataclasses import dataclass, field
from typing import Any

from agent.approve import Approver
from agent.drive import after_hold
from agent.events import Planned, StepDone, StepUndone, UsageNow
from agent.gate import LookAgain
from agent.live import Live
from agent.state import Attempt, Outcome, RunState, Step, Usage
from tasks.workflow.ledger import Entry, Ledger


class Stop(Exception):
    """The run ends here, or waits: with this outcome."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.answer)
        self.outcome = outcome


def failed(answer: str) -> Stop:
    """The run ends because something went wrong."""
    return Stop(Outcome(status="failed", answer=answer))


@dataclass
class Scene:
    """One run of a workflow.

    `plan` has a line for each step, as far as it is known how often loops go round; `step` is the
    index of the step in hand. `secrets` are the names that may be filled in.
    """

    live: Live
    ledger: Ledger
    approver: Approver | None
    secrets: list[str] = field(default_factory=list)
    plan: list[Step] = field(default_factory=list)
    step: int = 0
    usage: Usage = field(default_factory=Usage)
    began: float = field(default_factory=time.monotonic)

    @property
    def attempts(self) -> list[Attempt]:
        """Everything that was tried in this run, before an interruption, too."""
        return self.ledger.attempts

    @property
    def task(self) -> str:
        """What the workflow does, in words."""
        return self.live.settings.task

    def used(self) -> Usage:
        """What the run has used by now."""
        seconds = self.usage.seconds + time.monotonic() - self.began
        return self.usage.model_copy(update={"seconds": round(seconds, 3)})

    def spend(self, usage: Usage) -> None:
        """Take over what a part of the run has used besides time."""
        self.usage = usage.model_copy(update={"seconds": self.usage.seconds})

    def state(self, **more: Any) -> RunState:
        """The run as the loop's own state, for what is shown and asked with it."""
        return RunState(
            run=self.live.folder.run,
            task=self.task,
            start_url=self.live.settings.url,
            limits=self.live.settings.limits,
            plan=self.plan,
            step=self.step,
            attempts=list(self.attempts),
            granted=self.live.policy.granted,
            usage=self.used(),
            **more,
        )

    def tell_plan(self) -> None:
        """Show the plan as it stands."""
        self.live.emit(Planned(steps=self.plan))

    def unfold(self, steps: list[Step]) -> None:
        """Put a loop's or a called workflow's own steps in the place of its line."""
        self.plan[self.step : self.step + 1] = steps
        self.tell_plan()

    def ended(self, entry: Entry, *, again: bool = False) -> None:
        """The step in hand is done or skipped; `again` if an earlier process did it."""
        if not again:
            self.usage = self.usage.model_copy(update={"steps": len(self.attempts)})
            entry = entry.model_copy(update={"usage": self.used()})
            self.ledger.write(entry)
        step = self.plan[self.step]
        self.plan[self.step] = step.model_copy(update={"done": True, "evidence": entry.shown})
        if not again:
            self.live.emit(StepDone(step=self.step, do=step.do, evidence=entry.shown))
        self.step += 1

    def lost(self, at: str, step: int, why: str) -> None:
        """A step that was done must be done again, because of what the page no longer has."""
        self.ledger.write(Entry(kind="lost", at=at))
        line = self.plan[step]
        self.plan[step] = line.model_copy(update={"done": False, "evidence": ""})
        self.live.emit(StepUndone(step=step, do=line.do, reason=why))

    async def pass_gate(self) -> None:
        """Go on, or wait while the run is held; raises Stop when its time is up."""

        async def nothing() -> None:
            return None

        while True:
            try:
                await self.live.gate.passed("step", nothing)
                break
            except LookAgain as held:
                after_hold(self.live, held)
        limit = self.live.settings.limits.seconds
        if self.used().seconds >= limit:
            answer = f"The limit of {limit:g} seconds was reached. {self.progress()}"
            raise Stop(Outcome(status="limit", answer=answer))

    def progress(self) -> str:
        """How far the run got, in a sentence."""
        done = sum(step.done for step in self.plan)
        return f"{done} of {len(self.plan)} steps were done."

    def tell_usage(self) -> None:
        """Show what was used so far."""
        self.live.emit(UsageNow(usage=self.used()))
