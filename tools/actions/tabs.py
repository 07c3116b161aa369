"""Browser tabs, numbered from 0 as the page header lists them."""

from typing import TYPE_CHECKING, Literal

from playwright.async_api import Page
from pydantic import Field

from tools.actions.navigate import absolute, load
from tools.causes import Cause
from tools.failures import ActionFailed
from tools.hands import Hands
from tools.observation import Element
from tools.record import Action, Done, tool

if TYPE_CHECKING:
    from tools.session import Session


class OpenTab(Action):
    """Open an address in a new tab."""

    action: Literal["open_tab"] = "open_tab"
    url: str = Field(min_length=1, description="the address")


class SwitchTab(Action):
    """Go to another open tab."""

    action: Literal["switch_tab"] = "switch_tab"
    tab: int = Field(ge=0, description="its number")

    def said(self, element: Element | None = None) -> str:
        """`switch tab 1`."""
        return f"switch tab {self.tab}"


class CloseTab(Action):
    """Close a tab."""

    action: Literal["close_tab"] = "close_tab"
    tab: int | None = Field(default=None, ge=0, description="its number; this tab if left out")

    def said(self, element: Element | None = None) -> str:
        """`close tab`, `close tab 1`."""
        return "close tab" if self.tab is None else f"close tab {self.tab}"


@tool(effect="navigate")
async def open_tab(args: OpenTab, hands: Hands) -> Done:
    """Load the document in a new tab, which becomes the current one."""
    session = hands.session
    url = absolute(args.url, session.page.url)
    if reason := hands.policy.check_url(url):
        raise ActionFailed(Cause.BLOCKED_BY_POLICY, reason)
    page = await session.context.new_page()
    session.adopt(page)
    return Done(text=await load(page, url, hands))


@tool(effect="input")
async def switch_tab(args: SwitchTab, hands: Hands) -> Done:
    """Make another tab the current one and bring it to the front."""
    page = _tab(hands.session, args.tab)
    hands.session.switch(args.tab)
    await page.bring_to_front()
    return Done()


@tool(effect="input")
async def close_tab(args: CloseTab, hands: Hands) -> Done:
    """Close a tab, never the last one: that would end the run."""
    session = hands.session
    page = session.page if args.tab is None else _tab(session, args.tab)
    if len(session.tabs()) == 1:
        raise ActionFailed(Cause.NO_EFFECT, "it is the only tab")
    await page.close()
    return Done()


def _tab(session: "Session", number: int) -> Page:
    tabs = session.tabs()
    if number >= len(tabs):
        raise ActionFailed(Cause.NOT_FOUND, f"no tab {number}, only 0 to {len(tabs) - 1}")
    return tabs[number]
