"""Telling who watches what an attempt came to, and which steps were ticked or taken back."""

from agent.events import Judged, StepDone, StepUndone
from agent.live import Live, Update
from agent.state import Attempt, RunState


def told(live: Live, state: RunState, attempt: Attempt, update: Update) -> Update:
    """Tell the verdict on an attempt and what it did to the plan; the update, unchanged."""
    live.emit(Judged(**attempt.model_dump(include=set(Judged.model_fields))))
    steps(live, state, update)
    return update


def steps(live: Live, state: RunState, update: Update) -> None:
    """Tell which steps an update ticks or takes back."""
    for index, (old, new) in enumerate(zip(state.plan, update.get("plan", []), strict=False)):
        if new.done and not old.done:
            live.emit(StepDone(step=index, do=new.do, evidence=new.evidence))
        elif old.done and not new.done:
            live.emit(StepUndone(step=index, do=new.do, reason="the page no longer shows it"))
