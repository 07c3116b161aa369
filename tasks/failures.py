"""The one edge at which errors become a sentence and an exit code.

Known errors carry their sentence. An unexpected one is a bug of ours: it is said so, the
traceback goes to a file, and the user hears how to go on with the run.
"""

import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import AgentError
from tasks.exit_codes import ExitCode, code_for
from tasks.going_on import how_to_go_on
from tasks.terminal_text import safe
from tools.errors import ToolError

if TYPE_CHECKING:
    from agent.events import AnyEvent
    from agent.state import RunStatus


@dataclass
class Edge:
    """What the edge must know about the command that runs: filled in as the command learns it.

    `redact` takes secrets out of a traceback; `ended` is how the run ended, once it has.
    """

    json_lines: bool = False
    run: str = ""
    folder: Path | None = None
    ended: "RunStatus | None" = None
    redact: Callable[[str], str] = field(default=lambda text: text)

    def learn(self, event: "AnyEvent") -> None:
        """Take from an event what an error message needs."""
        if event.kind == "started":
            self.run, self.folder = event.run, Path(event.folder)
        elif event.kind == "finished":
            self.ended = event.status

    def report(self, error: Exception) -> ExitCode:
        """Say what is wrong in one sentence, and with which exit code to leave."""
        return self.say(*self.told(error))

    def told(self, error: Exception) -> tuple[ExitCode, str, str]:
        """The exit code of an error, its name, and its sentence."""
        if isinstance(error, ToolError | AgentError):
            return code_for(error), type(error).__name__, str(error)
        path = self._keep_traceback(error)
        where = f"the traceback is in {path}" if path else "its traceback could not be kept"
        summary = safe(self.redact(f"{type(error).__name__}: {error}"))[:200]
        sentence = f"This is a bug in secondlook ({summary}); {where}."
        return ExitCode.FAILED, "UnexpectedError", sentence

    def say(self, code: ExitCode, name: str, message: str) -> ExitCode:
        """Print one sentence on stderr, and an `error` object on stdout with `--json`."""
        message = safe(message)
        print(f"secondlook: {message}", file=sys.stderr)
        if self.run:
            print(f"To go on: {how_to_go_on(self.run, self.folder)}", file=sys.stderr)
        if self.json_lines:
            from tasks.error_line import ErrorLine

            line = ErrorLine(
                at=datetime.now(UTC), run=self.run, error=name, message=message, exit_code=code
            )
            print(line.model_dump_json(ensure_ascii=True), flush=True)
        return code

    def _keep_traceback(self, error: Exception) -> Path | None:
        text = self.redact("".join(traceback.format_exception(error)))
        for folder in (self.folder, Path(tempfile.gettempdir())):
            if folder is None:
                continue
            path = folder / f"secondlook-crash-{datetime.now(UTC):%Y%m%d-%H%M%S}.txt"
            try:
                path.write_text(text, encoding="utf-8", errors="replace")
            except OSError:
                continue
            return path
        return None
