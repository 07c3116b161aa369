"""The requests that the pages of a session have under way, to tell effects from background.

A page that polls asks for the same address again and again whatever the assistant does; such
requests are known by their repetition between actions and never waited for.
"""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass

from playwright.async_api import BrowserContext, Request
from playwright.async_api import Error as PlaywrightError

WAITED_FOR = frozenset(("document", "xhr", "fetch", "script", "stylesheet"))
"""What a page may need before it shows the effect of an action; pictures and fonts are not."""

REPEATED = 2
"""So many requests to one address between actions make it background."""

_Key = tuple[str, str]


@dataclass(slots=True)
class _Pending:
    began: float
    key: _Key
    navigation: bool
    looks: bool


class Activity:
    """Watches one browser context; times are `time.monotonic()` seconds."""

    def __init__(self, context: BrowserContext) -> None:
        """Start watching `context`."""
        self._pending: dict[Request, _Pending] = {}
        self._background: Counter[_Key] = Counter()
        self._changed = asyncio.Event()
        self._since = time.monotonic()
        self._acting = False
        context.on("request", self._started)
        context.on("requestfinished", self._ended)
        context.on("requestfailed", self._ended)
        context.on("close", self._gone)

    def begin(self) -> None:
        """An action begins now: what starts from here on, until `end`, may be its effect."""
        self._since = time.monotonic()
        self._acting = True

    def end(self) -> None:
        """The effect of the action has arrived; what starts from here on is background."""
        self._since = time.monotonic()
        self._acting = False

    def navigating(self) -> bool:
        """Whether a whole page that was asked for since the action began is on its way."""
        return any(p.navigation and p.began >= self._since for p in self._pending.values())

    def waiting(self, *, looks: bool = True) -> bool:
        """Whether anything asked for since the action began, and no background, is missing.

        Without `looks`, style sheets are no loss.
        """
        return any(
            p.began >= self._since
            and (p.navigation or self._background[p.key] < REPEATED)
            and (looks or not p.looks)
            for p in self._pending.values()
        )

    async def change(self, seconds: float) -> None:
        """Return when a request starts or ends, or after so many seconds."""
        self._changed.clear()
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._changed.wait()
        except TimeoutError:
            return

    def _started(self, request: Request) -> None:
        if request.resource_type not in WAITED_FOR:
            return
        key = (request.method, request.url.partition("?")[0])
        if not self._acting:
            self._background[key] += 1
        navigation = request.is_navigation_request() and _is_page(request)
        self._pending[request] = _Pending(
            time.monotonic(), key, navigation, request.resource_type == "stylesheet"
        )
        self._changed.set()

    def _ended(self, request: Request) -> None:
        if self._pending.pop(request, None) is not None:
            self._changed.set()

    def _gone(self, _: BrowserContext) -> None:
        """Nothing is on its way any more: whoever waits for it is to find out why."""
        self._pending.clear()
        self._changed.set()


def _is_page(request: Request) -> bool:
    try:
        return request.frame.parent_frame is None
    except PlaywrightError:  # a tab so new that it has no frame yet
        return True
