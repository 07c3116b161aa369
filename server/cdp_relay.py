"""Tabs of the user's own browser, lent to runs: the extension at one end, Playwright at the other.

The extension connects and stays connected. A run that is to work in one of its tabs is lent
the tab: for as long as that lasts there is a loopback address, known to nobody else, at which
Playwright finds a browser of this tab and of those that come from it. When the extension goes
away (Chrome puts it to sleep, the socket drops, the browser is closed), Playwright's connection
ends: nothing is acted upon half-seen. The run is then taken up again when the tab is back.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.websockets import WebSocket

from server.cdp_browser import TabBrowser
from server.cdp_endpoint import CdpEndpoint
from server.tab_link import Link, LinkLost, Refused
from server.tab_protocol import (
    Arrived,
    Blocked,
    Event,
    Followed,
    Gone,
    Lend,
    Mark,
    Release,
    Told,
    Touched,
)
from server.tabs import TabUnavailable

LEND_S = 15
"""Seconds within which the extension attaches to a tab, or says why it cannot."""


class TabRelay:
    """All connected extensions, by the pairing that their token belongs to.

    `touched(pairing, tab)` is called when the user clicks or types in a lent tab while the
    assistant acts, or ends its access in Chrome's own bar; `offered(pairing, tabs)` when an
    extension is back whose lending of these tabs was interrupted. Tabs are named by the one
    that was lent first.
    """

    def __init__(
        self,
        touched: Callable[[str, int], None],
        offered: Callable[[str, Sequence[int]], None],
    ) -> None:
        self._touched = touched
        self._offered = offered
        self._extensions: dict[str, _Extension] = {}
        self._came = asyncio.Event()
        self._lent: dict[tuple[str, int], asyncio.Event] = {}
        self._offers: set[asyncio.Task[None]] = set()

    async def serve(self, socket: WebSocket, pairing: str) -> None:
        """Speak with an extension until it goes away; `socket` is accepted, its token checked.

        An extension that connects anew takes the place of its earlier connection.
        """
        link = Link(socket)
        try:
            greeting = await link.greeted()
        except LinkLost as lost:
            await link.close(1002, str(lost))
            return
        before = self._extensions.get(pairing)
        extension = self._extensions[pairing] = _Extension(link, pairing, self._touched)
        self._came.set()
        self._came = asyncio.Event()
        if before is not None:
            await before.link.close(1000, "another connection took over")
        offer = asyncio.create_task(self._offer(pairing, greeting.interrupted))
        self._offers.add(offer)
        offer.add_done_callback(self._offers.discard)
        try:
            await link.serve(extension.hear)
        finally:
            if self._extensions.get(pairing) is extension:
                del self._extensions[pairing]
            extension.lost()

    @asynccontextmanager
    async def lend(self, pairing: str, tab: int) -> AsyncIterator[str]:
        """See `server.tabs.Tabs`."""
        extension = await self._connected(pairing)
        if (pairing, tab) in self._lent:
            raise TabUnavailable("Another run works in this tab: wait for it, or stop it.")
        ended = self._lent[pairing, tab] = asyncio.Event()
        try:
            async with extension.lend(tab) as address:
                yield address
        finally:
            del self._lent[pairing, tab]
            ended.set()

    async def _offer(self, pairing: str, tabs: Sequence[int]) -> None:
        """Offer tabs again, once those who had them know that they were lost."""
        for tab in tabs:
            if ended := self._lent.get((pairing, tab)):
                await ended.wait()
        if tabs:
            self._offered(pairing, tabs)

    async def _connected(self, pairing: str) -> "_Extension":
        """The extension; Chrome may have to wake it first."""
        try:
            async with asyncio.timeout(LEND_S):
                while pairing not in self._extensions:
                    await self._came.wait()
        except TimeoutError as error:
            raise TabUnavailable(
                "Chrome is not connected: open secondlook's side panel there, and try again."
            ) from error
        return self._extensions[pairing]

    def mark(self, pairing: str, tab: int, *, acting: bool) -> None:
        """Mark the lent tabs as acted upon, or as the user's; nothing if they are not lent."""
        extension = self._extensions.get(pairing)
        if extension is not None and tab in extension.lent:
            extension.link.ask(Mark(root=tab, acting=acting))


@dataclass
class _Lending:
    """One lending: the browser that it amounts to, and where Playwright finds it."""

    browser: TabBrowser
    endpoint: CdpEndpoint


class _Extension:
    """One connected extension and what it lends."""

    def __init__(self, link: Link, pairing: str, touched: Callable[[str, int], None]) -> None:
        self.link = link
        self.lent: dict[int, _Lending] = {}
        self._pairing = pairing
        self._touched = touched

    def hear(self, told: Told) -> None:
        """What the extension tells goes to the browser that it is about."""
        lending = self.lent.get(told.root)
        if lending is None:
            return
        if isinstance(told, Touched) or (isinstance(told, Gone) and told.why == "cancelled"):
            self._touched(self._pairing, told.root)
        if isinstance(told, Gone) and told.why != "closed":
            lending.endpoint.end()
        elif isinstance(told, Event | Followed | Arrived | Blocked | Gone):
            lending.browser.hear(told)

    def lost(self) -> None:
        """The extension has gone, and with it every lent tab."""
        for lending in self.lent.values():
            lending.endpoint.end()

    @asynccontextmanager
    async def lend(self, tab: int) -> AsyncIterator[str]:
        """The address of a browser of this tab, while the block runs."""
        try:
            endpoint = CdpEndpoint()
            browser = TabBrowser(self.link, tab, endpoint.say)
            self.lent[tab] = _Lending(browser, endpoint)
            await self._attach(tab)
            async with endpoint.served(browser.obey) as address:
                yield address
        finally:
            self.lent.pop(tab, None)
            self.link.ask(Release(root=tab))

    async def _attach(self, tab: int) -> None:
        try:
            async with asyncio.timeout(LEND_S):
                await self.link.ask(Lend(root=tab))
        except Refused as refused:
            raise TabUnavailable(str(refused)) from refused
        except (LinkLost, TimeoutError) as lost:
            raise TabUnavailable(
                "Chrome does not answer: open secondlook's side panel there, and try again."
            ) from lost
