"""Where a page shows a secret, so that a picture of it can be covered there."""

from collections.abc import Callable

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator, Page

# What an element itself shows: what a field holds, else its own text without that of what is in it.
_SHOWN = """elements => elements.map(element => {
  if (typeof element.value === "string") return element.value;
  let text = "";
  for (const node of element.childNodes) if (node.nodeType === 3) text += node.data;
  return text.trim();
})"""


async def secret_places(page: Page, redact: Callable[[str], str]) -> list[Locator]:
    """The elements of all frames that show a secret, however they came by it.

    The page only tells what it shows; what of it is secret is found out here, since a frame of
    another site must not be told the values.
    """
    places: list[Locator] = []
    for frame in page.frames:
        elements = frame.locator("*")
        try:
            shown = await elements.evaluate_all(_SHOWN)
        except PlaywrightError:  # the frame is going away, and its picture with it
            continue
        texts = [str(text) for text in shown] if isinstance(shown, list) else []
        places += [elements.nth(at) for at, text in enumerate(texts) if redact(text) != text]
    return places
