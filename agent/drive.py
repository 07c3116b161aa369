"""Driving the graph: to its end, to where it waits for the user, or to where it is to stop."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command
from langsmith import tracing_context

from agent.approve import REQUEST, ApprovalRequest, Approver, QuestionRequest
from agent.events import Answered, ApprovalGiven, ApprovalNeeded, Held, Question
from agent.folder import RunFolder
from agent.gate import LookAgain
from agent.graph import Graph
from agent.live import Live
from agent.state import Outcome, RunState

SUPERSTEPS = 100_000
"""LangGraph's own bound on nodes run, far above any limit of ours."""


def thread(folder: RunFolder, part: str = "") -> RunnableConfig:
    """Under which name the graph's checkpoints are kept: the run's, or that of a part of it."""
    name = f"{folder.run}/{part}" if part else folder.run
    return {"configurable": {"thread_id": name}, "recursion_limit": SUPERSTEPS}


async def saved(graph: Graph, config: RunnableConfig) -> RunState | None:
    """The last checkpoint; None if there is none yet."""
    snapshot = await graph.aget_state(config)
    return RunState.model_validate(snapshot.values) if snapshot.values else None


async def to_the_end(
    graph: Graph,
    live: Live,
    config: RunnableConfig,
    begin: Any,
    approver: Approver | None,
    stop_before: Sequence[str] = (),
) -> RunState:
    """Run the graph; where it waits for the user, ask, and go on with the answer.

    A state that comes back without an outcome stands before one of the nodes `stop_before`.
    """
    given: Any = begin
    while True:
        try:
            state, request = await _to_next_stop(graph, live, config, given, stop_before)
            if request is None:
                return state
            answer = await live.gate.passed("ask", partial(ask_user, request, live, approver))
        except LookAgain as held:
            given = after_hold(live, held)
            continue
        if answer is None:
            return state.model_copy(update={"outcome": waiting(request)})
        given = Command(resume=answer)


async def _to_next_stop(
    graph: Graph, live: Live, config: RunnableConfig, given: Any, stop_before: Sequence[str]
) -> tuple[RunState, ApprovalRequest | QuestionRequest | None]:
    """Run the graph to its end, or to where it waits for the user and for what."""
    with tracing_context(enabled=False):  # no page goes to LangSmith, whatever is set there
        await graph.ainvoke(
            given, config, context=live, durability="sync", interrupt_before=stop_before
        )
    snapshot = await graph.aget_state(config)
    asked = snapshot.interrupts
    request = REQUEST.validate_python(asked[0].value) if asked else None
    return RunState.model_validate(snapshot.values), request


def after_hold(live: Live, held: LookAgain) -> dict[str, Any]:
    """What the graph is given after a hold: the page is looked at as if the run were resumed."""
    live.emit(Held(why=held.why, seconds=round(held.seconds, 1)))
    if held.why == "taken_over":
        live.session.notice("The user acted on this page meanwhile.")
    return {"resumed": True}


async def ask_user(
    request: ApprovalRequest | QuestionRequest, live: Live, approver: Approver | None
) -> dict[str, Any] | str | None:
    """What the user says, as the graph's interrupt gets it; None if nobody is there."""
    if isinstance(request, ApprovalRequest):
        live.emit(ApprovalNeeded(**request.model_dump(exclude={"kind"})))
        if approver is None:
            return None
        approval = await approver.approve(request)
        live.emit(ApprovalGiven(decision=approval.decision, reason=approval.reason))
        return approval.model_dump()
    live.emit(Question(question=request.question))
    answer = await approver.answer(request.question) if approver else None
    if answer is not None:
        live.emit(Answered(question=request.question, answer=answer))
    return answer


def waiting(request: ApprovalRequest | QuestionRequest) -> Outcome:
    """Why a run stands still until the user says something."""
    if isinstance(request, ApprovalRequest):
        answer = f"Your approval is needed for: {request.said}. {request.reason}"
        return Outcome(status="needs_approval", answer=answer, evidence=request.what.splitlines())
    return Outcome(status="needs_answer", answer=request.question)
