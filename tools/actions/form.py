"""Filling in forms: text, lists, check boxes."""

from typing import Literal

from pydantic import Field

from tools.hands import Hands
from tools.observation import Element
from tools.record import Done, RefAction, tool
from tools.roles import CHECKS, FIELDS, LISTS, TEXT_BOXES


class Fill(RefAction):
    """Replace the content of a field: text, number, date, colour or slider."""

    action: Literal["fill"] = "fill"
    text: str = Field(description="the whole new content; a date as YYYY-MM-DD")
    submit: bool = Field(default=False, description="press Enter afterwards")


class Type(RefAction):
    """Type text key by key behind what a field holds already."""

    action: Literal["type"] = "type"
    text: str = Field(min_length=1, description="the text to add")


class Select(RefAction):
    """Choose an option of a list."""

    action: Literal["select"] = "select"
    option: str = Field(min_length=1, description="the option, as the page writes it")


class Check(RefAction):
    """Tick a check box, choose a radio button or turn a switch on; or the opposite."""

    action: Literal["check"] = "check"
    checked: bool = Field(default=True, description="false to untick or turn off")

    def said(self, element: Element | None = None) -> str:
        """`check checkbox Olives`, `uncheck checkbox Olives`."""
        words = super().said(element) if self.checked else Check(ref=self.ref).said(element)
        return words if self.checked else f"un{words}"


@tool(effect="input", roles=FIELDS)
async def fill(args: Fill, hands: Hands) -> Done:
    """Fill."""
    raise NotImplementedError


@tool(effect="input", roles=TEXT_BOXES)
async def type_text(args: Type, hands: Hands) -> Done:
    """Type."""
    raise NotImplementedError


@tool(effect="input", roles=LISTS)
async def select(args: Select, hands: Hands) -> Done:
    """Select."""
    raise NotImplementedError


@tool(effect="input", roles=CHECKS)
async def check(args: Check, hands: Hands) -> Done:
    """Check."""
    raise NotImplementedError
