"""The live display: what happened scrolls by above, what is happening stays below.

The lower part (header, plan, current action, thought, costs) is drawn anew several times a
second and is never taller than the screen; each finished event leaves its lines above it.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.rule import Rule
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from agent.events import AnyEvent, Finished, UsageNow
from agent.state import Step
from tasks.blocks import block, costs, ending
from tasks.pieces import (
    CURRENT,
    DIM,
    GOOD,
    NOW,
    OK,
    REFLECTION,
    TODO,
    count,
    mark,
    one_line,
    said,
)
from tasks.terminal_text import safe
from tasks.view import View

REFRESH_PER_SECOND = 10
THOUGHT_ROWS = 3
FIXED_ROWS = 5
"""Header (two), the line of what is going on, costs, and the line that must stay free."""

SMALL_SCREEN = 14
"""Below so many rows the display drops its blank lines and all but the plan's step in hand."""


class LiveDisplay:
    """Listener and context manager: while it is open, events are shown as they come."""

    def __init__(
        self, console: Console, view: View, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`view` holds what is known before the first event: task, site, who answers."""
        self.console = console
        self.view = view
        self._clock = clock
        self._counted = (0.0, clock())
        self._spinner = Spinner("line" if console.options.ascii_only else "dots", style=CURRENT)
        self._live = Live(
            console=console,
            get_renderable=self.frame,
            refresh_per_second=REFRESH_PER_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=True,
        )

    def __enter__(self) -> "LiveDisplay":
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def __call__(self, event: AnyEvent) -> None:
        """Take in one event."""
        self.view.apply(event)
        if isinstance(event, UsageNow):
            self._counted = (event.usage.seconds, self._clock())
        left = block(event, self.console)
        if left is not None:
            self.console.print(left)
        if isinstance(event, Finished):
            self._end(event)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Give the whole terminal to a question; the live part comes back afterwards.

        The run's clock stands still meanwhile.
        """
        self._live.stop()
        since = self._clock()
        try:
            yield
        finally:
            seconds, at = self._counted
            self._counted = (seconds, at + self._clock() - since)
            self._live.start()

    def restore_terminal(self) -> None:
        """Show the cursor again, on a line of its own; for a process that leaves at once."""
        self.console.show_cursor(True)
        self.console.file.write("\n")
        self.console.file.flush()

    def frame(self) -> RenderableType:
        """The live part as it is now, at most one row less than the screen."""
        width, height = self.console.size
        if self.view.ended:
            return self._doing(width)
        small = height < SMALL_SCREEN
        gap: list[RenderableType] = [] if small else [Text("")]
        thought_rows = 1 if small else THOUGHT_ROWS
        spare = height - FIXED_ROWS - thought_rows - 3 * len(gap)
        steps = max(1, min(spare, height // 3))
        rows: list[RenderableType] = [] if small else [Rule(style=DIM)]
        rows += [*_header(self.view, width), *gap]
        rows += plan_rows(self.view.plan, self.view.step, steps, self.console)
        rows += [*(gap if self.view.plan else []), self._doing(width)]
        rows += self._thought(width, thought_rows)
        rows.append(self._footer(width))
        return Group(*rows[-max(height - 1, 1) :])

    def _doing(self, width: int) -> RenderableType:
        style = CURRENT if self.view.acting else "cyan"
        line = Table.grid(padding=(0, 1))
        line.add_row(self._spinner, one_line(said(self.view.doing, style), width - 3))
        return line

    def _thought(self, width: int, rows: int) -> list[Text]:
        """The end of the running thought; always `rows` tall, so that nothing jumps."""
        style = REFLECTION if self.view.reflecting else f"{DIM} italic"
        seen = self.view.thinking[-2 * rows * width :]
        text = said(seen, style)
        lines = list(text.wrap(self.console, max(width - 3, 10)))[-rows:] if text.plain else []
        lines += [Text("")] * (rows - len(lines))
        return [Text("  ").append_text(line) for line in lines]

    def _footer(self, width: int) -> Text:
        seconds, at = self._counted
        usage = self.view.usage.model_copy(update={"seconds": seconds + self._clock() - at})
        return one_line(Text(f"{costs(usage)} · Ctrl-C stops and saves", style=DIM), width - 1)

    def _end(self, event: Finished) -> None:
        self.console.print()
        for row in plan_rows(self.view.plan, self.view.step, len(self.view.plan), self.console):
            self.console.print(row)
        self.console.print(ending(event, self.console))


def _header(view: View, width: int) -> list[Text]:
    place = " · ".join(part for part in (safe(view.url), safe(view.model)) if part)
    return [
        one_line(said(view.task, "bold"), width - 1),
        one_line(Text(place, style=DIM), width - 1),
    ]


def plan_rows(plan: list[Step], current: int, limit: int, console: Console) -> list[Text]:
    """The plan with its ticks, one row a step, at most `limit` rows around the step in hand."""
    if not plan:
        return []
    width = console.width - 1
    first, last = _window(len(plan), min(current, len(plan) - 1), limit)
    rows = [_plan_row(plan, i, current, width, console) for i in range(first, last)]
    if first > 0 and len(rows) > 2:
        rows[0] = Text(f"  {mark(console, '…')} {count(first + 1, 'step')} before", style=DIM)
    if last < len(plan) and len(rows) > 2:
        left = len(plan) - last + 1
        rows[-1] = Text(f"  {mark(console, '…')} {count(left, 'step')} after", style=DIM)
    return rows


def _window(total: int, current: int, limit: int) -> tuple[int, int]:
    first = max(0, min(current - limit // 2, total - limit))
    return first, min(total, first + limit)


def _plan_row(plan: list[Step], index: int, current: int, width: int, console: Console) -> Text:
    step = plan[index]
    if step.done:
        symbol, style, words = mark(console, OK), GOOD, ""
    elif index == current:
        symbol, style, words = mark(console, NOW), CURRENT, "bold"
    else:
        symbol, style, words = mark(console, TODO), DIM, DIM
    digits = len(str(len(plan)))
    row = Text.assemble((f"{symbol} ", style), (f"{index + 1:>{digits}} ", words or style))
    row.append(safe(step.do), style=words)
    if step.done and step.evidence:
        row.append(f"  {safe(step.evidence)}", style=DIM)
    return one_line(row, width)
