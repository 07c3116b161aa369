"""The building blocks of what the terminal shows: marks, texts, barred paragraphs, times."""

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from tasks.terminal_text import safe

OK, FAILED, NOW, TODO = "✓", "✗", "▸", "·"
_PLAIN_MARKS = {OK: "+", FAILED: "x", NOW: ">", TODO: "-", "┃": "|", "…": "...", "→": "->"}

DIM = "dim"
GOOD = "green"
BAD = "red"
REFLECTION = "magenta"
CURRENT = "bold cyan"


def said(text: str, style: str = "") -> Text:
    """Words of a page, a model or a user, as they may reach the terminal: one line, harmless."""
    return Text(safe(text), style=style, overflow="fold")


def mark(console: Console, symbol: str) -> str:
    """The symbol, or its ASCII stand-in on a terminal that cannot show it."""
    return _PLAIN_MARKS.get(symbol, symbol) if console.options.ascii_only else symbol


def one_line(text: Text, width: int) -> Text:
    """The text cut to `width` cells, wide characters counted as two."""
    text = text.copy()
    text.no_wrap = True
    text.truncate(max(width, 1), overflow="ellipsis")
    return text


def marked(symbol: str, style: str, body: Text) -> Table:
    """A mark and a paragraph whose further lines hang below its first."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=1, no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(Text(symbol, style=style), body)
    return grid


def duration(seconds: float) -> str:
    """Seconds for people: `8 s`, `3:05`, `1:02:03`."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def count(number: int, word: str) -> str:
    """`1 action`, `3 actions`, `12,345 tokens`."""
    return f"{number:,} {word}" + ("" if number == 1 else "s")


class Barred:
    """Paragraphs with a coloured bar at their left: how a reflection is set apart."""

    def __init__(self, paragraphs: Iterable[Text], style: str) -> None:
        self.paragraphs = list(paragraphs)
        self.style = style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        bar = Segment(f"  {mark(console, '┃')} ", Style.parse(self.style))
        inner = options.update_width(max(options.max_width - 4, 1))
        for paragraph in self.paragraphs:
            for line in console.render_lines(paragraph, inner, pad=False):
                yield bar
                yield from line
                yield Segment.line()
