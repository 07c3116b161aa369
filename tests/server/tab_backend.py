"""The part of the backend that the relay needs: a socket for the extension, and a proof for it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from server.cdp_relay import TabRelay
from server.pairing import hashed, proof_of

TOKEN = "the-token"
PAIRING = "chrome"


@dataclass
class TabBackend:
    """A served relay, and what it was told."""

    port: int = 0
    touched: list[int] = field(default_factory=list)
    offered: list[int] = field(default_factory=list)
    happened: asyncio.Event = field(default_factory=asyncio.Event)
    sockets: list[WebSocket] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.relay = TabRelay(self._touch, self._offer)

    @property
    def address(self) -> str:
        """Where it is served."""
        return f"http://127.0.0.1:{self.port}"

    async def next(self) -> None:
        """Wait until the extension connects, offers a tab again, or tells of a touch."""
        async with asyncio.timeout(20):
            await self.happened.wait()
        self.happened.clear()

    async def connected(self) -> None:
        """Wait until the extension is there."""
        while not self.sockets:
            await self.next()

    async def about(self, request: Request) -> Response:
        """Proof that the token is known here, which the extension asks for first."""
        proof = proof_of(hashed(TOKEN), request.query_params["challenge"])
        return JSONResponse({"proof": proof}, headers={"Access-Control-Allow-Origin": "*"})

    async def serve(self, socket: WebSocket) -> None:
        """The extension's socket."""
        await socket.accept()
        if (await socket.receive_json()) != {"kind": "hello", "token": TOKEN}:
            await socket.close(4401)
            return
        self.sockets.append(socket)
        self.happened.set()
        try:
            await self.relay.serve(socket, PAIRING)
        finally:
            self.sockets.remove(socket)

    def _touch(self, pairing: str, tab: int) -> None:
        self.touched.append(tab)
        self.happened.set()

    def _offer(self, pairing: str, tabs: Sequence[int]) -> None:
        self.offered.extend(tabs)
        self.happened.set()


@asynccontextmanager
async def tab_backend(port: int = 0) -> AsyncIterator[TabBackend]:
    """Serve one; port 0 takes a free one."""
    backend = TabBackend()
    about = Route("/api/about", backend.about)
    app = Starlette(routes=[about, WebSocketRoute("/api/tabs", backend.serve)])
    listening = socket.create_server(("127.0.0.1", port))
    backend.port = listening.getsockname()[1]
    config = uvicorn.Config(app, log_level="warning", ws_max_size=64 * 1024 * 1024)
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server.serve([listening]))
    try:
        yield backend
    finally:
        for open_socket in list(backend.sockets):
            await open_socket.close()
        server.should_exit = True
        await serving
