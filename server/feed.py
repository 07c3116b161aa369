"""A run's events with their numbers: the store to read from, and a feed of what happens now.

The store is the run's `events.jsonl`; an event's number is its line. So a number means the same
to whoever wrote the run, this process or a terminal, and after any crash.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator
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


class _Follower:
    """What one follower has yet to read: pieces, and the numbers of events that were stored."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Piece | int] = asyncio.Queue(_UNREAD)
        self.behind = False

    def put(self, told: Piece | int) -> None:
        """Never waits; who cannot keep up has to begin again from the store."""
        if self.queue.full():
            self.behind = True
        else:
            self.queue.put_nowait(told)

    async def next(self) -> Piece | int | None:
        """What was told, or None when it is time to look into the store. Raises Behind."""
        if self.behind:
            raise Behind
        try:
            async with asyncio.timeout(POLL_SECONDS):
                return await self.queue.get()
        except TimeoutError:
            return None


class Feed:
    """Passes on what a run tells in this process to whoever follows it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.last = 0
        self._followers: set[_Follower] = set()

    @property
    def followed(self) -> bool:
        """Whether anybody follows it."""
        return bool(self._followers)

    def begin(self) -> None:
        """The run begins to tell: from here on its events are counted."""
        self.last = count(self.path)

    def tell(self, event: AnyEvent) -> None:
        """Pass an event on. All but pieces have been stored by now."""
        if not isinstance(event, Piece):
            self.last += 1
        for follower in self._followers:
            follower.put(event if isinstance(event, Piece) else self.last)

    async def follow(self, run: str, after: int) -> AsyncGenerator[EventTold | CaughtUp]:
        """What is stored after a number, then what happens. Ends never. Raises Behind."""
        reader = Reader(self.path, after)
        with self._followed_by() as follower:
            for numbered in reader.read():
                yield EventTold(run=run, **dict(numbered))
            yield CaughtUp(run=run, last=reader.number)
            while True:
                told = await follower.next()
                if isinstance(told, Piece):
                    yield EventTold(run=run, number=None, event=told)
                    continue
                for numbered in reader.read(told):
                    yield EventTold(run=run, **dict(numbered))

    @contextmanager
    def _followed_by(self) -> Iterator[_Follower]:
        follower = _Follower()
        self._followers.add(follower)
        try:
            yield follower
        finally:
            self._followers.discard(follower)


def _event(line: bytes) -> AnyEvent | None:
    try:
        return EVENT.validate_json(line)
    except ValidationError:
        return None
