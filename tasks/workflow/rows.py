"""A workflow done for every row of a table, several at once, each row exactly once.

The table's run is a run with a line of the plan for each row. Every row is a run of its own in
`rows/` of its folder, with its own ledger and journal: what was interrupted goes on there, what is
done is not done again. All rows share one browser, each in a window of its own, and one model.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser
from pydantic import ValidationError

from agent.approve import Approval, ApprovalRequest, Approver
from agent.errors import AgentError, RunStorageFailed
from agent.eventlog import EventLog
from agent.events import (
    ActionTaken,
    Answered,
    AnyEvent,
    ApprovalGiven,
    ApprovalNeeded,
    Base,
    Finished,
    Judged,
    Listener,
    Mended,
    Planned,
    Question,
    Started,
    StepDone,
    UsageNow,
    Waiting,
)
from agent.folder import ENDED, RunFolder, RunRecord
from agent.opening import AskSecret
from agent.settings import RunSettings
from agent.state import Outcome, RunStatus, Usage
from agent.state import Step as Line
from agent.turn import ended, turn_at
from tasks.workflow.brain import Brain, Serve
from tasks.workflow.heal import Fixes, Mender
from tasks.workflow.load import WorkflowFile
from tasks.workflow.mended import Mended as MendedStep
from tasks.workflow.offer import offered
from tasks.workflow.run import (
    NO_MODEL,
    RESULT,
    WorkflowResult,
    row_settings,
    stored_file,
    take_up,
)
from tasks.workflow.table import Row, TableResult, rows_as_csv, status_of, told
from tools.browser import open_browser
from tools.causes import Cause, Verdict
from tools.errors import BrowserGone, ToolError
from tools.secrets import Secrets

SAID = 80
"""Characters of a row's inputs that its line of the plan shows."""
_FORWARDED = ApprovalNeeded | ApprovalGiven | Question | Answered | Waiting | Mended


@dataclass
class _Table:
    """One table's run while it goes on."""

    folder: RunFolder
    settings: RunSettings
    file: WorkflowFile
    brain: Brain
    emit: Callable[[Base], None]
    approver: Approver | None
    ask_secret: AskSecret | None
    lines: list[Line]
    began: float = field(default_factory=time.monotonic)
    rows: dict[int, Row] = field(default_factory=dict)
    mended: list[MendedStep] = field(default_factory=list)
    fixes: Fixes = field(default_factory=dict)

    def home(self) -> Path:
        return self.folder.path / "rows"

    @property
    def heal(self) -> bool:
        return bool(self.settings.workflow and self.settings.workflow.heal)

    def inputs(self, number: int) -> dict[str, Any]:
        assert self.settings.workflow is not None, "this is a workflow's run"
        return self.settings.workflow.table[number - 1]

    def usage(self) -> Usage:
        return Usage(
            steps=len(self.rows),
            seconds=round(time.monotonic() - self.began, 3),
            model_calls=sum(row.model_calls for row in self.rows.values()),
        )


async def take_up_table(
    folder: RunFolder,
    listener: Listener,
    approver: Approver | None = None,
    ask_secret: AskSecret | None = None,
    serve: Serve | None = None,
) -> TableResult:
    """Do every row that is not done yet; those that failed or wait are taken up where they are.

    Raises AgentError and ToolError when it cannot go on; what was done is saved then.
    """
    with turn_at(folder, NO_MODEL) as before:
        settings = before.settings
        source = settings.workflow
        assert source is not None, "this is a workflow's run"
        async with AsyncExitStack() as stack:
            secrets = Secrets.load(settings.secrets, settings.url, ask_secret)
            emit = stack.enter_context(EventLog(folder, secrets, listener))
            brain = await stack.enter_async_context(Brain(settings, serve))
            it = _Table(
                folder,
                settings,
                stored_file(folder, source),
                brain,
                emit,
                OneAtATime(approver) if approver else None,
                ask_secret,
                [Line(do=said) for said in _said(source.table)],
            )
            result = await _all_rows(it, resumed=before.opened > 0)
        ended(folder, Outcome(status=result.status, answer=result.answer))
        return result


