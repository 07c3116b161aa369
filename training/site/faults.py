"""What comes in the way on real sites, made in the page while the user's own site is practised on.

The browser's verdict on an action that meets it is a real one; nothing of it reaches the site.
"""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from playwright.async_api import Page

from tools.locate import locate
from training.words import Words

Fault = Literal["none", "cover", "gone"]
"""A dialog over the page; the element out of the page, as in the midst of being drawn anew."""

_CLOSERS = "Close|Dismiss|No thanks|Not now|Hide|Later|Got it|Skip|Reject all|OK".split("|")
_WAIT_MS = 1000


async def lay_over(page: Page, rng: random.Random) -> None:
    """A dialog over everything, which its only button takes away."""
    words = Words(rng)
    await page.evaluate(_COVER, [words.name(2), words.sentence(8), rng.choice(_CLOSERS)])


@asynccontextmanager
async def fault_at(
    page: Page, target: str, fault: Fault, rng: random.Random
) -> AsyncIterator[None]:
    """The fault, for the time in which the element is acted on; a cover stays."""
    if fault == "cover":
        await lay_over(page, rng)
    if fault != "gone":
        yield
        return
    undo = await locate(page, target).evaluate_handle(_GONE, timeout=_WAIT_MS)
    try:
        yield
    finally:
        await undo.evaluate("undo => undo()")


_COVER = """([title, text, close]) => {
  const cover = document.createElement('div');
  cover.setAttribute('role', 'dialog');
  cover.setAttribute('aria-label', title);
  cover.style.cssText =
    'position: fixed; inset: 0; z-index: 2147483647; background: white; padding: 2em';
  const words = document.createElement('p');
  words.textContent = text;
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = close;
  button.onclick = () => cover.remove();
  cover.append(words, button);
  for (const kind of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click'])
    cover.addEventListener(kind, event => event.stopPropagation());
  document.body.append(cover);
}"""

_GONE = """element => {
  const place = element.cloneNode(true);
  place.style.setProperty('visibility', 'hidden', 'important');
  element.replaceWith(place);
  return () => place.replaceWith(element);
}"""
