"""The one edge at which errors become a sentence and an exit code.

Known errors carry their sentence. An unexpected one is a bug of ours: it is said so, the
traceback goes to a file, and the user hears how to go on with the run.
"""

import json
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from agent.errors import AgentError
from tasks.exit_codes import ExitCode, code_for
from tasks.terminal_text import safe
from tools.errors import ToolError


class ErrorLine(BaseModel):
    """The last line on `--json` when a command ends with an error instead of its result."""

    kind: Literal["error"] = "error"
    at: datetime = Field(description="when, in UTC")
    run: str = Field(description="the run, empty if none had begun")
    error: str = Field(description="the error's name, for instance BrowserMissing")
    message: str = Field(description="one sentence: what is wrong and what to do")
    exit_code: int = Field(description="the exit code that follows")


@dataclass
class Edge:
    """What the edge must know about the command that runs: filled in as the command learns it.

    `redact` takes secrets out of a traceback; `resumable` is false until the run is stored.
    """

    json_lines: bool = False
    run: str = ""
    folder: Path | None = None
    redact: Callable[[str], str] = field(default=lambda text: text)

    def report(self, error: Exception) -> ExitCode:
        """Say what is wrong in one sentence, and with which exit code to leave."""
        if isinstance(error, ToolError | AgentError):
            return self.say(code_for(error), type(error).__name__, str(error))
        path = self._keep_traceback(error)
        where = f"the traceback is in {path}" if path else "its traceback could not be kept"
        summary = safe(self.redact(f"{type(error).__name__}: {error}"))[:200]
        return self.say(
            ExitCode.FAILED,
            "UnexpectedError",
            f"This is a bug in secondlook ({summary}); {where}.",
        )

    def say(self, code: ExitCode, name: str, message: str) -> ExitCode:
        """Print one sentence on stderr, and an `error` object on stdout with `--json`."""
        message = safe(message)
        print(f"secondlook: {message}", file=sys.stderr)
        if self.run and code not in (ExitCode.USAGE, ExitCode.DONE):
            print(f"To go on: secondlook resume {self.run}", file=sys.stderr)
        if self.json_lines:
            line = ErrorLine(
                at=datetime.now(UTC), run=self.run, error=name, message=message, exit_code=code
            )
            print(json.dumps(line.model_dump(mode="json")), flush=True)
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