async def _all_rows(it: _Table, *, resumed: bool) -> TableResult:
    _tell_start(it, resumed=resumed)
    left = []
    for number in range(1, len(it.lines) + 1):
        done = _done(it, number)
        if done is None:
            left.append(number)
        else:
            it.rows[number] = done
            it.lines[number - 1] = _ticked(it.lines[number - 1], done)
    it.emit(Planned(steps=it.lines))
    assert it.settings.workflow is not None, "this is a workflow's run"
    waiting = iter(left)
    try:
        async with _browsers(it.settings) as browsers, asyncio.TaskGroup() as group:
            for _ in range(min(it.settings.workflow.parallel, len(left))):
                group.create_task(_work(it, waiting, browsers))
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from None
    except asyncio.CancelledError:
        _tell_end(it, "stopped", "The run was stopped.")
        raise
    return _result(it)


async def _work(it: _Table, waiting: Iterator[int], browsers: "_Browsers") -> None:
    """Do one row after the other."""
    for number in waiting:
        it.emit(
            ActionTaken(
                number=number, step=number - 1, said=it.lines[number - 1].do, effect="input"
            )
        )
        row = await _one(it, number, browsers)
        it.rows[number] = row
        _tell_row(it, row)


async def _one(it: _Table, number: int, browsers: "_Browsers") -> Row:
    """One row, from where it is to its end. Raises RunStorageFailed."""
    folder = _folder_of(it, number)
    for last in (False, True):
        try:
            mender = Mender(it.brain, it.heal, it.fixes)
            browser = await browsers.get()
            ended = await take_up(
                folder, _forward(it), it.approver, it.ask_secret, mender, browser=browser
            )
            it.mended += ended.mended
            return _row_of(it, number, ended.result)
        except RunStorageFailed:
            raise
        except BrowserGone as error:
            why: Exception = error
            if not last:
                continue  # the browser of all rows went away: with a new one it goes on
        except (AgentError, ToolError) as error:
            why = error
        break
    return Row(
        number=number,
        inputs=it.inputs(number),
        status="stopped",
        answer=str(why),
        run=folder.run,
    )


def _folder_of(it: _Table, number: int) -> RunFolder:
    """The folder of a row's run, with what the table's run is allowed now."""
    folder = RunFolder(it.home(), _name(it, number))
    settings = row_settings(it.settings, it.file, it.inputs(number), it.home(), folder.path)
    if (folder.path / "run.json").exists():
        folder.save(folder.load().model_copy(update={"settings": settings}))
    else:
        folder.path.mkdir(parents=True, exist_ok=True)
        folder.save(RunRecord(run=folder.run, settings=settings))
    return folder


def _name(it: _Table, number: int) -> str:
    return f"row-{number:0{len(str(len(it.lines)))}}"


def _done(it: _Table, number: int) -> Row | None:
    """How a row ended that is done for good; None for any other."""
    folder = RunFolder(it.home(), _name(it, number))
    try:
        if folder.load().status not in ENDED:
            return None
        result = WorkflowResult.model_validate_json((folder.path / RESULT).read_bytes())
    except (OSError, ValidationError, RunStorageFailed):
        return None
    return _row_of(it, number, result)


def _row_of(it: _Table, number: int, result: WorkflowResult) -> Row:
    return Row(
        number=number,
        inputs=it.inputs(number),
        status=result.status,
        answer=result.answer,
        outputs=result.outputs,
        mended=result.mended,
        seconds=result.usage.seconds,
        model_calls=result.usage.model_calls,
        run=result.run,
    )


