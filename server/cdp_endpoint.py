"""A loopback address at which one Playwright finds one browser of lent tabs."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus

from pydantic import ValidationError
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from server.cdp_browser import Message
from server.cdp_pauses import Params


class CdpEndpoint:
    """Carries CDP to and from Playwright, which connects at most once.

    The address has a secret in it, and whatever a web page opens is refused by its Origin.
    """

    def __init__(self) -> None:
        self._out: asyncio.Queue[str] = asyncio.Queue()
        self._secret = secrets.token_urlsafe(32)
        self._taken = False
        self._ended = asyncio.Event()
        self._working: set[asyncio.Future[None]] = set()

    @asynccontextmanager
    async def served(self, obey: Callable[[Message], Awaitable[None]]) -> AsyncIterator[str]:
        """The address, while the block runs; `obey` gets every command, in order."""

        async def carry(socket: ServerConnection) -> None:
            works = (self._write(socket), self._read(socket, obey), self._until_end())
            tasks = [asyncio.ensure_future(work) for work in works]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self._ended.set()
                for task in [*tasks, *self._working]:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

        # Compressing what stays on this machine would only cost time.
        async with serve(
            carry, "127.0.0.1", 0, process_request=self._admit, max_size=None, compression=None
        ) as server:
            port = server.sockets[0].getsockname()[1]
            try:
                yield f"ws://127.0.0.1:{port}/{self._secret}"
            finally:
                self.end()

    def say(self, message: Params) -> None:
        """Send a message to Playwright; once the browser has gone, none that only says so."""
        if not self._ended.is_set():
            self._out.put_nowait(json.dumps(message))

    def end(self) -> None:
        """End the connection, or let none be made any more: the browser has gone."""
        self._ended.set()

    def _admit(self, socket: ServerConnection, request: Request) -> Response | None:
        known = secrets.compare_digest(request.path.encode(), f"/{self._secret}".encode())
        if not known or "Origin" in request.headers or self._taken or self._ended.is_set():
            return socket.respond(HTTPStatus.FORBIDDEN, "Not for you.\n")
        self._taken = True
        return None

    async def _until_end(self) -> None:
        await self._ended.wait()

    async def _write(self, socket: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            while True:
                await socket.send(await self._out.get())

    async def _read(
        self, socket: ServerConnection, obey: Callable[[Message], Awaitable[None]]
    ) -> None:
        with suppress(ConnectionClosed, ValidationError):
            while True:
                message = Message.model_validate_json(await socket.recv())
                # Begun in order and not waited for: many commands are answered late.
                task = asyncio.ensure_future(obey(message))
                self._working.add(task)
                task.add_done_callback(self._working.discard)
