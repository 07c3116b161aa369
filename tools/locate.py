"""From an element's target, as the observation keeps it, to the live element."""

from playwright.async_api import Locator, Page

_APART = ">>"


def apart(ref: str, text: str) -> str:
    """The target of words that stand in the element with Playwright's ref `ref`."""
    return f"{ref}{_APART}{text}"


def locate(page: Page, target: str) -> Locator:
    """The element that a target means: one with a ref of Playwright's, or words within one."""
    ref, _, text = target.partition(_APART)
    around = page.get_by_ref(ref)
    if not text:
        return around
    label = around.locator("label").filter(has_text=text)
    return label.or_(around.get_by_text(text, exact=True)).first
