"""What keeps an evaluation from being made."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.errors import AgentError


class EvaluationError(AgentError):
    """A package, a task or a file is missing or not as it must be: one sentence."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a failure to write this file into an EvaluationError."""
    try:
        yield
    except OSError as error:
        raise EvaluationError(
            f"{path} cannot be written ({error.strerror or error}): name another file."
        ) from error
