"""From an element's target, as the observation keeps it, to the live element."""

from typing import Any

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


async def ask(locator: Locator, function: str, argument: object = None, *, wait_ms: float) -> Any:
    """What a function says of the one element there; one that is not there yet is waited for.

    Playwright's own `evaluate` finds, asks and lets go in three messages to the browser, this in
    one. `wait_ms` is how long. Raises playwright's errors.
    """
    of_one = f"(all, given) => all.length === 1 ? [({function})(all[0], given)] : null"
    told = await locator.evaluate_all(of_one, argument)
    if told is None:
        return await locator.evaluate(function, argument, timeout=wait_ms)
    return told[0]
