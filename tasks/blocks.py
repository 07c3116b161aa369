"""What stays on the terminal when an event has passed: one small renderable an event."""

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from agent.events import (
    AnyEvent,
    ApprovalGiven,
    Decided,
    Finished,
    Held,
    Judged,
    Mended,
    Observed,
    Planned,
    Reflected,
    StepDone,
    StepUndone,
)
from agent.state import RunStatus, Usage
from tasks.going_on import how_to_go_on
from tasks.pieces import (
    BAD,
    DIM,
    FAILED,
    GOOD,
    OK,
    REFLECTION,
    TODO,
    Barred,
    count,
    duration,
    mark,
    marked,
    one_line,
    said,
)
from tasks.terminal_text import safe
from tools.causes import Cause

THOUGHT_LINES = 3
"""A thought stays in the scroll-back with at most this many lines; `show` has all of it."""

ENDINGS: dict[RunStatus, tuple[str, str]] = {
    "done": ("Done", GOOD),
    "failed": ("Failed", BAD),
    "limit": ("Stopped at a limit", BAD),
    "needs_approval": ("Needs your approval", "yellow"),
    "needs_answer": ("Needs your answer", "yellow"),
    "stopped": ("Stopped", "yellow"),
    "running": ("Not finished", "yellow"),
}


def block(
    event: AnyEvent, console: Console, *, whole_thoughts: bool = False
) -> RenderableType | None:
    """What this event leaves behind, or None if it only changes the live part."""
    match event:
        case Planned() if event.replanned:
            left = sum(not step.done for step in event.steps)
            return said(f"New plan: {count(left, 'step')} to go", "cyan")
        case Observed() if event.notices:
            return Group(
                *(marked("!", "yellow", said(notice, "yellow")) for notice in event.notices)
            )
        case Decided():
            return _thought(event.thinking, console, None if whole_thoughts else THOUGHT_LINES)
        case Judged():
            return _verdict(event, console)
        case StepDone():
            return _step(event, console)
        case StepUndone():
            return said(f"Step {event.step + 1} is open again: {event.reason}", "yellow")
        case Reflected():
            return reflection(event, console)
        case Mended():
            words = f"Step {event.step + 1} mended ({event.why}): {', '.join(event.instead)}"
            return said(words, REFLECTION)
        case Held():
            what = "You acted yourself" if event.why == "taken_over" else "Paused"
            return said(f"{what} for {duration(event.seconds)}; it looks again", "yellow")
        case ApprovalGiven():
            answer = "You said yes" if event.decision == "yes" else "Not approved"
            return said(f"{answer}: {event.reason}" if event.reason else answer, "yellow")
    return None


def reflection(event: Reflected, console: Console) -> RenderableType:
    """A reflection: the cause and its evidence, the diagnosis, and what follows from it."""
    head = Text.assemble(
        ("Reflection", f"bold {REFLECTION}"),
        (f" {cause_words(event.cause)}", f"bold {BAD}"),
        (f": {safe(event.evidence)}" if event.evidence else "", DIM),
        overflow="fold",
    )
    advice = Text.assemble(
        (f"{mark(console, '→')} {event.strategy.value.replace('_', ' ')}", f"bold {REFLECTION}"),
        (f": {safe(event.advice)}" if event.advice else "", ""),
        overflow="fold",
    )
    return Barred([head, said(event.diagnosis), advice], REFLECTION)


def cause_words(cause: Cause) -> str:
    """A cause for people: `no effect`."""
    return cause.value.replace("_", " ")


def ending(event: Finished, console: Console) -> RenderableType:
    """How the run ended: the answer, what on the page shows it, the costs, where it is kept."""
    title, style = ENDINGS[event.status]
    lines: list[RenderableType] = [Text(safe(event.answer, keep_lines=True), overflow="fold")]
    if event.evidence:
        lines += [Text(""), Text("The page shows", style=DIM)]
        lines += [marked(mark(console, TODO), DIM, said(line)) for line in event.evidence]
    lines += [Text(""), Text(costs(event.usage), style=DIM)]
    if event.folder:
        lines.append(said(f"Kept in {event.folder}", DIM))
    if event.resumable:
        how = how_to_go_on(event.run, event.folder)
        lines.append(Text(f"To go on: {how}", style="bold", overflow="fold"))
    return Panel(Group(*lines), title=Text(title), title_align="left", border_style=style)


def costs(usage: Usage) -> str:
    """Actions, tokens and time of a run in one line."""
    tokens = usage.prompt_tokens + usage.answer_tokens
    return " · ".join(
        (count(usage.steps, "action"), count(tokens, "token"), duration(usage.seconds))
    )


def _thought(thinking: str, console: Console, limit: int | None) -> RenderableType | None:
    text = said(thinking, f"{DIM} italic")
    if not text.plain:
        return None
    width = max(console.width - 2, 10)
    lines = list(text.wrap(console, width))
    if limit is not None and len(lines) > limit:
        lines = lines[:limit]
        lines[-1] = one_line(Text(f"{lines[-1].plain.rstrip()}…", style=lines[-1].style), width)
    return Group(*(Text("  ").append_text(line) for line in lines))


def _verdict(event: Judged, console: Console) -> RenderableType:
    body = said(event.said)
    verdict = event.verdict
    if verdict.cause is None:
        if verdict.evidence:
            body.append(f"  {safe(verdict.evidence)}", style=DIM)
        return marked(mark(console, OK), GOOD, body)
    body.append(f"  {cause_words(verdict.cause)}", style=f"bold {BAD}")
    if verdict.evidence:
        body.append(f": {safe(verdict.evidence)}")
    return marked(mark(console, FAILED), BAD, body)


def _step(event: StepDone, console: Console) -> RenderableType:
    body = said(f"Step {event.step + 1} done: {event.do}", f"bold {GOOD}")
    if event.evidence:
        body.append(f"  {safe(event.evidence)}", style=f"not bold {DIM}")
    return marked(mark(console, OK), f"bold {GOOD}", body)
