"""A lock on a file that vanishes with its process, so that a run has one process at a time."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.errors import RunStorageFailed

if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def hold(path: Path, busy: str) -> Iterator[None]:
    """Hold the lock; `busy` is what `RunStorageFailed` says when another process has it."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise RunStorageFailed(f"{path} cannot be written ({error.strerror}).") from error
    try:
        try:
            _take(handle)
        except OSError as error:
            raise RunStorageFailed(busy) from error
        yield
    finally:
        os.close(handle)


def locked(path: Path) -> bool:
    """Whether a living process holds the lock."""
    if not path.exists():
        return False
    try:
        with hold(path, "held"):
            return False
    except RunStorageFailed:
        return True
