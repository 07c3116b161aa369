"""The browser's own boxes: alert, confirm, prompt, and leaving a page."""

from typing import Literal

from pydantic import Field

from tools.hands import Hands
from tools.observation import Element
from tools.record import Action, Done, tool


class AnswerDialog(Action):
    """Answer the open dialog of the browser."""

    action: Literal["dialog"] = "dialog"
    accept: bool = Field(description="true for OK, false for Cancel")
    text: str = Field(default="", description="what to enter when it asks for text")

    def said(self, element: Element | None = None) -> str:
        """`accept dialog: Ann`, `dismiss dialog`."""
        words = "accept dialog" if self.accept else "dismiss dialog"
        return f"{words}: {self.text}" if self.text else words


@tool(effect="input")
async def dialog(args: AnswerDialog, hands: Hands) -> Done:
    """AnswerDialog."""
    raise NotImplementedError
