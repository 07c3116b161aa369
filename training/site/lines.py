"""The teacher works on widgets of made-up pages; here they stand for the lines of a real one."""

import re
from itertools import takewhile

from agent.state import Target
from tools.observation import Element, Observation
from tools.reach import named
from tools.verdict import shown_value
from training.layout import Spot
from training.pages import Kind, View, Widget
from training.site.tasks import Move

_KINDS: dict[str, Kind] = {
    "button": "button", "link": "link", "tab": "tab", "heading": "heading", "alert": "alert",
    "status": "status", "textbox": "field", "searchbox": "field", "spinbutton": "field",
    "combobox": "combo", "listbox": "listbox", "checkbox": "check", "radio": "check",
    "switch": "check",
}  # fmt: skip
_TYPES = {"searchbox": "search", "spinbutton": "number"}
_CLOSES = tuple(
    re.compile(words, re.IGNORECASE)
    for words in (
        r"\b(?:close|dismiss|hide|skip|no|not|never|later|reject|decline|refuse)\b|^[x×✕]$",
        r"\b(?:ok|okay|got it|accept|agree|understood|continue)\b",
    )
)
"""What takes a cover away; what agrees to nothing goes first."""


def view_of(page: Observation) -> View:
    """The page with those of its lines that the prompt shows."""
    shown = set(page.shown)
    return View(page, {e.target: e for e in page.elements if e.target and e.ref in shown})


def find(page: Observation, target: Target) -> Element | None:
    """The one line of the prompt that is meant."""
    shown = set(page.shown)
    found = [
        e
        for e in page.elements
        if (e.role, e.name, e.context) == (target.role, target.name, target.context)
    ]
    return found[0] if len(found) == 1 and found[0].ref in shown else None


def widget_of(element: Element) -> Widget:
    """A widget that stands for this line."""
    kind = _KINDS.get(element.role, "text")
    return Widget(
        kind,
        element.name,
        type=element.role if kind == "check" else _TYPES.get(element.role, "text"),
        value=shown_value(element) or "",
        options=[option.label for option in element.options],
        dead={option.label for option in element.options if option.disabled},
        checked="checked" in element.states,
        disabled="disabled" in element.states,
        ref=element.target,
    )


def spot_of(move: Move, element: Element) -> Spot:
    """What the teacher needs to know of a step that concerns this line."""
    return Spot(move.want, widget_of(element), move.action, move.text, move.second)


def closer_of(page: Observation, evidence: str) -> Element | None:
    """The control that takes away what covers the page, by the verdict's evidence.

    The evidence may name a text in it: then it is in what stands around that text.
    """
    covers = [e for e in page.elements if evidence == f"{named(e)} covers it"]
    covers = covers or [e for e in page.elements if e.role in ("dialog", "alertdialog")]
    cover = covers[-1] if covers else None
    while cover is not None:
        controls = [e for e in _inside(page, cover) if e.role in ("button", "link")]
        controls = [e for e in controls if e.ref in page.shown]
        for words in _CLOSES:
            if found := next((e for e in controls if words.search(e.name)), None):
                return found
        if controls:
            return controls[0] if len(controls) == 1 else None
        cover = _around(page, cover)
    return None


def _inside(page: Observation, outer: Element) -> list[Element]:
    at = page.elements.index(outer)
    return list(takewhile(lambda e: e.depth > outer.depth, page.elements[at + 1 :]))


def _around(page: Observation, inner: Element) -> Element | None:
    before = page.elements[: page.elements.index(inner)]
    return next((e for e in reversed(before) if e.depth < inner.depth), None)