def _result(it: _Table) -> TableResult:
    rows = [it.rows[number] for number in sorted(it.rows)]
    status = status_of(rows)
    source = it.settings.workflow
    assert source is not None, "this is a workflow's run"
    offer = offered(it.file, it.mended, source)
    folder = it.folder.path
    if it.brain.name:
        it.folder.save(it.folder.load().model_copy(update={"model": it.brain.name}))
    result = TableResult(
        run=it.folder.run,
        status=status,
        answer=told(rows),
        rows=rows,
        mended=offer.told,
        diff=offer.diff,
        updated=offer.written,
        usage=it.usage(),
        folder=folder,
    )
    it.folder.write("rows.csv", rows_as_csv(rows))
    it.folder.write(RESULT, result.model_dump_json(indent=1))
    _tell_end(it, status, result.answer)
    return result


class OneAtATime:
    """Asks the user for one row at a time."""

    def __init__(self, approver: Approver) -> None:
        self._approver = approver
        self._turn = asyncio.Lock()

    async def approve(self, request: ApprovalRequest) -> Approval:
        """Decide on one action."""
        async with self._turn:
            return await self._approver.approve(request)

    async def answer(self, question: str) -> str | None:
        """Answer a question."""
        async with self._turn:
            return await self._approver.answer(question)


class _Browsers:
    """The browser of all rows; another one in its place when it goes away."""

    def __init__(self, settings: RunSettings, stack: AsyncExitStack) -> None:
        self._settings = settings
        self._stack = stack
        self._browser: Browser | None = None
        self._turn = asyncio.Lock()

    async def get(self) -> Browser:
        """The browser. Raises BrowserMissing."""
        async with self._turn:
            if self._browser is None or not self._browser.is_connected():
                opening = open_browser(self._settings.browser)
                self._browser = await self._stack.enter_async_context(opening)
            return self._browser


@asynccontextmanager
async def _browsers(settings: RunSettings) -> AsyncIterator[_Browsers]:
    async with AsyncExitStack() as stack:
        yield _Browsers(settings, stack)


def _forward(it: _Table) -> Listener:
    """What a row tells that concerns who watches the table."""

    def tell(event: AnyEvent) -> None:
        if isinstance(event, _FORWARDED):
            it.emit(event)

    return tell


def _said(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """`row 3: size=Large, name=Ann`: the inputs in which the rows differ."""
    names = dict.fromkeys(name for row in rows for name in row)
    differ = [name for name in names if len({str(row.get(name)) for row in rows}) > 1]
    for number, row in enumerate(rows, 1):
        told = ", ".join(f"{name}={row[name]}" for name in differ or names if name in row)
        yield f"row {number}: {told if len(told) <= SAID else told[: SAID - 1] + '…'}"


def _ticked(line: Line, row: Row) -> Line:
    return line.model_copy(update={"done": True, "evidence": row.answer})


def _tell_start(it: _Table, *, resumed: bool) -> None:
    started = Started(
        task=it.settings.task,
        url=it.settings.url,
        model=NO_MODEL,
        folder=str(it.folder.path),
        resumed=resumed,
    )
    it.emit(started)


def _tell_row(it: _Table, row: Row) -> None:
    line = it.lines[row.number - 1]
    if row.status == "done":
        shown = ", ".join(f"{name}: {value}" for name, value in row.outputs.items())
        it.emit(StepDone(step=row.number - 1, do=line.do, evidence=shown or row.answer))
    else:
        verdict = Verdict(cause=_cause(row), evidence=row.answer)
        it.emit(Judged(number=row.number, step=row.number - 1, said=line.do, verdict=verdict))
    it.emit(UsageNow(usage=it.usage()))


def _cause(row: Row) -> Cause:
    waits = row.status in ("needs_approval", "needs_answer")
    return Cause.BLOCKED_BY_POLICY if waits else Cause.NO_EFFECT


def _tell_end(it: _Table, status: RunStatus, answer: str) -> None:
    it.emit(
        Finished(
            status=status,
            answer=answer,
            resumable=status not in ENDED,
            folder=str(it.folder.path),
            usage=it.usage(),
        )
    )
