"""A client of the backend as the side panel is one: real HTTP, a real WebSocket, paired."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from websockets.asyncio.client import ClientConnection, connect

from server.app import build
from server.backend import Backend
from server.cdp_relay import TabRelay
from server.loopback import listen
from server.pairing import Codes, Pairings
from server.perimeter import Limits
from server.runs import Defaults, Runs
from tests.scripted_model import ScriptedModel

Json = dict[str, Any]
SECONDS = 60
"""Nothing that a test waits for takes so long, on however busy a machine."""

UNBOUNDED = Limits((1e6, 1e6), (1e6, 1e6))


@dataclass
class Panel:
    """Requests to a backend, with its token; `codes` are those that its terminal showed."""

    url: str
    token: str = ""
    codes: list[str] = field(default_factory=list)
    backend: Backend | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    async def call(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """One request."""
        headers = self.headers | more.pop("headers", {})
        async with httpx.AsyncClient(base_url=self.url, timeout=SECONDS, verify=False) as http:
            return await http.request(method, path, json=body, headers=headers, **more)

    async def get(self, path: str) -> Any:
        """What a GET brings."""
        answer = await self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any = None) -> Any:
        """What a POST brings that succeeds."""
        answer = await self.call("POST", path, body)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    async def pair(self, code: str) -> None:
        """Trade a code for the token."""
        self.token = (await self.post("/api/pair", {"code": code, "name": "A test"}))["token"]

    @asynccontextmanager
    async def stream(self) -> AsyncIterator["StreamClient"]:
        """The stream, welcomed."""
        address = f"ws{self.url.removeprefix('http')}/api/stream"
        async with connect(address, max_size=None) as socket:
            client = StreamClient(socket)
            await client.say(kind="hello", token=self.token)
            assert (await client.next())["kind"] == "welcome"
            yield client

    async def until(self, run: str, *states: str) -> Json:
        """Wait on the stream until the run stands so; what is told of it then.

        It may take as long as it likes, if only it tells something from time to time.
        """
        async with self.stream() as stream:
            await stream.say(kind="watch", run=run)
            return await stream.until(run, *states)


@dataclass
class StreamClient:
    """One open stream."""

    socket: ClientConnection

    async def say(self, **message: Any) -> None:
        """Send a message."""
        await self.socket.send(json.dumps(message))

    async def next(self) -> Json:
        """The next message."""
        async with asyncio.timeout(SECONDS):
            message: Json = json.loads(await self.socket.recv())
        return message

    async def first(self, fits: Callable[[Json], bool]) -> Json:
        """The first message that fits; those before it are passed over."""
        while True:
            message = await self.next()
            if fits(message):
                return message

    async def until(self, run: str, *states: str) -> Json:
        """Wait until the run stands so."""

        def fits(message: Json) -> bool:
            if message["kind"] != "run" or message["run"]["run"] != run:
                return False
            state = message["run"]["state"]
            assert state in states or state not in ("done", "failed", "limit"), message["run"]
            return state in states

        found: Json = (await self.first(fits))["run"]
        return found

    async def event(self, kind: str, said: str = "") -> Json:
        """Wait for an event of this kind."""
        return await self.first(
            lambda m: (
                m["kind"] == "event"
                and m["event"]["kind"] == kind
                and said in m["event"].get("said", "")
            )
        )


@asynccontextmanager
async def served(
    home: Path,
    model: ScriptedModel | None = None,
    *,
    at_once: int = 4,
    limits: Limits = UNBOUNDED,
    port: int = 0,
) -> AsyncIterator[Panel]:
    """A backend in this event loop, on a real socket, and a paired client of it."""
    codes: list[str] = []
    relay = TabRelay(lambda *_: None, lambda *_: None)
    runs = Runs(Defaults(home=home, model_url=model.url if model else ""), relay, at_once)
    with listen(port) as listener:
        port = listener.getsockname()[1]
        shown = Codes(lambda code, _: codes.append(code))
        backend = Backend(port, Pairings(home), shown, runs, relay, lambda _: None, limits)
        config = uvicorn.Config(build(backend), log_level="warning", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve([listener]))
        panel = Panel(f"http://127.0.0.1:{port}", codes=codes, backend=backend)
        try:
            await panel.post("/api/pair/code")
            await panel.pair(codes[-1])
            yield panel
        finally:
            server.should_exit = True
            await serving
