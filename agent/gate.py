"""Where a run is held between its nodes and let go again: it is paused, or its user acts.

An action under way is finished and judged first. Anything else is broken off at once, for
nothing of it has left the process; the run then goes on with a new look at the page.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn, TypeVar

from agent.events import HeldFor

T = TypeVar("T")


class LookAgain(Exception):
    """The run was held and is let go: the page may be another by now."""

    def __init__(self, why: HeldFor, seconds: float) -> None:
        super().__init__(why, seconds)
        self.why, self.seconds = why, seconds


class Gate:
    """One run's gate, open at first. All of it belongs to the run's own event loop."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._held = asyncio.Event()
        self._rest = asyncio.Event()
        self._open.set()
        self._rest.set()
        self._why: HeldFor = "paused"
        self._since = 0.0

    @property
    def held(self) -> HeldFor | None:
        """Why the run is held, or will be as soon as it is at rest."""
        return None if self._open.is_set() else self._why

    @property
    def resting(self) -> bool:
        """Whether no action is under way."""
        return self._rest.is_set()

    def hold(self, why: HeldFor) -> None:
        """Let nothing begin from now on."""
        if not self._held.is_set():
            self._since = time.monotonic()
        self._why = why
        self._open.clear()
        self._held.set()

    def release(self) -> None:
        """Let it go on."""
        self._open.set()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """An action is under way: whoever holds or stops the run waits until it is judged."""
        self._rest.clear()
        try:
            yield
        finally:
            self._rest.set()

    async def at_rest(self) -> None:
        """Wait until no action is under way."""
        await self._rest.wait()

    async def passed(self, name: str, work: Callable[[], Awaitable[T]]) -> T:
        """What the work of this node brings. Raises `LookAgain` after the run was held."""
        if name == "verify":
            return await self._judged(work)
        if self._held.is_set():
            await self._held_back()
        return await (self._acted(work) if name == "act" else self._broken_off(work))

    async def _acted(self, work: Callable[[], Awaitable[T]]) -> T:
        self._rest.clear()
        try:
            return await work()
        except BaseException:
            self._rest.set()
            raise

    async def _judged(self, work: Callable[[], Awaitable[T]]) -> T:
        try:
            return await work()
        finally:
            self._rest.set()

    async def _broken_off(self, work: Callable[[], Awaitable[T]]) -> T:
        task = asyncio.ensure_future(work())
        held = asyncio.ensure_future(self._held.wait())
        try:
            await asyncio.wait({task, held}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
        finally:
            held.cancel()
            task.cancel()
        if task.cancelled() and self._held.is_set():
            await self._held_back()
        return task.result()

    async def _held_back(self) -> NoReturn:
        while not self._open.is_set():
            await self._open.wait()
        self._held.clear()
        raise LookAgain(self._why, time.monotonic() - self._since)
