"""A part of a run that something else leads, carried out by the loop in the browser at hand.

A workflow has a step in words done, or one that failed mended: the loop gets a state with that
one step as its plan and takes it from there. Its checkpoints are kept under a name of their own
beside the run's, so that it goes on where it was after an interruption.
"""

from collections.abc import Awaitable, Callable

from agent.answers import Strategy
from agent.approve import Approver
from agent.checkpoint import open_saver, plain
from agent.drive import saved, thread, to_the_end
from agent.graph import build
from agent.live import Live
from agent.routes import planned_out
from agent.state import Outcome, Reflection, RunState

Missing = Callable[[RunState], Awaitable[str]]
"""What is not yet as it must be when the part is done, in words; "" if nothing is missing."""


async def carry_out(
    live: Live,
    begin: RunState,
    name: str,
    approver: Approver | None,
    missing: Missing | None = None,
) -> RunState:
    """Do what the plan of `begin` says, or go on with the part of this name.

    If the last attempt in `begin` failed, it begins with a reflection on it. `missing` judges
    whether it is done; without it the model checks the goal, as in any run. The state that comes
    back has an outcome. Raises the errors of the agent and the tools.
    """
    async with open_saver(live.folder.checkpoints) as saver:
        graph, config = build(saver), thread(live.folder, name)
        given = plain({field: getattr(begin, field) for field in RunState.model_fields})
        if await saved(graph, config):
            given = plain({"resumed": True, "outcome": None, "limits": begin.limits})
        elif begin.attempts and not begin.attempts[-1].verdict.ok:
            await graph.aupdate_state(config, given, as_node="verify")
            given = {}
        while True:
            before = ["finish"] if missing else []
            state = await to_the_end(graph, live, config, given or None, approver, before)
            if state.outcome:
                return state
            assert missing is not None, "nothing else stops it before its end"
            if not _says_done(state):  # a limit, or no way on: finish says so
                return await to_the_end(graph, live, config, None, approver)
            update = _judged(state, await missing(state))
            await graph.aupdate_state(config, plain(update), as_node="finish")
            if "outcome" in update:
                return state.model_copy(update=update)
            given = {}


def _says_done(state: RunState) -> bool:
    last = state.attempts[-1] if state.attempts else None
    return state.complete or bool(last and last.action.get("action") == "finish")


def _judged(state: RunState, missing: str) -> dict[str, object]:
    """The part's end, or what is to be planned because something is still missing."""
    if not missing:
        shown = state.plan[-1].evidence if state.plan else ""
        outcome = Outcome(status="done", answer="Done.", evidence=[shown] if shown else [])
        return {"outcome": outcome}
    if planned_out(state):
        return {"outcome": Outcome(status="failed", answer=f"It is still not so that {missing}.")}
    reflection = Reflection(
        attempt=len(state.attempts),
        diagnosis=f"It is not yet so that {missing}.",
        strategy=Strategy.REPLAN,
        advice="Plan what is missing.",
    )
    return {"reflections": [*state.reflections, reflection]}
