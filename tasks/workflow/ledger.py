"""What a workflow's run has done, step by step: written as it happens, read when it goes on.

`steps.jsonl` in the run's folder. A step is named by its place: "3", or "4.2.1" for the first
step in the second round of the loop at 4. The intent of an action is written before it is
taken, so that a step without an end tells what was under way.
"""

import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal

from pydantic import BaseModel, ValidationError

from agent.folder import RunFolder, storing
from agent.state import Attempt, Intent, Usage
from tools.causes import Cause

NAME = "steps.jsonl"


class Entry(BaseModel):
    """One line.

    begun     an action is about to be taken; `intent`
    attempt   it was taken; `attempt`
    entered   a loop or a called workflow begins
    done      the step is done; `shown` proves it, `value` is what it extracted, `url` the address
              after it; `sent` says that a request which may change something left on the way
    skipped   its `when` did not hold
    lost      it was done, but the page that was opened again no longer has it
    part      the model has the step in hand; `shown` is the name of that part of the run
    granted   the user opened a site; `shown`
    """

    kind: Literal["begun", "attempt", "entered", "done", "skipped", "lost", "part", "granted"]
    at: str = ""
    intent: Intent | None = None
    attempt: Attempt | None = None
    shown: str = ""
    value: Any = None
    healed: bool = False
    sent: bool = False
    url: str = ""
    usage: Usage | None = None


class Ledger:
    """The ledger of one run; use as a context manager to write to it.

    `redact` takes secrets out of what is written. `ended` are the last entries of the steps
    that are done or skipped, or that were entered; `attempts` all that was tried; `intent` what
    was under way when the last process ended, or is in doubt, with its step, `under_way`; `parts`
    are the parts of the run in which the model has a step in hand; `losses` counts how often a
    step was lost.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._path: Path = folder.path / NAME
        self._file: IO[bytes] | None = None
        self.redact: Callable[[Any], Any] = lambda data: data
        self.ended: dict[str, Entry] = {}
        self.attempts: list[Attempt] = []
        self.losses: dict[str, int] = {}
        self._last: dict[str, Attempt] = {}
        self.parts: dict[str, str] = {}
        self.granted: list[str] = []
        self.usage = Usage()
        self.intent: Intent | None = None
        self.under_way = ""
        self.fresh = True

    def __enter__(self) -> "Ledger":
        with storing(self._path):
            lines = self._path.read_bytes().splitlines() if self._path.exists() else []
            self._file = self._path.open("ab")
            if lines:
                self._file.write(b"\n")  # a kill may have cut the last line off
        for line in lines:
            try:
                self._take(Entry.model_validate_json(line))
            except ValidationError:
                continue
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file:
            self._file.close()

    def write(self, entry: Entry) -> None:
        """Add a line. Raises RunStorageFailed."""
        data = self.redact(entry.model_dump(mode="json", exclude_defaults=True))
        line = Entry.model_validate(data).model_dump_json(exclude_defaults=True)
        assert self._file is not None, "the ledger is open while the run goes on"
        with storing(self._path):
            self._file.write(f"{line}\n".encode())
            self._file.flush()
        self._take(entry)

    def last(self, at: str) -> Attempt | None:
        """The last attempt at a step that was not the model's."""
        return self._last.get(at)

    def sync(self) -> None:
        """Bring it to the disk itself: before what must not happen twice, even a power cut."""
        assert self._file is not None, "the ledger is open while the run goes on"
        with storing(self._path):
            os.fsync(self._file.fileno())

    def _take(self, entry: Entry) -> None:
        self.fresh = False
        self.usage = entry.usage or self.usage
        if entry.kind == "begun":
            self.intent, self.under_way = entry.intent, entry.at
        elif entry.kind == "attempt" and entry.attempt:
            self.attempts.append(entry.attempt)
            if entry.at not in self.parts:
                self._last[entry.at] = entry.attempt
            if not _leaves_doubt(entry.attempt):
                self.intent = None
        elif entry.kind == "part":
            self.parts[entry.at] = entry.shown
        elif entry.kind == "granted":
            self.granted.append(entry.shown)
        elif entry.kind == "lost":
            self.ended.pop(entry.at, None)
            self.parts.pop(entry.at, None)
            self._last.pop(entry.at, None)
            self.losses[entry.at] = self.losses.get(entry.at, 0) + 1
        else:
            self.ended[entry.at] = entry
            if entry.kind != "entered":
                self.intent = None


def _leaves_doubt(attempt: Attempt) -> bool:
    """Whether something was sent, and yet it does not look as if it had taken effect."""
    silent = attempt.verdict.cause is Cause.NO_EFFECT
    return not attempt.verdict.ok and attempt.sent and (attempt.commit or silent)
