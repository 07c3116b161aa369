"""A run from the outside: start one, take one up again, list them, load one.

What a run needs is opened here and closed here; what it does is in `agent.graph`.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command
from langsmith import tracing_context

from agent.approve import REQUEST, ApprovalRequest, Approver, QuestionRequest
from agent.checkpoint import open_saver
from agent.errors import AgentError
from agent.eventlog import EventLog
from agent.events import (
    Answered,
    ApprovalGiven,
    ApprovalNeeded,
    Finished,
    Listener,
    Planned,
    Question,
    Started,
    UsageNow,
)
from agent.folder import ENDED, RunFolder, RunRecord, all_runs
from agent.graph import Graph, build
from agent.journal import Journal
from agent.live import Live
from agent.locks import hold
from agent.memory import SHORTEST_CONTEXT, recall, remember
from agent.model.client import open_model
from agent.nodes.observe import observe
from agent.nodes.plan import plan
from agent.settings import RunSettings
from agent.state import Limits, Outcome, RunState
from tools.browser import BrowserOptions, open_session
from tools.errors import ToolError
from tools.policy import Policy
from tools.secrets import Secrets

__all__ = ["RunSettings", "list_runs", "load_run", "plan_only", "resume", "start"]

AskSecret = Callable[[str], str]
"""Asks for the value of a named secret; "" if nobody gives one."""

SUPERSTEPS = 100_000
"""LangGraph's own bound on nodes run, far above any limit of ours."""

_STOPPED = Outcome(status="stopped", answer="The run was stopped.")


async def start(
    settings: RunSettings,
    listener: Listener,
    approver: Approver | None = None,
    ask_secret: AskSecret | None = None,
    model_url: str = "",
) -> RunState:
    """Do a task. The state that comes back has an outcome.

    Without an approver the run stops where it needs the user. `model_url` is where the model
    answers this time if the settings name no endpoint: the bundled model's address changes
    with each process and is not stored. Raises AgentError or ToolError
    when it cannot go on; what it did is saved then, and `resume` takes it up.
    """
    if not settings.task.strip():
        raise AgentError("The task is empty: say in plain words what is to be done.")
    folder = RunFolder.create(settings)
    return await _carry_out(folder, listener, approver, ask_secret, model_url)


async def resume(
    run: str,
    home: Path,
    listener: Listener,
    approver: Approver | None = None,
    ask_secret: AskSecret | None = None,
    changes: Mapping[str, Any] | None = None,
    model_url: str = "",
) -> RunState:
    """Take up a run that was killed, stopped, failed, or waits for the user.

    `changes` are settings that are different from now on (`{"yes": True}`). Raises RunNotFound,
    and AgentError for a run that is done; otherwise like `start`.
    """
    folder = RunFolder.find(home, run)
    record = folder.load()
    if not record.resumable:
        raise AgentError(f"The run {run} is {record.status}: nothing is left to resume.")
    if changes:
        settings = record.settings.model_copy(update=dict(changes))
        folder.save(record.model_copy(update={"settings": settings}))
    return await _carry_out(folder, listener, approver, ask_secret, model_url)


def list_runs(home: Path) -> list[RunRecord]:
    """All stored runs, newest first."""
    return list(all_runs(home))


async def load_run(home: Path, run: str) -> RunState:
    """The last saved state of a run, with its outcome. Raises RunNotFound."""
    folder = RunFolder.find(home, run)
    record = folder.load()
    async with open_saver(folder.checkpoints) as saver:
        state = await _saved(build(saver), folder)
    state = state or RunState(run=run, task=record.settings.task, start_url=record.settings.url)
    return state.model_copy(update={"outcome": state.outcome or record.outcome})


async def plan_only(
    settings: RunSettings,
    listener: Listener,
    ask_secret: AskSecret | None = None,
    model_url: str = "",
) -> RunState:
    """List the steps of a task, do nothing and keep nothing; `model_url` as for `start`."""
    with tempfile.TemporaryDirectory(prefix="secondlook-") as home:
        settings = settings.model_copy(update={"home": Path(home), "screenshots": False})
        folder = RunFolder.create(settings)
        settings = _answered_at(settings, model_url)
        async with _opened(folder, settings, listener, ask_secret, None) as live:
            state = _first_state(folder, live)
            for node in (observe, plan):
                live.began = live.clock()
                state = state.model_copy(update=await node(state, live))
                if state.outcome:
                    break
            return state


