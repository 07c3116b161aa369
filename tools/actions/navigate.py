"""Loading documents: by address, and through the tab's history."""

from typing import Literal

from pydantic import Field

from tools.hands import Hands
from tools.record import Action, Done, tool


class Navigate(Action):
    """Open an address in this tab."""

    action: Literal["navigate"] = "navigate"
    url: str = Field(min_length=1, description="the address")


class Back(Action):
    """Go back to the previous page."""

    action: Literal["back"] = "back"


class Forward(Action):
    """Go forward again after going back."""

    action: Literal["forward"] = "forward"


@tool(effect="navigate")
async def navigate(args: Navigate, hands: Hands) -> Done:
    """Navigate."""
    raise NotImplementedError


@tool(effect="navigate")
async def back(args: Back, hands: Hands) -> Done:
    """Back."""
    raise NotImplementedError


@tool(effect="navigate")
async def forward(args: Forward, hands: Hands) -> Done:
    """Forward."""
    raise NotImplementedError
