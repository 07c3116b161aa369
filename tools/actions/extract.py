"""Reading more of the page than its lines show."""

from typing import Any, Literal

from pydantic import Field

from tools.hands import Hands
from tools.observation import Element
from tools.record import REF_PATTERN, Action, Done, tool
from tools.roles import ANY


class Read(Action):
    """Read the full text of an element, or of the whole page."""

    action: Literal["read"] = "read"
    ref: str | None = Field(
        default=None, pattern=REF_PATTERN, description="the element; the page if left out"
    )


class Extract(Action):
    """Collect data from the page as JSON."""

    action: Literal["extract"] = "extract"
    instruction: str = Field(min_length=1, description="what to collect")
    fields: dict[str, Any] = Field(description="JSON schema of the result")

    def said(self, element: Element | None = None) -> str:
        """`extract names and prices`."""
        return f"extract {self.instruction}"


class Look(Action):
    """Show the part of a long page that is around these words."""

    action: Literal["look"] = "look"
    find: str = Field(min_length=1, description="words to look for")


@tool(effect="read", roles=ANY)
async def read(args: Read, hands: Hands) -> Done:
    """Read."""
    raise NotImplementedError


@tool(effect="read")
async def extract(args: Extract, hands: Hands) -> Done:
    """Extract."""
    raise NotImplementedError


@tool(effect="read")
async def look(args: Look, hands: Hands) -> Done:
    """Look."""
    raise NotImplementedError
