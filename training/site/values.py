"""Values for a site's own fields: what the label asks for, as the kind of field takes it."""

import random
import re
from collections.abc import Callable
from math import inf

from training.layout import PLACEHOLDERS
from training.site.things import Facts, Thing
from training.words import Words

DRAWS = 8
"""A value may not fit the field's pattern or length; so often another is drawn."""

_LABELS: tuple[tuple[str, Callable[[Words], str]], ...] = (
    ("e-?mail", Words.email),
    ("phone|mobile|tel|fax", Words.phone),
    ("zip|post(al)? ?code", Words.postcode),
    ("street|address|road", Words.street),
    ("city|town|place|village|location", Words.city),
    ("company|organi[sz]ation|employer|firm", Words.company),
    ("first name|last name|surname|user ?name|nickname", lambda w: w.made_up().title()),
    ("name|contact|holder|guest", Words.person),
    ("date|day|birth|arrival|departure|until|from", Words.date),
    ("time|hour", Words.time),
    ("card|account|iban", Words.long_number),
    ("code|number|reference|voucher|coupon", Words.code),
    ("how many|quantity|amount|count|age|seats|persons|people", lambda w: w.number(2)),
    ("message|comment|note|question|description|text|reason|review", Words.sentence),
)
_TYPES: dict[str, Callable[[Words], str]] = {
    "email": Words.email,
    "tel": Words.phone,
    "url": lambda w: f"https://{w.word()}.example/",
    "time": Words.time,
    "textarea": Words.sentence,
}
_DATES = {
    "date": "{y}-{m:02}-{d:02}",
    "month": "{y}-{m:02}",
    "datetime-local": "{y}-{m:02}-{d:02}T10:30",
}
_UNFIT = ("password", "file", "hidden", "color", "range", "week")
"""Fields that get no value: secrets stay out of data, and the rest is not typed."""


def text_for(thing: Thing, rng: random.Random) -> str:
    """Something to fill in; "" if nothing fits or should be filled in."""
    facts, words = thing.facts, Words(rng)
    if facts.type in _UNFIT or thing.element.role == "slider":
        return ""
    for _ in range(DRAWS):
        text = _draw(thing, words)
        if fits(text, facts) and text != thing.element.value:
            return text
    return ""


def options_of(thing: Thing) -> tuple[list[str], list[str]]:
    """The labels of a list that can be chosen and are not, and those that cannot be."""
    options = [o for o in thing.element.options if o.label not in PLACEHOLDERS]
    free = [o.label for o in options if not o.disabled and not o.selected]
    return free, [o.label for o in options if o.disabled]


def fits(text: str, facts: Facts) -> bool:
    """Whether the field takes this text."""
    if not text or 0 <= facts.length < len(text):
        return False
    try:
        return not facts.pattern or re.fullmatch(facts.pattern, text) is not None
    except re.error:  # JavaScript's expressions are not all ours
        return False


def _draw(thing: Thing, words: Words) -> str:
    facts, label = thing.facts, thing.element.name.lower()
    if facts.type in _DATES:
        return _date(facts, words.rng)
    if facts.type == "number" or thing.element.role == "spinbutton":
        return _number(facts, words.rng)
    if draw := _TYPES.get(facts.type):
        return draw(words)
    fitting = (draw for pattern, draw in _LABELS if re.search(rf"\b(?:{pattern})", label))
    return next(fitting, lambda w: w.phrase(2))(words)


def _date(facts: Facts, rng: random.Random) -> str:
    """A day within the field's bounds, as far as they tell the year."""
    first = int(facts.min[:4]) if facts.min[:4].isdigit() else 2027
    last = int(facts.max[:4]) if facts.max[:4].isdigit() else first + 2
    drawn = {
        "y": rng.randint(first, max(first, last)),
        "m": rng.randint(1, 12),
        "d": rng.randint(1, 28),
    }
    text = _DATES[facts.type].format(**drawn)
    within = (facts.min or text) <= text <= (facts.max or text)
    return text if within else ""


def _number(facts: Facts, rng: random.Random) -> str:
    """A whole number between the bounds, on one of the steps."""
    low, high, step = (_bound(text) for text in (facts.min, facts.max, facts.step))
    start = 1.0 if low is None else low
    stride = max(1.0, step or 1.0)
    most = min(20.0, ((inf if high is None else high) - start) // stride)
    if most < 0 or start % 1 or stride % 1:
        return ""
    return str(int(start + stride * rng.randint(0, int(most))))


def _bound(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
