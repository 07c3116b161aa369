"""A run from the outside: start one, take one up again, list them, load one.

What a run needs is opened here and closed here; what it does is in `agent.graph`.
"""

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.approve import Approver
from agent.checkpoint import open_saver
from agent.drive import saved, thread, to_the_end
from agent.errors import AgentError
from agent.events import Finished, Listener, Planned, Served, Started, UsageNow
from agent.folder import ENDED, RunFolder, RunRecord, all_runs
from agent.gate import Gate
from agent.graph import build
from agent.live import Live
from agent.memory import SHORTEST_CONTEXT, recall, remember
from agent.nodes.observe import observe
from agent.nodes.plan import plan
from agent.opening import AskSecret, Given, opened, settings_here
from agent.settings import RunSettings
from agent.state import Limits, RunState
from agent.turn import STOPPED, check_resumable, ended, turn_at

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext

__all__ = ["RunSettings", "list_runs", "load_run", "plan_only", "resume", "start"]


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
    return await _carry_out(folder, Given(listener, approver, ask_secret, model_url))


async def resume(
    run: str,
    home: Path,
    listener: Listener,
    approver: Approver | None = None,
    ask_secret: AskSecret | None = None,
    changes: Mapping[str, Any] | None = None,
    model_url: str = "",
    cdp_url: str = "",
    gate: Gate | None = None,
    browser: "Browser | BrowserContext | None" = None,
) -> RunState:
    """Take up a run that was killed, stopped, failed, waits for the user, or has not begun.

    `changes` are settings that are different from now on (`{"yes": True}`). `cdp_url` is where
    the lent tab answers this time, and is not stored. Through `gate` the run is held and let
    go on; `browser` is one that is open already, or a window of it (see `Given`). Raises
    RunNotFound, and AgentError for a run that is done; otherwise like `start`.
    """
    folder = RunFolder.find(home, run)
    record = folder.load()
    check_resumable(record)
    if changes:
        settings = record.settings.model_copy(update=dict(changes))
        folder.save(record.model_copy(update={"settings": settings}))
    given = Given(listener, approver, ask_secret, model_url, cdp_url, gate or Gate(), browser)
    return await _carry_out(folder, given)


def list_runs(home: Path) -> list[RunRecord]:
    """All stored runs, newest first."""
    return list(all_runs(home))


async def load_run(home: Path, run: str) -> RunState:
    """The last saved state of a run, with its outcome. Raises RunNotFound."""
    folder = RunFolder.find(home, run)
    record = folder.load()
    async with open_saver(folder.checkpoints) as saver:
        state = await saved(build(saver), thread(folder))
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
        given = Given(listener, None, ask_secret, model_url)
        settings = settings_here(settings, given)
        async with opened(folder, settings, given, None) as live:
            state = _first_state(folder, live)
            for node in (observe, plan):
                live.began = live.clock()
                state = state.model_copy(update=await node(state, live))
                if state.outcome:
                    break
            return state


async def _carry_out(folder: RunFolder, given: Given) -> RunState:
    """Hold the run, drive it to its end or to where it waits, and write down which it was."""
    with turn_at(folder) as before:
        state = await _drive(folder, given, was_at_limit=before.status == "limit")
        assert state.outcome is not None, "a run ends with an outcome"
        ended(folder, state.outcome)
        return state


async def _drive(folder: RunFolder, given: Given, was_at_limit: bool) -> RunState:
    """Open what the run needs and take it from where it is to its next stop."""
    settings = settings_here(folder.load().settings, given)
    async with AsyncExitStack() as stack:
        graph = build(await stack.enter_async_context(open_saver(folder.checkpoints)))
        before = await saved(graph, thread(folder))
        live = await stack.enter_async_context(opened(folder, settings, given, before))
        if before:
            limits = _next_limits(before, settings.limits, was_at_limit)
            begin = {"resumed": True, "outcome": None, "limits": limits.model_dump(mode="json")}
        else:
            begin = _first_state(folder, live).model_dump(mode="json")
        folder.save(folder.load().model_copy(update={"model": live.model.name}))
        _tell_start(live, before)
        counted = await live.model.server_counts()
        try:
            state = await to_the_end(graph, live, thread(folder), begin, given.approver)
        except asyncio.CancelledError:
            last = await saved(graph, thread(folder)) or RunState(
                run=folder.run, task=settings.task
            )
            _tell_end(live, last.model_copy(update={"outcome": STOPPED}))
            raise
        if live.settings.memory:
            remember(folder.home, state, live.secrets.redact)
        if counted and (now := await live.model.server_counts()):
            live.emit(Served(counts=now.since(counted)))
        _tell_end(live, state)
        return state


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
