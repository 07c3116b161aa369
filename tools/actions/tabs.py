"""Browser tabs, numbered from 0 as the page header lists them."""

from typing import Literal

from pydantic import Field

from tools.hands import Hands
from tools.observation import Element
from tools.record import Action, Done, tool


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
    """OpenTab."""
    raise NotImplementedError


@tool(effect="input")
async def switch_tab(args: SwitchTab, hands: Hands) -> Done:
    """SwitchTab."""
    raise NotImplementedError


@tool(effect="input")
async def close_tab(args: CloseTab, hands: Hands) -> Done:
    """CloseTab."""
    raise NotImplementedError
