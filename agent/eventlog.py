"""Where a run's events go: redacted, into its folder, and to who listens."""

import os
from types import TracebackType
from typing import IO

from agent.events import EVENT, Base, Listener, Piece
from agent.folder import RunFolder, storing
from tools.secrets import Secrets


class EventLog:
    """Appends events to `events.jsonl`, all but the streamed pieces, and passes each on.

    Use as a context manager.
    """

    def __init__(self, folder: RunFolder, secrets: Secrets, listener: Listener) -> None:
        self._folder = folder
        self._secrets = secrets
        self._listener = listener
        self._file: IO[bytes] | None = None

    def __enter__(self) -> "EventLog":
        with storing(self._folder.events):
            self._file = self._folder.events.open("a+b")
            _end_line(self._file)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._file:
            self._file.close()

    def __call__(self, event: Base) -> None:
        """Tell one event. Raises RunStorageFailed if it cannot be kept."""
        data = event.model_dump(mode="json") | {"run": self._folder.run}
        told = EVENT.validate_python(self._secrets.redact_data(data))
        assert self._file is not None, "the log is open while the run goes on"
        if not isinstance(told, Piece):
            with storing(self._folder.events):
                self._file.write(f"{told.model_dump_json()}\n".encode())
                self._file.flush()
        self._listener(told)


def _end_line(file: IO[bytes]) -> None:
    """End a line that a kill cut off, so that the next event has a line of its own."""
    if file.seek(0, os.SEEK_END):
        file.seek(-1, os.SEEK_END)
        if file.read(1) != b"\n":
            file.write(b"\n")
