"""Who is told what a run does: a person at a terminal, a pipe, a machine, or nobody."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from rich.console import Console

from agent.approve import Approver
from agent.events import AnyEvent, Listener
from tasks.approver import TerminalApprover
from tasks.display import LiveDisplay
from tasks.failures import Edge
from tasks.lines import AnswerOnly, JsonLines, PlainLines, StepsOnly, Writer
from tasks.terminal_input import ask_secret, is_interactive
from tasks.view import View
from tools.errors import SecretMissing

if TYPE_CHECKING:
    from agent.settings import RunSettings


class Mode(StrEnum):
    """How output is written."""

    LIVE = "live"
    PLAIN = "plain"
    JSON = "json"
    QUIET = "quiet"
    STEPS = "steps"


def choose_mode(*, json_lines: bool, quiet: bool) -> Mode:
    """What was asked for; else live at a terminal that can redraw, plain lines elsewhere."""
    if json_lines:
        return Mode.JSON
    if quiet:
        return Mode.QUIET
    console = Console()
    return Mode.LIVE if console.is_terminal and not console.is_dumb_terminal else Mode.PLAIN


@dataclass
class Output:
    """What a run needs of its watcher: who listens, who is asked, what a stop signal shows."""

    listener: Listener
    approver: Approver | None
    ask_secret: Callable[[str], str] | None = None
    display: LiveDisplay | None = None

    def stopping(self) -> None:
        """Say that the first Ctrl-C was heard."""
        notice = "Stopping and saving. Ctrl-C again leaves at once."
        if self.display is not None:
            self.display.console.print(notice, style="yellow")
        else:
            print(notice, file=sys.stderr, flush=True)

    def leaving(self) -> None:
        """Put the terminal right before the process leaves at once."""
        if self.display is not None:
            self.display.restore_terminal()


@contextmanager
def open_output(mode: Mode, model: str, edge: Edge, settings: "RunSettings") -> Iterator[Output]:
    """The output in this mode, for a run that `model` (as people should read it) answers.

    Nobody is asked with `--json`, or when one end is no terminal: the run then waits for a
    `resume`. `edge` learns what an error message needs, and which words it must not hold.
    """
    asked = AskedSecrets(settings)
    edge.redact = asked.redact
    interactive = mode is not Mode.JSON and is_interactive()
    if mode is Mode.LIVE:
        view = View(model=model, task=settings.task, url=settings.url)
        with LiveDisplay(Console(), view) as display:
            asked.paused = display.paused
            approver = TerminalApprover(display.console, display.paused) if interactive else None
            ask = asked if interactive else None
            yield Output(_both(edge, display), approver, ask, display)
        return
    approver = TerminalApprover(Console(stderr=True)) if interactive else None
    yield Output(_both(edge, _lines(mode, model)), approver, asked if interactive else None)


class AskedSecrets:
    """Asks for the values of secrets, and knows them long enough to keep them out of errors."""

    def __init__(self, settings: "RunSettings") -> None:
        self._settings = settings
        self._asked: dict[str, str] = {}
        self.paused: Callable[[], AbstractContextManager[None]] = nullcontext

    def __call__(self, name: str) -> str:
        """Ask at the terminal."""
        with self.paused():
            self._asked[name] = ask_secret(name)
        return self._asked[name]

    def redact(self, text: str) -> str:
        """The text with the values of the run's secrets replaced by their names."""
        from tools.secrets import Secrets

        try:
            known = Secrets.load(self._settings.secrets, self._settings.url, self._asked.get)
        except SecretMissing:
            return text  # one has no value, so the run has not begun and nothing was filled
        return known.redact(text)


def _lines(mode: Mode, model: str) -> Listener:
    match mode:
        case Mode.JSON:
            return JsonLines(Writer())
        case Mode.QUIET:
            return AnswerOnly(Writer(), Writer(sys.stderr))
        case Mode.STEPS:
            return StepsOnly(Writer())
    return PlainLines(model, Writer())


def _both(edge: Edge, listener: Listener) -> Listener:
    def tell(event: AnyEvent) -> None:
        edge.learn(event)
        listener(event)

    return tell
