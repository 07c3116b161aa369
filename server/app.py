"""The backend as one ASGI application: REST, the stream, the relay, the dashboard."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request, WebSocket
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from agent.errors import RunNotFound, RunStorageFailed
from server.admission import admitted
from server.api import paired, strangers
from server.backend import Backend
from server.paired_playground import PairedPlayground
from server.perimeter import Perimeter, Refused, note
from server.stream import Stream

PAGES = Path(__file__).with_name("pages")
PANEL = Path(__file__).parent / "extension" / "panel"
"""The dashboard is made of the panel's parts, and of parts of its own in their place."""

_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
}
"""Our pages bring nothing from elsewhere and nothing inline, and stand in nobody's frame."""

_REFUSALS = frozenset({401, 403, 408, 413, 429})
"""Statuses that say who may not, rather than what cannot be done: each is one line in the log."""


def build(backend: Backend) -> Perimeter:
    """The whole of it, as a server calls it."""
    return Perimeter(
        application(backend),
        port=backend.port,
        pairings=backend.pairings,
        limits=backend.limits,
        own_size_limit=["/playground/"],
    )


def application(backend: Backend) -> FastAPI:
    """The application within its perimeter."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        looking = asyncio.create_task(backend.runs.look_elsewhere())
        yield
        looking.cancel()
        await backend.runs.close()

    app = FastAPI(
        title="secondlook",
        version=backend.version,
        summary="Runs of a browser assistant: start, watch, approve, stop. See docs/backend.md.",
        lifespan=lifespan,
        docs_url=None,  # those pages load scripts from elsewhere
        redoc_url=None,
    )
    app.state.backend = backend
    app.include_router(strangers)
    app.include_router(paired)
    _sockets(app, backend)
    _failures(app)
    app.mount("/playground", PairedPlayground(backend.runs.defaults, backend.runs.model))
    app.mount("/panel", _Pages(PAGES / "panel", PANEL))
    app.mount("/", _Pages(PAGES))
    return app


def _sockets(app: FastAPI, backend: Backend) -> None:
    @app.websocket("/api/stream")
    async def stream(socket: WebSocket) -> None:
        if client := await admitted(socket, backend.pairings):
            await Stream(socket, client, backend.pairings, backend.runs).serve(backend.version)

    @app.websocket("/api/tabs")
    async def relay(socket: WebSocket) -> None:
        if client := await admitted(socket, backend.pairings):
            await backend.relay.serve(socket, client.pairing)


def _failures(app: FastAPI) -> None:
    """Every failure as one JSON shape with one sentence."""

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        if error.status in _REFUSALS:
            note(error, dict(request.scope))
        return error.response()

    def answer(status: int, name: str, sentence: str) -> Response:
        return Refused(status, name, sentence).response()

    def invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "body") or "the request"
        return answer(422, "BadValue", f"{where}: {first['msg']}.")

    def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        sentence = f"{request.method} {request.url.path[:200]}: {error.detail}."
        response = answer(error.status_code, error.detail.replace(" ", ""), sentence)
        response.headers.update(error.headers or {})
        return response

    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RunNotFound, lambda _, e: answer(404, "RunNotFound", str(e)))
    app.add_exception_handler(
        RunStorageFailed, lambda _, e: answer(507, "RunStorageFailed", str(e))
    )
    app.add_exception_handler(
        Exception,
        lambda *_: answer(500, "Bug", "This is a bug in secondlook; the backend's log says more."),
    )


class _Pages(StaticFiles):
    """The dashboard's files, the first that one of the folders has. They tell nothing of any
    run, and so are open to all."""

    def __init__(self, *folders: Path) -> None:
        super().__init__(directory=folders[0], html=True)
        self.all_directories.extend(folders[1:])

    async def get_response(self, path: str, scope: Scope) -> Response:
        """One file."""
        response = await super().get_response(path, scope)
        response.headers.update(_PAGE_HEADERS)
        return response
