"""A process's turn at a run: it alone works on it, and how the turn ended is written down."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from agent.errors import AgentError
from agent.folder import RunFolder, RunRecord
from agent.locks import hold
from agent.state import Outcome
from tools.errors import ToolError

STOPPED = Outcome(status="stopped", answer="The run was stopped.")


def check_resumable(record: RunRecord) -> None:
    """Raise AgentError for a run that is over for good."""
    if not record.resumable:
        raise AgentError(f"The run {record.run} is {record.status}: nothing is left to resume.")


@contextmanager
def turn_at(folder: RunFolder, model: str = "") -> Iterator[RunRecord]:
    """Hold the run while the block works on it; its record as it was before.

    `model` is who answers until that is known better. What breaks the block off is written down
    as a stop; how it ends otherwise, `ended` writes. Raises RunStorageFailed when another process
    has the run, AgentError when nothing is left to do.
    """
    busy = f"The run {folder.run} is going on in another process: wait for it, or stop it."
    with hold(folder.lock, busy):
        record = folder.load()
        check_resumable(record)
        running = {"status": "running", "outcome": None, "opened": record.opened + 1}
        name = {"model": record.model or model}
        folder.save(record.model_copy(update=running | name))
        try:
            yield record
        except (AgentError, ToolError, asyncio.CancelledError) as error:
            why = {"answer": str(error)} if str(error) else {}
            ended(folder, STOPPED.model_copy(update=why))
            raise


def ended(folder: RunFolder, outcome: Outcome) -> None:
    """Write down how the run ended, or why it waits."""
    end = {"status": outcome.status, "outcome": outcome}
    folder.save(folder.load().model_copy(update=end))
