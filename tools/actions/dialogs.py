"""The browser's own boxes: alert, confirm, prompt, and leaving a page."""

from typing import Literal

from pydantic import Field

from tools.causes import Cause
from tools.failures import ActionFailed
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
    """Press OK or Cancel in the open dialog, with text if it asks for some."""
    box = hands.session.dialog
    if box is None:
        raise ActionFailed(Cause.NOT_FOUND, "no dialog is open")
    asks = box.type == "prompt"
    await hands.session.answer_dialog(args.accept, args.text if asks else None)
    return Done()
