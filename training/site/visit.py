"""A user's own site in a browser of ours that can read it and cannot change it.

Only documents of the site's own origin are loaded, where its robots.txt lets us. No request
but GET and HEAD leaves the browser, no WebSocket is opened, and no document is loaded unless a
link is being followed: whatever is filled in, or done by the page's scripts, sends no form.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urljoin, urlsplit

from playwright.async_api import APIResponse, BrowserContext, Route, WebSocketRoute
from playwright.async_api import Error as PlaywrightError

from agent.model.tokens import TokenCounter
from tools.actions.navigate import Navigate
from tools.browser import BrowserOptions, open_session
from tools.dispatch import Hands, Outcome, perform
from tools.errors import ToolError
from tools.observation import Element, Observation
from tools.observe import observe
from tools.policy import Policy
from tools.record import REGISTRY, Action
from tools.secrets import Secrets
from tools.session import Session
from training.site.options import Options
from training.site.robots import AGENT, Robots

ROBOTS_MS = 10_000
"""So long a site may take to send its robots.txt."""
REDIRECTS = 5
"""So many redirects of it are followed (RFC 9309)."""

_READS = ("GET", "HEAD", "OPTIONS")
_DOES = re.compile(
    r"(?<![a-z])(?:log-?(?:out|off)|sign-?(?:out|off)|delete|remove|destroy|unsubscribe|cancel|buy|"
    r"add-?to-?cart|confirm|approve|publish|restart|reset)(?![a-z])",
    re.IGNORECASE,
)
"""In an address: opening it may do something, although no form is sent."""
_NO_WORKER = "navigator.serviceWorker && (navigator.serviceWorker.register = async () => {})"
"""A service worker would send what our rules do not see."""


def origin_of(url: str) -> str:
    """`https://shop.example:8443`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"


class Visit:
    """One browser on one site. `refused` are the requests that were kept from being sent."""

    def __init__(self, session: Session, options: Options, robots: Robots) -> None:
        self.session = session
        self.options = options
        self.policy = Policy(allow=(origin_of(options.url),))
        self.refused: list[str] = []
        self._robots = robots
        self._secrets = Secrets()
        self._count = TokenCounter().count
        self._follows = False
        self._ends = time.monotonic() + options.seconds
        self._opened = 0.0

    @property
    def over(self) -> bool:
        """Whether the time is spent."""
        return time.monotonic() >= self._ends

    def allows(self, url: str) -> bool:
        """Whether this address may be opened."""
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https")
            and self.policy.check_url(url) is None
            and self._robots.allow(url)
            and not _DOES.search(f"{parts.path}?{parts.query}")
        )

    def harmless(self, action: Action, element: Element, page: Observation) -> bool:
        """Whether the assistant itself would take this action without asking anyone."""
        return self.policy.rule(REGISTRY[action.action], action, element, page).decision == "allow"

    async def open(self, url: str) -> str:
        """Load a page in the only tab; why nothing can be learned from it, "" if something can."""
        await asyncio.sleep(max(0.0, self._opened + self.options.delay - time.monotonic()))
        for other in self.session.tabs()[1:]:
            await other.close()
        outcome = await self.act(Navigate(url=url), Observation(url=url), follows=True)
        self._opened = time.monotonic()
        await self._answer_dialogs()
        if outcome.cause is not None or outcome.text:
            return outcome.evidence or outcome.text
        here = self.session.page.url
        return "" if self.allows(here) else f"it leads to {here}"

    async def look(self, previous: Observation | None = None, focus: str = "") -> Observation:
        """The page as the model sees it."""
        await self._answer_dialogs()
        return await observe(
            self.session,
            budget=self.options.page_tokens,
            count=self._count,
            previous=previous,
            focus=focus,
        )

    async def act(self, action: Action, page: Observation, *, follows: bool) -> Outcome:
        """Take an action; only one that `follows` a link may load a document."""
        self._follows = follows
        try:
            return await perform(action, Hands(self.session, page, self._secrets, self.policy))
        finally:
            self._follows = False

    async def guard(self, context: BrowserContext) -> None:
        """Hold the rules from now on."""
        await context.add_init_script(_NO_WORKER)
        await self.policy.install(context, lambda refusal: self.refused.append(refusal.url))
        await context.route("**/*", self._rule)
        await context.route_web_socket(re.compile(""), self._no_socket)

    async def _rule(self, route: Route) -> None:
        request = route.request
        document = request.is_navigation_request()
        may = request.method in _READS
        if document:
            may = may and self._follows and self.allows(request.url)
        if may:
            await route.continue_()
            return
        self.refused.append(request.url)
        await route.abort("aborted" if document else "blockedbyclient")

    async def _no_socket(self, socket: WebSocketRoute) -> None:
        self.refused.append(socket.url)
        await socket.close()

    async def _answer_dialogs(self) -> None:
        while self.session.dialog is not None:
            await self.session.answer_dialog(accept=False)


@asynccontextmanager
async def open_visit(options: Options) -> AsyncIterator[Visit]:
    """A browser for this site, its rules held. Raises ToolError if there is nothing to read."""
    browser = BrowserOptions(headed=options.headed, storage_state=options.storage_state)
    async with open_session(browser) as session:
        visit = Visit(session, options, await _robots(session.context, origin_of(options.url)))
        if not visit.allows(options.url):
            raise ToolError(
                f"{options.url} may not be opened: the site's robots.txt forbids it (let us in by "
                f"`User-agent: {AGENT}` and `Allow: /`), or its address looks like an action."
            )
        await visit.guard(session.context)
        yield visit


async def _robots(context: BrowserContext, origin: str) -> Robots:
    """The site's rules; none if it has no robots.txt, all closed if it cannot be told."""
    url = f"{origin}/robots.txt"
    for _ in range(REDIRECTS):
        try:
            response = await context.request.get(url, max_redirects=0, timeout=ROBOTS_MS)
        except PlaywrightError as error:
            raise ToolError(f"{origin} does not answer.") from error
        there = urljoin(url, response.headers.get("location", ""))
        if response.status // 100 != 3 or origin_of(there) != origin:
            return await _read(response)
        url = there
    return Robots.closed()


async def _read(response: APIResponse) -> Robots:
    if response.ok:
        return Robots.parse(await response.text())
    return Robots() if 400 <= response.status < 500 else Robots.closed()
