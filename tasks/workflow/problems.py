"""What is wrong with a workflow file: where, and what was expected."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.errors import AgentError


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong; line and column count from 1, 0 where no place can be told."""

    path: Path
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        """`order.yaml:12:7: expected a whole number, not 'two'`."""
        place = f":{self.line}:{self.column}" if self.line else ""
        return f"{self.path}{place}: {self.message}"


class WorkflowInvalid(AgentError):
    """A file is no workflow that can be run; `problems` are all, the message is the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        first, more = self.problems[0], len(self.problems) - 1
        rest = f" (`secondlook workflow check {first.path}` lists {more} more)" if more else ""
        super().__init__(f"{first}{rest}")


class RecordingError(AgentError):
    """Nothing can be recorded, or not into this file."""


class BadInput(AgentError):
    """An input of a workflow is missing, unknown, or not of its type; or a table is none."""
