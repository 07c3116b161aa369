"""What every request meets first: whose it may be, how large, how often.

Loopback keeps other machines out, but not web pages, which may send requests to 127.0.0.1, nor
those whose name is made to point there (DNS rebinding), nor the other users of this machine.
So the Host must be ours, an Origin must be our own page's or a paired extension's, and whoever
has no token learns nothing. Every refusal is one line in the log and one sentence to the client.
"""

import asyncio
import logging
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.pairing import Pairing, Pairings
from server.protocol import MAX_BODY, ErrorBody
from tasks.terminal_text import safe

log = logging.getLogger("secondlook")

COOKIE = "secondlook"

OPEN_TO_EXTENSIONS = frozenset({"/api/about", "/api/pair", "/api/pair/code"})
"""What an extension may ask before it is paired."""

BODY_SECONDS = 10.0
_DISCARDED = 16 * MAX_BODY
"""So much of a body that is too large is read and dropped, for a client that is cut off while
it still sends never reads why."""

_EXTENSION = re.compile(r"chrome-extension://[a-p]{32}")
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_CORS = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "authorization, content-type",
    "Access-Control-Max-Age": "600",
}


class Refused(Exception):
    """A request that is not served: the status, a name, one sentence, and when to try again."""

    def __init__(self, status: int, error: str, message: str, retry_after: float = 0) -> None:
        super().__init__(message)
        self.status, self.error, self.retry_after = status, error, retry_after

    def response(self) -> Response:
        """The answer to it."""
        headers = {"Retry-After": f"{self.retry_after:.0f}"} if self.retry_after else {}
        if self.status in (408, 413):
            headers["Connection"] = "close"  # what is left of the body is not read
        body = ErrorBody(error=self.error, message=str(self))
        return JSONResponse(body.model_dump(), self.status, headers)


class Bucket:
    """A token bucket: `burst` at once, `rate` a second in the long run."""

    def __init__(
        self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._left, self._at = burst, clock()

    def take(self) -> None:
        """One request more. Raises Refused with 429."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            wait = max(1.0, (1 - self._left) / self._rate)
            raise Refused(429, "TooOften", "Too many requests: wait, and try again.", wait)
        self._left -= 1


@dataclass
class Limits:
    """Requests a second, and at once: of one paired client, and of all strangers together."""

    client: tuple[float, float] = (60, 240)
    strangers: tuple[float, float] = (30, 120)


class Perimeter:
    """ASGI middleware around the whole backend; the client's pairing is in `state.client`."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        port: int,
        pairings: Pairings,
        limits: Limits,
        own_size_limit: Iterable[str] = (),
    ) -> None:
        """`own_size_limit` are the beginnings of paths that limit their bodies themselves."""
        self._app = app
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._pairings = pairings
        self._limits = limits
        self._strangers = Bucket(*limits.strangers)
        self._clients: dict[str, Bucket] = {}
        self._own_size_limit = tuple(own_size_limit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        try:
            origin = self._checked_origin(scope)
            self._know(scope, origin)
            if scope["type"] == "websocket":
                return await self._app(scope, receive, send)
            if scope["method"] == "OPTIONS" and origin:
                return await Response(status_code=204)(scope, receive, _shaped(send, origin, _CORS))
            if not scope["path"].startswith(self._own_size_limit):
                receive = await _whole_body(scope, receive)
        except Refused as refusal:
            return await _refuse(refusal, scope, receive, send)
        return await self._app(scope, receive, _shaped(send, origin))

    def _checked_origin(self, scope: Scope) -> str:
        """The origin of an extension, "" for our own pages and for what is no browser."""
        headers = Headers(scope=scope)
        host = headers.getlist("host")
        if len(host) != 1 or host[0] not in self._hosts:
            raise Refused(403, "WrongHost", "The backend is served as 127.0.0.1 or localhost only.")
        origin = headers.get("origin")
        if origin is None:
            elsewhere = headers.get("sec-fetch-site") in ("cross-site", "same-site")
            if elsewhere and headers.get("sec-fetch-mode") != "navigate":
                raise Refused(403, "WrongOrigin", "Pages of other sites may ask nothing here.")
            return ""
        if origin == f"http://{host[0]}":
            return ""
        if not _EXTENSION.fullmatch(origin):
            raise Refused(403, "WrongOrigin", "Pages of other sites may ask nothing here.")
        if scope["path"] in OPEN_TO_EXTENSIONS or self._is_paired(origin):
            return origin
        raise Refused(403, "WrongOrigin", "This extension is not paired: pair it first.")

    def _is_paired(self, origin: str) -> bool:
        return any(pairing.origin == origin for pairing in self._pairings.all())

    def _know(self, scope: Scope, origin: str) -> None:
        """Find out whose request it is, and whether they ask too often."""
        client = client_of(HTTPConnection(scope), bearer(scope), self._pairings)
        scope.setdefault("state", {})["client"] = client
        if client is None:
            self._strangers.take()
            return
        bucket = self._clients.setdefault(client.pairing, Bucket(*self._limits.client))
        bucket.take()


def client_of(connection: HTTPConnection, token: str, pairings: Pairings) -> Pairing | None:
    """Whose token this is. An origin, if the browser tells one, must be the one that paired."""
    client = pairings.find(token, connection.cookies.get(COOKIE, "")) if token else None
    origin = connection.headers.get("origin")
    if client and origin is not None and origin != client.origin:
        return None
    return client


def bearer(scope: Scope) -> str:
    """The token of a request, "" if it has none."""
    kind, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def note(refusal: Refused, scope: Scope) -> None:
    """The one line about a refusal. Paths hold no secrets; queries may, and are left out."""
    what = scope.get("method", "WebSocket")
    port = (scope.get("client") or ("", 0))[1]
    path = safe(scope["path"])[:200]
    log.warning("refused %s %s (port %s): %s %s", what, path, port, refusal.error, refusal)


async def _refuse(refusal: Refused, scope: Scope, receive: Receive, send: Send) -> None:
    note(refusal, scope)
    if scope["type"] == "websocket":  # before it was accepted: the client sees a 403
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    await refusal.response()(scope, receive, _shaped(send, ""))


async def _whole_body(scope: Scope, receive: Receive) -> Receive:
    """The body read to its end. Raises Refused if it is too large or does not come."""
    too_large = Refused(413, "TooLarge", f"The request is larger than {MAX_BODY} bytes.")
    length = Headers(scope=scope).get("content-length", "0")
    if not length.isdigit() or int(length) > _DISCARDED:
        raise too_large
    body, size, more = b"", 0, True
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while more and size <= _DISCARDED:
                message = await receive()
                part = message.get("body", b"")
                size += len(part)
                body += part if size <= MAX_BODY else b""
                more = message.get("more_body", False)
    except TimeoutError as error:
        raise Refused(408, "TooSlow", "The request did not come to its end in time.") from error
    if size > MAX_BODY:
        raise too_large
    read = False

    async def replay() -> Message:
        nonlocal read
        if read:
            return await receive()
        read = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _shaped(send: Send, origin: str, more: dict[str, str] | None = None) -> Send:
    """Every answer with the headers that keep other pages away; an extension may read it."""

    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.add_vary_header("Origin")
            if origin:
                headers["Access-Control-Allow-Origin"] = origin
                headers["Access-Control-Expose-Headers"] = "retry-after"
            headers.update(more or {})
        await send(message)

    return with_headers
