"""The policy's rule about sites, held by the browser itself for every route to a document.

One session on the *browser* target pauses every document request before it is sent: typed and
clicked navigation, redirects hop by hop, form posts, `window.location`, meta refresh, and the
first request of a popup, which no page-level handler could be attached to in time. Playwright's
own routing sees neither redirects nor, from page level, popups. Requests that are let through
go on untouched, with their cookies and bodies; nothing else of the page's traffic is paused,
except what goes to addresses that look private or like cloud metadata.

Frames may load documents of other sites, as payment frames do, but a form of our page is not
sent to another site by way of a frame.

A refused navigation is aborted: the tab keeps what it shows, an empty popup is closed, a
frame shows the browser's error page. What comes to the tab on a way that makes no request (a
document that the page had prefetched, or that an old service worker serves) is left again at
once, and the guard refuses to act on it in between.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from playwright.async_api import BrowserContext, CDPSession, Frame, Page, WebSocketRoute
from playwright.async_api import Error as PlaywrightError

from tools.errors import PolicyRefused
from tools.policy import Policy, Refusal

_ALWAYS_PAUSED = (
    *("169.254.", "100.100.100.200", "168.63.129.16", "192.0.0.192", "["),
    *("metadata", "instance-data"),
)
_PRIVATE_PAUSED = (
    *("0.", "10.", "100.", "127.", "172.", "192.168.", "198.18.", "localhost"),
    *("*.local", "*.internal", "*.lan", "*.home", "*.corp", "*.intranet", "*.localhost"),
)
"""How hosts begin whose requests are paused whatever they load. Chromium has made dotted
decimals of all spellings of an address by then; the exact check is the policy's."""

_UNSEEN = ("", "about:blank", ":")
_OWN_PAGES = ("chrome-error:", "about:blank", "chrome://newtab", "chrome://new-tab-page")
_ONCE = 1.0
"""Seconds within which the same refusal is told once: Chromium tries https before http."""


