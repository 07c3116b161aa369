"""What is wrong with a workflow file: where, and what was expected."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.errors import AgentError

SHOWN = 20
"""How many problems an error says at most."""


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
    """A file is no workflow that can be run; says each problem on a line of its own."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        lines = [str(problem) for problem in self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            lines.append(f"… and {len(self.problems) - SHOWN} more")
        super().__init__("\n".join(lines))