async def _carry_out(
    folder: RunFolder,
    listener: Listener,
    approver: Approver | None,
    ask_secret: AskSecret | None,
    model_url: str,
) -> RunState:
    """Hold the run, drive it to its end or to where it waits, and write down which it was."""
    busy = f"The run {folder.run} is going on in another process: wait for it, or stop it."
    with hold(folder.lock, busy):
        record = folder.load()
        was_at_limit = record.status == "limit"
        record = record.model_copy(
            update={"status": "running", "outcome": None, "opened": record.opened + 1}
        )
        folder.save(record)
        settings = _answered_at(record.settings, model_url)
        try:
            state = await _drive(folder, settings, listener, approver, ask_secret, was_at_limit)
        except (AgentError, ToolError, asyncio.CancelledError) as error:
            why = {"answer": str(error)} if str(error) else {}
            outcome = _STOPPED.model_copy(update=why)
            stopped = {"status": "stopped", "outcome": outcome}
            folder.save(folder.load().model_copy(update=stopped))
            raise
        assert state.outcome is not None, "a run ends with an outcome"
        end = {"status": state.outcome.status, "outcome": state.outcome}
        folder.save(folder.load().model_copy(update=end))
        return state


async def _drive(
    folder: RunFolder,
    settings: RunSettings,
    listener: Listener,
    approver: Approver | None,
    ask_secret: AskSecret | None,
    was_at_limit: bool,
) -> RunState:
    """Open what the run needs and take it from where it is to its next stop."""
    async with AsyncExitStack() as stack:
        graph = build(await stack.enter_async_context(open_saver(folder.checkpoints)))
        before = await _saved(graph, folder)
        live = await stack.enter_async_context(
            _opened(folder, settings, listener, ask_secret, before)
        )
        if before:
            given = _next_limits(before, settings.limits, was_at_limit)
            begin = {"resumed": True, "outcome": None, "limits": given.model_dump(mode="json")}
        else:
            begin = _first_state(folder, live).model_dump(mode="json")
        folder.save(folder.load().model_copy(update={"model": live.model.name}))
        _tell_start(live, before)
        try:
            state = await _to_the_end(graph, live, begin, approver)
        except asyncio.CancelledError:
            last = await _saved(graph, folder) or RunState(run=folder.run, task=settings.task)
            _tell_end(live, last.model_copy(update={"outcome": _STOPPED}))
            raise
        if live.settings.memory:
            remember(folder.home, state, live.secrets.redact)
        _tell_end(live, state)
        return state


def _answered_at(settings: RunSettings, model_url: str) -> RunSettings:
    """The settings with where the model answers this time, unless they say so themselves."""
    if settings.model_url or not model_url:
        return settings
    return settings.model_copy(update={"model_url": model_url})


@asynccontextmanager
async def _opened(
    folder: RunFolder,
    settings: RunSettings,
    listener: Listener,
    ask_secret: AskSecret | None,
    before: RunState | None,
) -> AsyncIterator[Live]:
    """Model, browser, rules and listeners of a run, closed again at the end."""
    secrets = Secrets.load(settings.secrets, settings.url, ask_secret)
    async with AsyncExitStack() as stack:
        emit = stack.enter_context(EventLog(folder, secrets, listener))
        model = await stack.enter_async_context(open_model(settings, emit))
        policy = Policy(
            settings.allow,
            settings.url,
            settings.yes,
            task=settings.task,
            granted=before.granted if before else (),
            secrets=secrets,
        )
        session = await stack.enter_async_context(
            open_session(
                _browser(folder, settings, before), secrets.redact if secrets.names else None
            )
        )
        live = Live(
            session=session,
            model=model,
            policy=policy,
            secrets=secrets,
            settings=settings,
            folder=folder,
            journal=Journal(folder.journal, secrets.redact),
            emit=emit,
            clock=time.monotonic,
        )
        tabs = session.tabs if settings.browser.cdp_url else None
        await policy.install(session.context, live.on_refused, tabs=tabs)
        live.journal.follow(session)
        yield live


