"""Waiting for what the page does on its own."""

import asyncio
from typing import Literal

from playwright.async_api import Error, Frame, Locator, Page, TimeoutError
from pydantic import Field

from tools.causes import Cause
from tools.failures import ActionFailed
from tools.hands import Hands
from tools.observation import Element
from tools.record import Action, Done, tool


class Wait(Action):
    """Wait until a text is on the page, or gone from it; without either, so many seconds, or
    until the page rests where their number is left out, too."""

    action: Literal["wait"] = "wait"
    text: str = Field(default="", description="the text that will come")
    gone: str = Field(default="", description="the text that will go")
    seconds: float = Field(default=10, gt=0, le=30, description="at most this long")

    def said(self, element: Element | None = None) -> str:
        """`wait for Thank you`, `wait until Loading is gone`, `wait 3 seconds`."""
        if self.timed:
            return f"wait {self.seconds:g} seconds"
        parts = [f"for {self.text}"] if self.text else []
        parts += [f"until {self.gone} is gone"] if self.gone else []
        return f"wait {' and '.join(parts)}".strip()

    @property
    def timed(self) -> bool:
        """Whether nothing but time is waited for."""
        return not self.text and not self.gone and "seconds" in self.model_fields_set


@tool(effect="read")
async def wait(args: Wait, hands: Hands) -> Done:
    """Wait for the texts in any frame; raises ActionFailed(timeout) if they do not come or go."""
    if args.timed:
        await asyncio.sleep(args.seconds)
        return Done(text=f"{args.seconds:g} seconds are over")
    limit_ms = args.seconds * 1000
    page = hands.session.page
    told: list[str] = []
    if args.text:
        if not await _comes(page, args.text, limit_ms):
            evidence = f"{args.text} did not come within {args.seconds:g} s"
            raise ActionFailed(Cause.TIMEOUT, evidence)
        told.append(f"{args.text} is there")
    if args.gone:
        if not await _goes(page, args.gone, limit_ms):
            evidence = f"{args.gone} did not go within {args.seconds:g} s"
            raise ActionFailed(Cause.TIMEOUT, evidence)
        told.append(f"{args.gone} is gone")
    return Done(text=", ".join(told))


async def _comes(page: Page, text: str, limit_ms: float) -> bool:
    """Whether the text shows up in one of the frames; a navigation meanwhile is waited out."""
    waits = [
        asyncio.create_task(_shown(frame, text).first.wait_for(timeout=limit_ms))
        for frame in page.frames
    ]
    try:
        for finished in asyncio.as_completed(waits):
            try:
                await finished
                return True
            except Error:
                continue
        return False
    finally:
        for task in waits:
            task.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


async def _goes(page: Page, text: str, limit_ms: float) -> bool:
    """Whether no frame shows the text any more."""
    waits = (
        _shown(frame, text).first.wait_for(state="detached", timeout=limit_ms)
        for frame in page.frames
    )
    results = await asyncio.gather(*waits, return_exceptions=True)
    return not any(isinstance(result, TimeoutError) for result in results)


def _shown(frame: Frame, text: str) -> Locator:
    """What is visible and says the text, in its words or as its name."""
    said = frame.get_by_text(text).or_(frame.get_by_label(text))
    return said.or_(frame.get_by_role("button", name=text)).filter(visible=True)
