"""What clients are told of a run: its record on disk, and what this process knows of it."""

from agent.folder import RunFolder, RunRecord
from agent.state import Usage
from server.active import ActiveRun
from server.feed import count
from server.protocol import RunDetail, RunInfo, RunStateName
from tasks.story import read_events
from tasks.view import View


def info_of(
    folder: RunFolder, record: RunRecord, active: ActiveRun | None, place: int = 0
) -> RunInfo:
    """A run as a list shows it; `active` if this process works on it or will, `place` its place
    in the queue."""
    settings = record.settings
    state = active.state if active else _stored_state(record)
    over = None if active or state == "running" else record.outcome
    resumable = not active and record.resumable and state != "running"
    return RunInfo(
        run=folder.run,
        task=settings.task,
        workflow=settings.workflow.file.stem if settings.workflow else "",
        url=settings.url,
        state=state,
        place=place,
        started=record.started,
        updated=record.updated,
        model=record.model,
        answer=over.answer if over else "",
        evidence=over.evidence if over else [],
        resumable=resumable,
        elsewhere=not active and state == "running",
        tab=settings.browser.tab,
        needs_tab=resumable and settings.browser.tab is not None,
        waiting=active.waiting if active else None,
        last=count(folder.events),
    )


def detail_of(info: RunInfo, folder: RunFolder) -> RunDetail:
    """The same with plan and usage as its events tell them."""
    view, usage = View(), Usage()
    for event in read_events(folder.events):
        view.apply(event)
        usage = view.usage
    return RunDetail(**dict(info), plan=view.plan, step=view.step, usage=usage)


def _stored_state(record: RunRecord) -> RunStateName:
    """A run whose process died without a word reads as stopped, and has no outcome."""
    if record.status == "stopped" and record.outcome is None:
        return "interrupted"
    return record.status
