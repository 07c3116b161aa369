"""Which line of a real page shows which widget of the task that it was made from."""

import random
from collections.abc import Collection, Iterable
from dataclasses import replace
from difflib import SequenceMatcher

from playwright.async_api import Page as BrowserPage

from tools.observation import Element, Observation
from training.pages import Page, View, Widget, look

_SEEN = """() => [...document.querySelectorAll('[data-key]')]
  .filter(el => el.getClientRects().length).map(el => Number(el.dataset.key))"""


async def view_on(browser: BrowserPage, page: Page, observation: Observation) -> View:
    """The real page with those widgets that it shows now, by their lines.

    The widgets that are there are looked at without the browser; both looks have the same lines,
    but for what lies over the page.
    """
    seen = set(await browser.evaluate(_SEEN))
    keys = {widget: at for at, widget in enumerate(page.walk())}
    originals: dict[Widget, Widget] = {}
    part = list(_part(page.widgets, {w for w, at in keys.items() if at in seen}, originals))
    drawn = look(Page(part, page.title, page.url), random.Random(0))
    fast = [e for e in drawn.observation.elements if e.target]
    shown = set(observation.shown)
    real = [e for e in observation.elements if e.target and e.ref in shown]
    same = _paired(fast, real)
    for widget in keys:
        widget.ref = ""
    elements = {}
    for copy, original in originals.items():
        if copy.ref in same:
            original.ref = same[copy.ref].target
            elements[original.ref] = same[copy.ref]
    return View(observation, elements)


def _part(
    widgets: Iterable[Widget], seen: Collection[Widget], originals: dict[Widget, Widget]
) -> Iterable[Widget]:
    for widget in widgets:
        if widget in seen:
            copy = replace(widget, children=list(_part(widget.children, seen, originals)))
            originals[copy] = widget
            yield copy


def _paired(fast: list[Element], real: list[Element]) -> dict[str, Element]:
    """The real line of each line that was drawn without the browser."""
    drawn, seen = ([(e.role, e.name) for e in lines] for lines in (fast, real))
    matcher = SequenceMatcher(None, drawn, seen, autojunk=False)
    return {
        fast[block.a + n].target: real[block.b + n]
        for block in matcher.get_matching_blocks()
        for n in range(block.size)
    }
