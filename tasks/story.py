"""The story of a stored run, as `secondlook show` tells it."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError
from rich.console import Console, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from agent.errors import RunStorageFailed
from agent.events import (
    EVENT,
    Answered,
    AnyEvent,
    ApprovalNeeded,
    Finished,
    Observed,
    Piece,
    Question,
    Served,
    Started,
)
from agent.model.metrics import ServerCounts
from tasks.blocks import ENDINGS, block, ending
from tasks.display import plan_rows
from tasks.going_on import how_to_go_on
from tasks.pieces import DIM, NOW, mark, marked, said
from tasks.terminal_text import safe
from tasks.view import View

if TYPE_CHECKING:
    from agent.folder import RunRecord


def listing(records: "Iterable[RunRecord]") -> Table:
    """The stored runs, a row each."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0), expand=True)
    table.add_column("Run", no_wrap=True)
    table.add_column("Started", no_wrap=True)
    table.add_column("Outcome", no_wrap=True)
    table.add_column("Task", overflow="ellipsis", no_wrap=True, ratio=1)
    for record in records:
        title, style = ENDINGS[record.status]
        if record.status == "running":
            title = "Running"
        started = f"{record.started.astimezone():%d %b %H:%M}"
        table.add_row(record.run, started, said(title, style), Text(safe(record.settings.task)))
    return table


def read_events(path: Path) -> Iterator[AnyEvent]:
    """The events of a run, in order; a line cut off by a kill is passed over.

    Raises `RunStorageFailed` when the file cannot be read.
    """
    try:
        lines = path.read_bytes().splitlines() if path.exists() else []
    except OSError as error:
        raise RunStorageFailed(f"{path} cannot be read ({error.strerror}).") from error
    for line in lines:
        with suppress(ValidationError):
            yield EVENT.validate_json(line)


def story(
    record: "RunRecord", folder: Path, events: Iterable[AnyEvent], console: Console
) -> Iterator[RenderableType]:
    """What to print, part by part: heading, plan with ticks, what happened, how it ended."""
    told = [event for event in events if not isinstance(event, Piece)]
    view = View()
    for event in told:
        view.apply(event)
    yield from _heading(record, folder)
    if view.plan:
        yield Text("Plan", style="bold")
        yield from plan_rows(view.plan, view.step, len(view.plan), console)
        yield Text("")
    last = told.pop() if told and isinstance(told[-1], Finished) else None
    for event in told:
        part = _part(event, folder, console)
        if part is not None:
            yield part
    yield Text("")
    counts = [event.counts for event in told if isinstance(event, Served)]
    if counts:
        yield said(served(sum(counts, ServerCounts())), DIM)
    if isinstance(last, Finished):
        yield ending(last, console)
    else:
        yield from _unended(record, folder)


def served(counts: ServerCounts) -> str:
    """What vLLM said of itself over a run, in one line."""
    waited = counts.queue_seconds / counts.requests if counts.requests else 0.0
    return (
        f"vLLM over the run: {counts.cached:.0%} of {counts.prompt_tokens:,.0f} prompt tokens from "
        f"the prefix cache · {waited * 1000:.0f} ms in the queue for each of "
        f"{counts.requests:.0f} requests · {counts.tokens_per_second:.0f} tokens/s an answer"
    )


def _unended(record: "RunRecord", folder: Path) -> Iterator[RenderableType]:
    """Where a run stands that has told no end: it goes on, an error stopped it, or a kill did."""
    if record.status == "running":
        yield said("It is going on.", "yellow")
        return
    title, style = ENDINGS[record.status]
    why = record.outcome.answer if record.outcome else ""
    yield said(f"{title}: {why}" if why else f"{title}.", style)
    yield Text(f"To go on: {how_to_go_on(record.run, folder)}", style="bold")


def _heading(record: "RunRecord", folder: Path) -> Iterator[RenderableType]:
    yield Rule(Text(record.run), align="left", style=DIM)
    yield said(record.settings.task, "bold")
    facts = [f"{record.started.astimezone():%d %B %Y %H:%M}", record.settings.url, record.model]
    yield said(" · ".join(fact for fact in facts if fact), DIM)
    yield said(str(folder), DIM)
    yield Text("")


def _part(event: AnyEvent, folder: Path, console: Console) -> RenderableType | None:
    """What the story has beyond what the live display leaves behind."""
    match event:
        case Started():
            words = "Taken up again" if event.resumed else "Begun"
            return said(f"{words} {event.at.astimezone():%H:%M:%S}", DIM)
        case Observed() if event.screenshot or event.notices or event.dialog:
            return _look(event, folder, console)
        case Finished():
            title, style = ENDINGS[event.status]
            return said(f"{title}: {event.answer}", style)
        case ApprovalNeeded():
            return marked("?", "yellow", said(f"{event.said}: {event.reason}", "yellow"))
        case Question():
            return marked("?", "yellow", said(event.question, "yellow"))
        case Answered():
            return marked(mark(console, NOW), "yellow", said(event.answer))
    return block(event, console, whole_thoughts=True)


def _look(event: Observed, folder: Path, console: Console) -> RenderableType:
    page = said(event.title, DIM)
    page.append("  ").append_text(said(event.url, DIM))
    picture = event.screenshot.removeprefix(f"{folder}/")
    for more in (*event.notices, event.dialog, picture):
        if more:
            page.append("\n").append_text(said(more, DIM))
    return marked(mark(console, NOW), DIM, page)