def _browser(folder: RunFolder, settings: RunSettings, before: RunState | None) -> BrowserOptions:
    """The browser of the run; one taken up again begins with the cookies it had."""
    changes: dict[str, Any] = {}
    if settings.trace:
        changes["trace"] = folder.path / f"trace{_number(folder)}.zip"
    if settings.browser.downloads is None:
        changes["downloads"] = folder.downloads
    keeps_its_own = settings.browser.cdp_url or settings.browser.profile
    if before and folder.storage.exists() and not keeps_its_own:
        changes["storage_state"] = folder.storage
    return settings.browser.model_copy(update=changes)


def _number(folder: RunFolder) -> str:
    """ "" for the first trace of a run, then "-2", "-3": a resumed run keeps the earlier ones."""
    opened = folder.load().opened
    return f"-{opened}" if opened > 1 else ""


def _first_state(folder: RunFolder, live: Live) -> RunState:
    settings = live.settings
    return RunState(
        run=folder.run,
        task=_with_secrets(settings.task, live.secrets.names),
        start_url=settings.url,
        started=datetime.now(UTC),
        limits=settings.limits,
        lessons=_lessons(live),
    )


def _lessons(live: Live) -> list[str]:
    """What earlier runs learned about the start site, if this one is to know."""
    settings = live.settings
    if not settings.memory or live.model.context_length <= SHORTEST_CONTEXT:
        return []
    return recall(settings.home, settings.url)


def _with_secrets(task: str, names: Sequence[str]) -> str:
    """The task as the model reads it: secrets that it does not name are named after it."""
    untold = [f"{{{{{name}}}}}" for name in names if f"{{{{{name}}}}}" not in task]
    return f"{task} (Secrets to fill in: {', '.join(untold)}.)" if untold else task


def _next_limits(before: RunState, limits: Limits, was_at_limit: bool) -> Limits:
    """The limits from here on: who resumes a run that came to a limit gives them once more."""
    if not was_at_limit:
        return limits
    used = before.usage
    return Limits(
        steps=used.steps + limits.steps,
        seconds=used.seconds + limits.seconds,
        tokens=used.prompt_tokens + used.answer_tokens + limits.tokens,
    )


async def _saved(graph: Graph, folder: RunFolder) -> RunState | None:
    """The run's last checkpoint; None if it was stopped before its first."""
    snapshot = await graph.aget_state(_config(folder))
    return RunState.model_validate(snapshot.values) if snapshot.values else None


async def _to_the_end(
    graph: Graph, live: Live, begin: dict[str, Any], approver: Approver | None
) -> RunState:
    """Run the graph; where it waits for the user, ask, and go on with the answer."""
    config = _config(live.folder)
    given: Any = begin
    while True:
        with tracing_context(enabled=False):  # no page goes to LangSmith, whatever is set there
            await graph.ainvoke(given, config, context=live, durability="sync")
        snapshot = await graph.aget_state(config)
        state = RunState.model_validate(snapshot.values)
        if not snapshot.interrupts:
            return state
        request = REQUEST.validate_python(snapshot.interrupts[0].value)
        answer = await _ask_user(request, live, approver)
        if answer is None:
            return state.model_copy(update={"outcome": _waiting(request)})
        given = Command(resume=answer)


async def _ask_user(
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


def _waiting(request: ApprovalRequest | QuestionRequest) -> Outcome:
    if isinstance(request, ApprovalRequest):
        answer = f"Your approval is needed for: {request.said}. {request.reason}"
        return Outcome(status="needs_approval", answer=answer, evidence=request.what.splitlines())
    return Outcome(status="needs_answer", answer=request.question)


def _tell_start(live: Live, before: RunState | None) -> None:
    """Tell who answers, and where a run that is taken up again had got to."""
    live.emit(
        Started(
            task=live.settings.task,
            url=live.settings.url,
            model=live.model.name,
            model_url=live.settings.model_url,
            context_length=live.model.context_length,
            folder=str(live.folder.path),
            resumed=before is not None,
        )
    )
    if before and before.plan:
        live.emit(Planned(steps=before.plan))
        live.emit(UsageNow(usage=before.usage))


def _tell_end(live: Live, state: RunState) -> None:
    outcome = state.outcome
    assert outcome is not None, "a run ends with an outcome"
    live.emit(
        Finished(
            status=outcome.status,
            answer=outcome.answer,
            evidence=outcome.evidence,
            resumable=outcome.status not in ENDED,
            folder=str(live.folder.path),
            usage=state.usage,
        )
    )


def _config(folder: RunFolder) -> RunnableConfig:
    return {"configurable": {"thread_id": folder.run}, "recursion_limit": SUPERSTEPS}
