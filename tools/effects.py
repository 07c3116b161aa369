"""Which actions act beyond the page, and what a person is shown of them before they do.

A tool declares its effect, but a click is only `input`: whether it sends, buys or deletes is
written on the element. This module reads that from the observation alone, without the browser:
the element's words, the dialog it stands in, the button that Enter would press.
"""

import re

from tools.observation import Element, Observation
from tools.record import Action, Tool
from tools.wording import asks_to_commit, commit_word, confirms

_ORDERS = frozenset({"button"})
_LEADS = frozenset({"link", "menuitem"})
_MAYBE = frozenset({"img", "generic", "clickable", "listitem", "cell", "gridcell", "row", "text"})
"""Elements that are buttons only when their few words say so."""
_WRITES = frozenset({"textbox", "combobox", "spinbutton"})
_DIALOGS = frozenset({"dialog", "alertdialog"})
_ENTER = frozenset({"enter", "numpadenter", "return"})
_PRESSES = _ENTER | {"space", " "}
_NO_SUBMIT = re.compile(
    r"^(?:show|hide|clear|reset|toggle|add|browse|choose|more|less|open|close|remove|[+−×x?-])\b|^\W*$",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"[$€£¥]\s?\d|\d\s?(?:[$€£¥]|eur|usd|chf|gbp|kr|zł)\b|\b(?:total|sum|summe|gesamt|totale|montant)\b",
    re.IGNORECASE,
)
_BIN = re.compile(r"\b(?:trash|recycle bin|bin|papierkorb|corbeille|papelera|cestino)\b", re.I)

LINES_BEFORE = 6
LINES_AFTER = 2
"""Lines of the page shown around the element."""
_REACH = 40
"""How many elements after a text box its submit button is looked for."""


def committing(
    tool: Tool, action: Action, element: Element | None, observation: Observation
) -> str:
    """Why this action acts beyond the page, in words to show; "" if it does not."""
    if tool.effect == "commit":
        return f"{action.said_on(observation)} acts beyond the page"
    if tool.effect != "input" or tool.name == "hover" or getattr(action, "how", "") == "right":
        return ""
    if observation.dialog:
        return _in_browser_dialog(action, observation)
    key = _key(action)
    target = element or (_focused(observation) if key else None)
    if target is None:
        return ""
    if key is None:
        return _activating(target, observation) or _dropped_in_bin(action, observation)
    if target.role in _WRITES:
        return _submitting(target, observation) if key in _ENTER else ""
    return _activating(target, observation) if key in _PRESSES else ""


def what_happens(
    action: Action, element: Element | None, observation: Observation, site: str
) -> str:
    """The action in words, where, and the lines of the page around its element, as plain text.

    Prices and totals that stand nowhere near are shown too: they are what a yes is about.
    """
    said = f"{action.said_on(observation)} on {site}" if site else action.said_on(observation)
    if observation.dialog:
        return f"{said}\n  {observation.dialog}"
    elements = observation.elements
    at = next((i for i, e in enumerate(elements) if element is not None and e == element), None)
    if at is None:
        return said
    near = range(max(0, at - LINES_BEFORE), min(len(elements), at + LINES_AFTER + 1))
    money = [i for i, e in enumerate(elements) if _MONEY.search(e.line(refs=False))]
    shown = sorted({*near, *[i for i in money if i not in near][-2:]})
    lines = [
        f"{'> ' if i == at else '  '}{' ' * elements[i].depth}{elements[i].line(refs=False)}"
        for i in shown
    ]
    return "\n".join([said, *lines])


def _in_browser_dialog(action: Action, observation: Observation) -> str:
    """Saying OK to `confirm("Delete this?")`."""
    if not getattr(action, "accept", False):
        return ""
    asked = asks_to_commit(observation.dialog)
    return f"the page asks: {asked}" if asked else ""


def _activating(element: Element, observation: Observation) -> str:
    """A click on the element, or a key that presses it."""
    words = element.name or element.context or (element.value or "")
    if element.role in _ORDERS | _LEADS:
        if commit_word(words, link=element.role in _LEADS):
            return f"{element.role} {words} acts beyond the page"
        if confirms(words) and (asked := _asked_around(element, observation)):
            return f"{element.role} {words} confirms: {asked}"
        return ""
    if element.role in _MAYBE and len(words.split()) <= 5 and commit_word(words):
        return f"{words} acts beyond the page"
    return ""


def _submitting(field: Element, observation: Observation) -> str:
    """Enter in a text box presses the form's button; in a search box it searches."""
    at = observation.elements.index(field) if field in observation.elements else -1
    if at < 0 or "search" in field.name.lower():
        return ""
    for element in observation.elements[at + 1 : at + 1 + _REACH]:
        if element.role in _ORDERS and not _NO_SUBMIT.search(element.name):
            reason = _activating(element, observation)
            return f"Enter may press {element.role} {element.name}" if reason else ""
    return ""


def _asked_around(element: Element, observation: Observation) -> str:
    """What the dialog around a bare `OK` asks for, or the heading above a bare `Confirm`."""
    elements = observation.elements
    at = elements.index(element) if element in elements else -1
    depth = element.depth
    for i in range(at - 1, -1, -1):
        if elements[i].depth >= depth:
            continue
        depth = elements[i].depth
        if elements[i].role in _DIALOGS:
            inside = [elements[i].name, *(e.name for e in elements[i + 1 : at])]
            return next((asked for text in inside if (asked := asks_to_commit(text))), "")
    headings = [e.name for e in elements[: max(at, 0)] if e.role == "heading"]
    asked = asks_to_commit(headings[-1]) if headings else ""
    return asked or asks_to_commit(element.context)


def _dropped_in_bin(action: Action, observation: Observation) -> str:
    onto = observation.element(getattr(action, "to", "") or "")
    return f"dropping on {onto.name} deletes" if onto and _BIN.search(onto.name) else ""


def _key(action: Action) -> str | None:
    """The key that matters, lower case; None if the action is no key press."""
    if getattr(action, "submit", False) or getattr(action, "text", "").endswith("\n"):
        return "enter"
    key: str | None = getattr(action, "key", None)
    return None if key is None else key.rpartition("+")[2].lower() or "+"


def _focused(observation: Observation) -> Element | None:
    return next((e for e in observation.elements if "focused" in e.states), None)
