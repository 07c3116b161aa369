"""What is dragged, scrolled, copied and pasted."""

import re

from training import teacher
from training.expert.decision import Decision, step
from training.expert.looking_up import areas
from training.expert.question import Question

_ORDINALS = ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th")
_CORNERS = {"top left": 0, "top center": 1, "top right": 2, "center left": 3, "center": 4,
            "center right": 5, "bottom left": 6, "bottom center": 7, "bottom right": 8}  # fmt: skip


@step(r"Drag (.+?) (to the .+|(?:up|down|left|right) by one(?: position)?)")
def _drag(found: re.Match[str], question: Question) -> Decision | None:
    items = [e for e in question.page if e.role == "listitem"]
    source = next((e for e in items if e.name == found[1]), None)
    if source is None:
        return None
    at = _place(found[2], items.index(source), len(items))
    if not 0 <= at < len(items) or items[at] is source:
        return None
    onto = items[at]
    after = f", onto {teacher.quote(onto)}"
    return Decision("drag", source, (("to", f"[{onto.ref}]"),), after=after)


def _place(words: str, start: int, count: int) -> int:
    """The index that is meant, of a list or, where a row has three, of a grid; -1 for none."""
    if by := re.fullmatch(r"(\w+) by one( position)?", words):
        far = 3 if by[1] in ("up", "down") and not by[2] else 1
        return start + (far if by[1] in ("down", "right") else -far)
    place = words.removeprefix("to the ").removesuffix(" position")
    if place in ("top", "bottom"):
        return 0 if place == "top" else count - 1
    return _ORDINALS.index(place) if place in _ORDINALS else _CORNERS.get(place, -1)


@step(r"Scroll the textarea to the (top|bottom)")
def _scroll(found: re.Match[str], question: Question) -> Decision | None:
    area = next((e for e in question.page if e.role == "textbox"), None)
    return Decision("scroll", area, (("direction", found[1]),)) if area else None


@step(r"Copy the text in the textarea")
def _copy(_: re.Match[str], question: Question) -> Decision | None:
    source, _target = areas(question)
    marked = any("Control+a: ok, " in line for line in question.history)
    keys = (("key", "Control+c" if marked else "Control+a"),)
    return Decision("press", source, keys, completes=marked) if source else None


@step(r"Paste it into the textbox")
def _paste(_: re.Match[str], question: Question) -> Decision | None:
    _source, target = areas(question)
    return Decision("press", target, (("key", "Control+v"),)) if target else None
