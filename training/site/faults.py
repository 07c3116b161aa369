"""What comes in the way on real sites, made in the page while a task is done there.

The browser's verdict on an action that meets it is a real one; nothing of it reaches the site.
They are the faults that an evaluation makes, too.
"""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Literal

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from tasks.eval.faults import BANNER, ON_TARGET
from tools.locate import locate
from training.words import Words

Fault = Literal["none", "cover", "gone", "swallowed"]
"""A dialog over the page; the element out of the page, as in the midst of being drawn anew; a
click that nothing on the page hears."""

_CLOSERS = "Close|Dismiss|No thanks|Not now|Hide|Later|Got it|Skip|Reject all|OK".split("|")
_WAIT_MS = 5000
_KINDS = {"gone": "stale", "swallowed": "swallowed"}


async def lay_over(page: Page, rng: random.Random) -> None:
    """A dialog over everything, which its only button takes away."""
    words = Words(rng)
    await page.evaluate(BANNER, [words.name(2), words.sentence(8), rng.choice(_CLOSERS)])


@asynccontextmanager
async def fault_at(
    page: Page, target: str, fault: Fault, rng: random.Random
) -> AsyncIterator[None]:
    """The fault, for the time in which the element is acted on; a cover stays."""
    if fault == "cover":
        await lay_over(page, rng)
    if fault not in _KINDS:
        yield
        return
    undo = await locate(page, target).evaluate_handle(ON_TARGET[_KINDS[fault]], timeout=_WAIT_MS)
    try:
        yield
    finally:
        with suppress(PlaywrightError):  # the page it was made in has gone
            await undo.evaluate("undo => undo && undo()")
