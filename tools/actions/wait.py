"""Waiting for what the page does on its own."""

from typing import Literal

from pydantic import Field

from tools.hands import Hands
from tools.observation import Element
from tools.record import Action, Done, tool


class Wait(Action):
    """Wait until a text is on the page, or gone from it; without either, until the page rests."""

    action: Literal["wait"] = "wait"
    text: str = Field(default="", description="the text that will come")
    gone: str = Field(default="", description="the text that will go")
    seconds: float = Field(default=10, gt=0, le=30, description="at most this long")

    def said(self, element: Element | None = None) -> str:
        """`wait for Thank you`, `wait until Loading is gone`."""
        parts = [f"for {self.text}"] if self.text else []
        parts += [f"until {self.gone} is gone"] if self.gone else []
        return f"wait {' and '.join(parts)}".strip()


@tool(effect="read")
async def wait(args: Wait, hands: Hands) -> Done:
    """Wait."""
    raise NotImplementedError