class Enforcement:
    """The rule at work in one browser context."""

    def __init__(
        self,
        policy: Policy,
        context: BrowserContext,
        on_refused: Callable[[Refusal], None],
        tabs: Callable[[], Sequence[Page]] | None = None,
    ) -> None:
        self._policy = policy
        self._context = context
        self._on_refused = on_refused
        self._tabs = tabs
        self._session: CDPSession | None = None
        self._targets: WeakKeyDictionary[Page, str] = WeakKeyDictionary()
        self._socketed: WeakKeyDictionary[Page, bool] = WeakKeyDictionary()
        self._tasks: set[asyncio.Task[None]] = set()
        self._told = ("", 0.0)

    async def start(self) -> None:
        """Pause document requests from now on.

        Raises:
            PolicyRefused: the browser has no session for the whole of it.
        """
        browser = self._context.browser
        try:
            if browser is None:
                raise PlaywrightError("no browser session")
            self._session = await browser.new_browser_cdp_session()
            self._session.on("Fetch.requestPaused", self._paused)
            await self._session.send("Fetch.enable", {"patterns": self._patterns()})
        except PlaywrightError as error:
            raise PolicyRefused(
                "This browser does not let the rule about sites be enforced; use Chrome, Chromium "
                "or Edge, or attach to one with --remote-debugging-port."
            ) from error
        self.sites_changed()
        if self._tabs is None:
            await self._context.route_web_socket(self._refuses, self._close_socket)
        for page in self._context.pages:
            self._watch(page)
        self._context.on("page", self._watch)

    def sites_changed(self) -> None:
        """Tell a relay of the user's own tabs which sites are open.

        It cannot pause what a new tab requests first, but can hold back what goes elsewhere. A
        whole browser knows no such command, and needs none.
        """
        if self._session is not None:
            self._spawn(self._tell_sites())

    async def stop(self) -> None:
        """Let the browser go on alone; one that we attached to lives on."""
        self._context.remove_listener("page", self._watch)
        if self._session is not None:
            with suppress(PlaywrightError):  # the browser may be gone, and the rule with it
                await self._session.detach()
        await asyncio.gather(*self._tasks)

    def _patterns(self) -> list[dict[str, str]]:
        hosts = [*_ALWAYS_PAUSED, *(() if self._policy.private else _PRIVATE_PAUSED)]
        by_host = [{"urlPattern": f"*://{host}*"} for host in hosts]
        return [{"urlPattern": "*", "resourceType": "Document"}, *by_host]

    def _paused(self, event: dict[str, Any]) -> None:
        self._spawn(self._decide(event))

    async def _decide(self, event: dict[str, Any]) -> None:
        """Let a paused request go on, or end it. What fails here leaves it paused: refused."""
        url = event["request"]["url"]
        document = event.get("resourceType") == "Document"
        allowed = self._policy.check_embedded(url) is None and (
            not document or self._policy.check_url(url) is None
        )
        if allowed:
            await self._send("Fetch.continueRequest", {"requestId": event["requestId"]})
            return
        target = await self._target(event.get("frameId", ""))
        top = document and target is not None and target["type"] == "page"
        bound = top or (document and self._sends_our_form(event["request"]))
        reason = self._policy.check_url(url) if bound else self._policy.check_embedded(url)
        if reason is None or not await self._is_ours(event.get("frameId", ""), target):
            await self._send("Fetch.continueRequest", {"requestId": event["requestId"]})
            return
        why = "Aborted" if bound else "BlockedByClient"
        await self._send("Fetch.failRequest", {"requestId": event["requestId"], "errorReason": why})
        if top and target is not None and target.get("openerId") and target["url"] in _UNSEEN:
            await self._send("Target.closeTarget", {"targetId": target["targetId"]})
        first = event["request"]["method"] == "GET" and not event.get("redirectedRequestId")
        self._tell(Refusal(url=url, reason=reason, embedded=not bound, first=top and first))

    def _sends_our_form(self, request: dict[str, Any]) -> bool:
        """Whether a document request carries what was entered on a page of an allowed site.

        A page can hide where such a request comes from; then it counts as ours.
        """
        if request["method"] == "GET":
            return False
        headers = {name.lower(): value for name, value in request["headers"].items()}
        origin = headers.get("origin", "null")
        return origin == "null" or self._policy.check_url(origin) is None

    async def _target(self, frame: str) -> dict[str, Any] | None:
        """The target whose main frame this is; None for frames within a page's process."""
        answer = await self._send("Target.getTargetInfo", {"targetId": frame}) if frame else None
        return answer["targetInfo"] if answer else None

    async def _is_our_page(self, page: Page) -> bool:
        target_id = await self._target_id(page)
        return await self._is_ours(target_id, await self._target(target_id))

    async def _is_ours(self, frame: str, target: dict[str, Any] | None) -> bool:
        """Whether a frame belongs to a tab of the run, or to one that such a tab opened.

        Without a frame, a worker asks: nobody can tell whose, so it counts as ours.
        """
        if not frame or self._alone():
            return True
        pages = self._context.pages if self._tabs is None else self._tabs()
        ours = {await self._target_id(page) for page in pages}
        line = [frame]
        while target is not None:
            line.append(target["targetId"])
            above = target.get("openerId") or target.get("parentFrameId") or ""
            line.append(above)
            target = await self._target(above)
        if ours & set(line):
            return True
        for page in pages:
            if await self._frame_ids(page) & set(line):
                return True
        return False

    def _alone(self) -> bool:
        """Whether the browser has no other tabs than the run's."""
        browser = self._context.browser
        if self._tabs is not None or browser is None:
            return False
        return not any(other.pages for other in browser.contexts if other != self._context)

    async def _target_id(self, page: Page) -> str:
        if page not in self._targets:
            info = await self._ask_page(page, "Target.getTargetInfo")
            if info is None:
                return "closed"
            self._targets[page] = info["targetInfo"]["targetId"]
        return self._targets[page]

    async def _frame_ids(self, page: Page) -> set[str]:
        answer = await self._ask_page(page, "Page.getFrameTree")
        found: set[str] = set()
        waiting = [answer["frameTree"]] if answer else []
        while waiting:
            node = waiting.pop()
            found.add(node["frame"]["id"])
            waiting += node.get("childFrames", [])
        return found

    async def _ask_page(self, page: Page, method: str) -> dict[str, Any] | None:
        try:
            session = await self._context.new_cdp_session(page)
            answer: dict[str, Any] = await session.send(method)
            await session.detach()
        except PlaywrightError:
            return None  # the page was closed meanwhile
        return answer

    def _watch(self, page: Page) -> None:
        """Leave a refused document that came without a request; keep watch on sockets."""
        page.on("framenavigated", self._committed)
        if self._tabs is not None and page not in self._socketed:
            self._socketed[page] = True
            self._spawn(self._route_sockets(page))

    def _committed(self, frame: Frame) -> None:
        if frame.parent_frame is not None or frame.url.startswith(_OWN_PAGES) or not frame.url:
            return
        reason = self._policy.check_url(frame.url)
        if reason is not None:
            self._spawn(self._leave(frame.page, frame.url, reason))

    async def _leave(self, page: Page, url: str, reason: str) -> None:
        if not await self._is_our_page(page):
            return
        self._tell(Refusal(url=url, reason=reason))
        # It may be closed, or on its way elsewhere: that navigation is checked itself.
        with suppress(PlaywrightError):
            await page.goto("about:blank")

    async def _route_sockets(self, page: Page) -> None:
        with suppress(PlaywrightError):  # the page may be closed meanwhile
            if await self._is_our_page(page):
                await page.route_web_socket(self._refuses, self._close_socket)

    def _refuses(self, url: str) -> bool:
        return self._policy.check_embedded(url) is not None

    def _close_socket(self, socket: WebSocketRoute) -> None:
        reason = self._policy.check_embedded(socket.url) or ""
        self._tell(Refusal(url=socket.url, reason=reason, embedded=True))
        self._spawn(_closed(socket))

    def _tell(self, refusal: Refusal) -> None:
        bare = refusal.url.partition("://")[2] or refusal.url
        last, at = self._told
        self._told = (bare, time.monotonic())
        if bare != last or time.monotonic() - at > _ONCE:
            self._on_refused(refusal)

    async def _tell_sites(self) -> None:
        await self._send("Secondlook.setOpenSites", {"sites": self._policy.open_sites})

    async def _send(self, method: str, params: dict[str, Any]) -> dict[str, Any] | None:
        """Send to the browser; None if what it is about is gone."""
        assert self._session is not None
        try:
            answer: dict[str, Any] = await self._session.send(method, params)
        except PlaywrightError:
            return None
        return answer

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _closed(socket: WebSocketRoute) -> None:
    with suppress(PlaywrightError):  # the page may be gone, and the socket with it
        await socket.close(code=1008, reason="refused by policy")
