"""A run's events with their numbers: the store to read from, and a feed of what happens now.

The store is the run's `events.jsonl`; an event's number is its line. So a number means the same
to whoever wrote the run, this process or a terminal, and after any crash.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from agent.events import EVENT, AnyEvent, Piece
from server.protocol import CaughtUp, EventTold, Numbered

POLL_SECONDS = 0.5
"""How often a run is looked at that another process works on."""

_UNREAD = 5000
"""Events and pieces that may wait for a client that reads slowly."""


class Behind(Exception):
    """The client reads too slowly: it must read on from the store."""


class Reader:
    """Reads the stored events after a number, and goes on where it stopped."""

    def __init__(self, path: Path, after: int = 0) -> None:
        self.number = 0
        self._path = path
        self._after = after
        self._offset = 0

    def read(self, until: int | None = None) -> list[Numbered]:
        """The events stored since the last call, up to a number. A line that is no event, cut
        off by a kill, is passed over; one that is being written is left for later."""
        return list(self._read(until))

    def _read(self, until: int | None) -> Iterator[Numbered]:
        if not self._path.exists() or self._path.stat().st_size == self._offset:
            return
        with self._path.open("rb") as file:
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n") or (until is not None and self.number >= until):
                    return
                self._offset += len(line)
                self.number += 1
                if self.number > self._after and (event := _event(line)):
                    yield Numbered(number=self.number, event=event)


def count(path: Path) -> int:
    """The number of the last line stored; one that was cut off counts, as it will be ended."""
    if not path.exists():
        return 0
    with path.open("rb") as file:
        return sum(1 for _ in file)


class Feed:
    """Passes on what a run tells in this process to whoever follows it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.last = 0
        self._queues: set[asyncio.Queue[Piece | int]] = set()

    @property
    def followed(self) -> bool:
        """Whether anybody follows it."""
        return bool(self._queues)

    def begin(self) -> None:
        """The run begins to tell: from here on its events are counted."""
        self.last = count(self.path)

    def tell(self, event: AnyEvent) -> None:
        """Pass an event on. All but pieces have been stored by now."""
        if not isinstance(event, Piece):
            self.last += 1
        for queue in self._queues:
            if not queue.full():
                queue.put_nowait(event if isinstance(event, Piece) else self.last)

    async def follow(self, run: str, after: int) -> AsyncIterator[EventTold | CaughtUp]:
        """What is stored after a number, then what happens. Ends never. Raises Behind."""
        reader = Reader(self.path, after)
        with self._subscribed() as queue:
            for numbered in reader.read():
                yield EventTold(run=run, **dict(numbered))
            yield CaughtUp(run=run, last=reader.number)
            while True:
                told = await _next(queue)
                if queue.full():
                    raise Behind
                if isinstance(told, Piece):
                    yield EventTold(run=run, number=None, event=told)
                    continue
                for numbered in reader.read(told):
                    yield EventTold(run=run, **dict(numbered))

    @contextmanager
    def _subscribed(self) -> Iterator["asyncio.Queue[Piece | int]"]:
        queue: asyncio.Queue[Piece | int] = asyncio.Queue(_UNREAD)
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)


async def _next(queue: "asyncio.Queue[Piece | int]") -> Piece | int | None:
    """What was told, or None when it is time to look into the store."""
    try:
        async with asyncio.timeout(POLL_SECONDS):
            return await queue.get()
    except TimeoutError:
        return None


def _event(line: bytes) -> AnyEvent | None:
    try:
        return EVENT.validate_json(line)
    except ValidationError:
        return None
