"""The line to one extension: questions with their answers, and what it tells by itself."""

import asyncio
import itertools
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from server.tab_protocol import MAX_MESSAGE, TOLD, Answered, Greeting, Ping, Question, Told

GREETING_S = 10
"""Seconds within which an extension says who it is."""
PING_S = 20
"""Chrome puts an extension to sleep that heard nothing for 30 s; also how long it may be silent."""


class Refused(Exception):
    """The extension answered a question with an error; `code` is CDP's."""

    def __init__(self, message: str, code: int = -32000) -> None:
        super().__init__(message)
        self.code = code


class LinkLost(Exception):
    """The extension is not there any more."""


class Link:
    """One connected extension. Questions leave in the order in which they are asked."""

    def __init__(self, socket: WebSocket) -> None:
        """`socket` is accepted, and its other end known to be allowed to speak."""
        self.user_agent = ""
        self._socket = socket
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._out: asyncio.Queue[str] = asyncio.Queue()
        self._lost = False

    async def greeted(self) -> Greeting:
        """The first message. Raises LinkLost if it is none or does not come."""
        try:
            async with asyncio.timeout(GREETING_S):
                told = TOLD.validate_json(await self._receive())
        except (TimeoutError, ValidationError, WebSocketDisconnect) as error:
            raise LinkLost("no greeting came") from error
        if not isinstance(told, Greeting):
            raise LinkLost("the first message was no greeting")
        self.user_agent = told.user_agent
        return told

    async def serve(self, hear: Callable[[Told], None]) -> None:
        """Carry messages to and fro until the connection ends; `hear` gets what is told."""
        works = {asyncio.ensure_future(w) for w in (self._write(), self._read(hear), self._pings())}
        try:
            await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._end()
            for work in works:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)

    def ask(self, question: Question) -> "asyncio.Future[dict[str, Any]]":
        """Send a question now; the answer comes later.

        The future raises Refused when the extension cannot, LinkLost when it went away.
        """
        number = next(self._numbers)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(_seen)
        if self._lost:
            answer.set_exception(LinkLost("the extension is not connected"))
            return answer
        self._asked[number] = answer
        self._out.put_nowait(json.dumps({"id": number, **question.model_dump()}))
        return answer

    async def close(self, code: int, reason: str) -> None:
        """End the connection."""
        with suppress(RuntimeError, WebSocketDisconnect):  # it has ended by itself
            await self._socket.close(code, reason)

    async def _read(self, hear: Callable[[Told], None]) -> None:
        with suppress(WebSocketDisconnect):
            while True:
                told = TOLD.validate_json(await self._receive())
                if isinstance(told, Answered):
                    self._answered(told)
                else:
                    hear(told)

    async def _receive(self) -> str:
        text = await self._socket.receive_text()
        if len(text) > MAX_MESSAGE:
            raise WebSocketDisconnect(1009, "too large")
        return text

    async def _write(self) -> None:
        with suppress(RuntimeError, WebSocketDisconnect):
            while True:
                await self._socket.send_text(await self._out.get())

    async def _pings(self) -> None:
        with suppress(TimeoutError, LinkLost, Refused):
            while True:
                async with asyncio.timeout(PING_S):
                    await self.ask(Ping())
                await asyncio.sleep(PING_S)

    def _answered(self, told: Answered) -> None:
        answer = self._asked.pop(told.id, None)
        if answer is None or answer.done():
            return
        if told.error:
            answer.set_exception(Refused(told.error, told.code))
        else:
            answer.set_result(told.result)

    def _end(self) -> None:
        self._lost = True
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(LinkLost("the extension went away"))
        self._asked.clear()


def _seen(answer: "asyncio.Future[dict[str, Any]]") -> None:
    """Nobody has to wait for an answer; one that failed is no defect then."""
    if not answer.cancelled():
        answer.exception()
