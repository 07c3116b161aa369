"""What a mouse does: click, hover, scroll, drag."""

from typing import Literal

from pydantic import Field

from tools.hands import Hands
from tools.observation import Element
from tools.record import REF_PATTERN, Action, Done, RefAction, tool
from tools.roles import ANY, CLICKABLE


class Click(RefAction):
    """Click an element."""

    action: Literal["click"] = "click"
    how: Literal["single", "double", "right"] = Field(
        default="single", description="double or right only where the page asks for it"
    )


class Hover(RefAction):
    """Move the pointer over an element, to open what opens on hover."""

    action: Literal["hover"] = "hover"


class Scroll(Action):
    """Scroll the page, or the scrollable area that holds an element."""

    action: Literal["scroll"] = "scroll"
    direction: Literal["up", "down", "left", "right", "top", "bottom"] = Field(
        description="by one view; top and bottom go all the way"
    )
    ref: str | None = Field(
        default=None, pattern=REF_PATTERN, description="an element inside the area to scroll"
    )


class Drag(RefAction):
    """Drag an element and drop it on another."""

    action: Literal["drag"] = "drag"
    to: str = Field(pattern=REF_PATTERN, description="the ref of the element to drop it on")

    def said(self, element: Element | None = None, onto: Element | None = None) -> str:
        """`drag listitem Milk to region Done`."""
        words = ["drag"]
        if element is not None:
            words.append(f"{element.role} {element.name}".strip())
        if onto is not None:
            words.append(f"to {onto.role} {onto.name}".strip())
        return " ".join(words)


@tool(effect="input", roles=CLICKABLE)
async def click(args: Click, hands: Hands) -> Done:
    """Click."""
    raise NotImplementedError


@tool(effect="input", roles=CLICKABLE)
async def hover(args: Hover, hands: Hands) -> Done:
    """Hover."""
    raise NotImplementedError


@tool(effect="read", roles=ANY)
async def scroll(args: Scroll, hands: Hands) -> Done:
    """Scroll."""
    raise NotImplementedError


@tool(effect="input", roles=CLICKABLE)
async def drag(args: Drag, hands: Hands) -> Done:
    """Drag."""
    raise NotImplementedError
