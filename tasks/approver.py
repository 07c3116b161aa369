"""Asking the person at the terminal: approvals, default no, and questions."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from agent.approve import Approval, ApprovalRequest
from tasks.pieces import DIM, count, said
from tasks.terminal_input import discard_typed_ahead, read_line
from tasks.terminal_text import safe

AROUND_WHAT = 9
"""Rows of the panel and the prompt that are not the page's own lines."""

_YES = frozenset({"y", "yes"})
_NO = frozenset({"", "n", "no"})


class TerminalApprover:
    """Speaks for the user at the terminal. `paused` takes a live display out of the way."""

    def __init__(
        self, console: Console, paused: Callable[[], AbstractContextManager[None]] = nullcontext
    ) -> None:
        self._console = console
        self._paused = paused

    async def approve(self, request: ApprovalRequest) -> Approval:
        """Show exactly what will happen and wait for a yes; anything unclear is asked again."""
        with self._paused():
            self._console.print(approval_panel(request, self._console))
            discard_typed_ahead()
            while True:
                self._ask("Go ahead? \\[y/N] ")
                line = await read_line()
                if line is None or line.lower() in _NO:
                    return Approval(decision="no", reason="the user said no")
                if line.lower() in _YES:
                    return Approval(decision="yes")
                self._console.print("Please type y or n.", style=DIM)

    async def answer(self, question: str) -> str | None:
        """Ask a question; an empty line asks again, the end of input leaves it open."""
        with self._paused():
            self._console.print(
                Panel(
                    Text(safe(question, keep_lines=True), overflow="fold"),
                    title="A question for you",
                    title_align="left",
                    border_style="yellow",
                )
            )
            discard_typed_ahead()
            while True:
                self._ask("Your answer: ")
                line = await read_line()
                if line is None or line:
                    return line

    def _ask(self, prompt: str) -> None:
        self._console.print(prompt, end="", style="bold yellow", soft_wrap=True)
        self._console.file.flush()


def approval_panel(request: ApprovalRequest, console: Console) -> RenderableType:
    """What is about to happen: the action, why it is asked, the page around it; fits the screen."""
    room = max(console.height - AROUND_WHAT, 3)
    lines = safe(request.what, keep_lines=True).splitlines()
    first = lines.pop(0) if lines and lines[0].startswith(safe(request.said)) else request.said
    shown: list[RenderableType] = [Text(line, overflow="ellipsis", no_wrap=True) for line in lines]
    if len(lines) > room:
        left = len(lines) - room + 1
        shown = [*shown[: room - 1], Text(f"({count(left, 'more line')})", style=DIM)]
    body: list[RenderableType] = [said(first, "bold")]
    if request.reason:
        body.append(said(request.reason))
    if request.site:
        body.append(said(f"A yes allows {request.site} for this run.", "yellow"))
    body += [Text(""), *shown] if shown else []
    return Panel(Group(*body), title="Needs your yes", title_align="left", border_style="yellow")
