"""The stream: one socket on which a paired client hears of all runs, and of some everything."""

import asyncio
from contextlib import aclosing

from fastapi import WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from agent.errors import RunNotFound
from server.admission import dismissed, received
from server.feed import Behind
from server.pairing import Pairing, Pairings
from server.perimeter import Refused
from server.protocol import (
    CLIENT_MESSAGE,
    CLOSED_BEHIND,
    CLOSED_REFUSED,
    CLOSED_UNPAIRED,
    Hello,
    RunChanged,
    RunInfo,
    ServerMessage,
    StreamError,
    Unwatch,
    Watch,
    Welcome,
)
from server.runs import Runs

NEWEST = 20
"""Runs that are told of at the beginning."""

MAX_WATCHED = 50
CHECK_SECONDS = 2.0
"""How often a silent stream is looked at whether its client may still listen."""


class _Ends(Exception):
    """The stream is to be closed with this code, because of this."""

    def __init__(self, code: int, refusal: Refused) -> None:
        super().__init__(str(refusal))
        self.code, self.refusal = code, refusal


class Stream:
    """One client's stream. Its socket is accepted, and the client known."""

    def __init__(self, socket: WebSocket, client: Pairing, pairings: Pairings, runs: Runs) -> None:
        self._socket = socket
        self._client = client
        self._pairings = pairings
        self._runs = runs
        self._watched: dict[str, asyncio.Task[None]] = {}
        self._changes: dict[str, RunInfo] = {}
        self._changed = asyncio.Event()
        self._sending = asyncio.Lock()

    async def serve(self, version: str) -> None:
        """Tell until the client leaves, or has to."""
        end: _Ends | None = None
        self._runs.watchers.add(self._on_change)
        try:
            async with asyncio.TaskGroup() as tasks:
                await self._send(Welcome(version=version, limit=self._runs.limit))
                newest = await self._runs.newest(NEWEST)
                for info in reversed(newest.runs):
                    self._on_change(info)
                changes = tasks.create_task(self._tell_changes())
                await self._listen(tasks)
                changes.cancel()
                for watching in self._watched.values():
                    watching.cancel()
        except* _Ends as group:
            end = next(error for error in group.exceptions if isinstance(error, _Ends))
        except* (WebSocketDisconnect, RuntimeError):
            pass  # the client has left
        finally:
            self._runs.watchers.discard(self._on_change)
        if end is not None:
            await dismissed(self._socket, end.code, end.refusal)

    async def _listen(self, tasks: asyncio.TaskGroup) -> None:
        """Obey the client's messages until it leaves."""
        while True:
            try:
                message = CLIENT_MESSAGE.validate_json(await received(self._socket))
            except WebSocketDisconnect:
                return
            except ValidationError:
                wrong = Refused(400, "BadMessage", "The message is none that the stream knows.")
                raise _Ends(CLOSED_REFUSED, wrong) from None
            except Refused as refusal:
                raise _Ends(CLOSED_REFUSED, refusal) from None
            match message:
                case Watch():
                    await self._watch(message, tasks)
                case Unwatch():
                    self._unwatch(message.run)
                case Hello():
                    pass  # said already

    async def _watch(self, asked: Watch, tasks: asyncio.TaskGroup) -> None:
        self._unwatch(asked.run)
        if len(self._watched) >= MAX_WATCHED:
            too_many = f"No more than {MAX_WATCHED} runs can be watched at once."
            await self._send(StreamError(error="TooMany", message=too_many, run=asked.run))
            return
        try:
            feed = self._runs.feed(asked.run)
        except RunNotFound as error:
            await self._send(StreamError(error="RunNotFound", message=str(error), run=asked.run))
            return

        async def tell() -> None:
            try:
                async with aclosing(feed.follow(asked.run, asked.after)) as told:
                    async for message in told:
                        await self._send(message)
            except Behind:
                behind = Refused(408, "Behind", "The stream was read too slowly: watch again.")
                raise _Ends(CLOSED_BEHIND, behind) from None

        self._watched[asked.run] = tasks.create_task(tell())

    def _unwatch(self, run: str) -> None:
        if task := self._watched.pop(run, None):
            task.cancel()

    def _on_change(self, info: RunInfo) -> None:
        self._changes.pop(info.run, None)
        self._changes[info.run] = info
        self._changed.set()

    async def _tell_changes(self) -> None:
        """Tell where runs stand now; of one that changes quickly only the last."""
        while True:
            try:
                async with asyncio.timeout(CHECK_SECONDS):
                    await self._changed.wait()
            except TimeoutError:
                self._check()
            self._changed.clear()
            while self._changes:
                info = self._changes.pop(next(iter(self._changes)))
                await self._send(RunChanged(run=info))

    async def _send(self, message: ServerMessage) -> None:
        self._check()
        async with self._sending:
            await self._socket.send_text(message.model_dump_json())

    def _check(self) -> None:
        """Raises _Ends once the client's pairing was taken back."""
        if not self._pairings.valid(self._client.pairing):
            gone = Refused(401, "NotPaired", "The pairing was taken back: pair again.")
            raise _Ends(CLOSED_UNPAIRED, gone)
