"""What left the browser, and where it got to, written down the moment it happens.

The checkpoint tells which action was about to be taken. After a kill the journal tells
whether that action reached the site: a request that may change something there is written to
disk before it leaves (for actions with an effect outside the page it is held back until then),
its answer as it comes, and each page that a GET led to, so that a resumed run opens the page
where the killed one was.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Literal

from playwright.async_api import Error, Frame, Request, Response, Route
from pydantic import BaseModel, ValidationError

from agent.errors import RunStorageFailed
from agent.folder import storing
from tools.session import Session

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_TELLTALES = frozenset({"ping", "cspviolationreport"})
"""Requests by which a page reports on its visitor; they change nothing that matters here."""


class Entry(BaseModel):
    """One line of the journal. `number` is the intent's; `at` seconds since the epoch."""

    kind: Literal["begun", "sent", "answered", "failed", "page"]
    number: int = 0
    url: str = ""
    method: str = ""
    status: int = 0
    at: float = 0


class Trail(BaseModel):
    """What the journal knows of one intent, and the last page reached.

    `begun` is whether its action was set about at all, `status` the best answer to its
    requests, 0 if there was none.
    """

    begun: bool = False
    sent: bool = False
    sent_at: float = 0
    status: int = 0
    page: str = ""

    @property
    def answered(self) -> bool:
        """Whether the site took the request: it answered, and with no error."""
        return 0 < self.status < 400

    @property
    def refused(self) -> bool:
        """Whether the site said that the request was wrong, and so did nothing about it."""
        return 400 <= self.status < 500


class Journal:
    """The journal of one run. `follow` a context once, then name the intent in hand."""

    def __init__(self, path: Path, redact: Callable[[str], str]) -> None:
        self._path = path
        self._redact = redact
        self._number = 0
        self._sent: list[Request] = []
        self._methods: dict[Frame, str] = {}
        self._holding = False
        self._place = ""
        self._session: Session | None = None
        self._broken: RunStorageFailed | None = None

    def begin(self, number: int) -> None:
        """From here on, what leaves the browser is this intent's.

        Raises `RunStorageFailed` if something could not be written before.
        """
        if self._broken:
            raise self._broken
        self._number = number
        self._sent = []
        self._write(Entry(kind="begun"))

    @property
    def sent(self) -> bool:
        """Whether a request that may change something left since the intent began."""
        return bool(self._sent)

    def reached(self) -> list[str]:
        """The addresses of the requests that may have changed something since the intent began."""
        return [request.url for request in self._sent]

    def follow(self, session: Session) -> None:
        """Write down what the session's tabs send and where they get to."""
        self._session = session
        context = session.context
        context.on("request", self._on_request)
        context.on("response", self._on_response)
        context.on("requestfailed", self._on_failed)
        context.on("page", lambda page: page.on("framenavigated", self._on_navigated))
        for page in context.pages:
            page.on("framenavigated", self._on_navigated)

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Hold every request that may change something back until it is on disk."""
        context = self._followed().context

        async def keep(route: Route) -> None:
            self._on_request(route.request)
            if self._broken:
                await route.abort()  # what cannot be written down must not happen
            else:
                await route.fallback()

        await context.route("**/*", keep)
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
            with suppress(Error):  # the browser went away; whoever uses it next says so
                await context.unroute("**/*", keep)

    async def answers(self, seconds: float) -> bool:
        """Wait until every request that left has its answer, at most so long; whether one left."""
        with suppress(Error, TimeoutError):
            async with asyncio.timeout(seconds):
                for request in list(self._sent):
                    await request.response()
        return self.sent

    def place(self, url: str) -> None:
        """Write down the page that the run is at, if it is one that can be opened again."""
        if _openable(url) and url != self._place:
            self._place = url
            self._write(Entry(kind="page", url=url))

    def read(self, number: int = 0) -> Trail:
        """What the file knows of this intent; a last line cut off by a kill is passed over."""
        trail = Trail()
        for entry in self._entries():
            if entry.kind == "page":
                trail.page = entry.url
            elif entry.number == number and entry.kind == "begun":
                # a number is used again if nothing came of it
                trail = Trail(begun=True, page=trail.page)
            elif entry.number == number and entry.kind == "sent":
                trail.sent, trail.sent_at = True, entry.at
            elif entry.number == number and entry.kind == "answered":
                trail.status = min(trail.status or entry.status, entry.status)
        return trail

    def _on_request(self, request: Request) -> None:
        document = request.is_navigation_request()
        with suppress(Error):  # a popup's first request, or a worker's, has no frame
            if request.frame.page not in self._followed().tabs():
                return  # the user's own tab in a browser that we attached to
            if document:
                self._methods[request.frame] = request.method
        asks = document and self._holding and request.redirected_from is None
        harmless = request.method in _SAFE_METHODS and not asks
        if harmless or request.resource_type in _TELLTALES or request in self._sent:
            return
        self._sent.append(request)
        self._note(Entry(kind="sent", url=request.url, method=request.method))

    def _on_response(self, response: Response) -> None:
        if response.request in self._sent:
            self._note(Entry(kind="answered", url=response.url, status=response.status))

    def _on_failed(self, request: Request) -> None:
        if request in self._sent:
            self._note(Entry(kind="failed", url=request.url))

    def _on_navigated(self, frame: Frame) -> None:
        if frame.parent_frame is not None or frame.page not in self._followed().tabs():
            return
        if self._methods.get(frame, "GET") in _SAFE_METHODS and _openable(frame.url):
            # The answer to a POST cannot be opened again by its address.
            self._place = frame.url
            self._note(Entry(kind="page", url=frame.url))

    def _followed(self) -> Session:
        assert self._session is not None, "follow a session first"
        return self._session

    def _note(self, entry: Entry) -> None:
        """Write from an event of the browser, where nobody could catch an error."""
        try:
            self._write(entry)
        except RunStorageFailed as error:
            self._broken = error

    def _write(self, entry: Entry) -> None:
        line = entry.model_copy(update={"number": self._number, "at": time.time()})
        with storing(self._path), self._path.open("a") as file:
            file.write(self._redact(line.model_dump_json(exclude_defaults=True)) + "\n")

    def _entries(self) -> list[Entry]:
        if not self._path.exists():
            return []
        entries = []
        for line in self._path.read_bytes().splitlines():
            with suppress(ValidationError):
                entries.append(Entry.model_validate_json(line))
        return entries


def _openable(url: str) -> bool:
    return url.startswith(("http://", "https://"))
