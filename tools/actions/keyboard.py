"""Single keys and combinations."""

from typing import Literal

from pydantic import Field

from tools.hands import Hands
from tools.record import REF_PATTERN, Action, Done, tool
from tools.roles import CLICKABLE


class Press(Action):
    """Press a key or a combination, in an element or where the focus is."""

    action: Literal["press"] = "press"
    key: str = Field(min_length=1, description="such as Enter, Escape, ArrowDown, Control+a")
    ref: str | None = Field(
        default=None, pattern=REF_PATTERN, description="the element to focus first"
    )


@tool(effect="input", roles=CLICKABLE)
async def press(args: Press, hands: Hands) -> Done:
    """Press."""
    raise NotImplementedError
