"""From a line of the observation to the element in the page, and to a locator that lasts."""

import asyncio

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator, Page

from tools.observation import Element

NORMALIZE_S = 2.0
"""So long a page may take to tell an element's role and name."""


def locate(page: Page, element: Element) -> Locator | None:
    """The element in the page as it was last observed; None for a line that is text only.

    The locator holds for the latest snapshot: when the page has replaced the element since,
    it matches nothing. A locator of Playwright's own kind sees into frames and shadow roots.
    """
    return page.get_by_ref(element.target) if element.target else None


async def resilient(locator: Locator) -> str:
    """A locator by role and name that finds the element again in a later run, as code.

    E.g. `get_by_role("button", name="Add")`; "" if the element is gone by now. To be asked
    for before the action, since the action may take the element away.
    """
    try:
        async with asyncio.timeout(NORMALIZE_S):
            return str(await locator.normalize())
    except (PlaywrightError, TimeoutError):
        return ""
