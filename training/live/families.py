"""Which live tasks there are, and how one is made from its family and seed."""

import random

from training.chores.desk import Desk
from training.live import boxes, chores, dates, fields, lists, panels
from training.live.task import LiveTask, Maker

FAMILIES: dict[str, tuple[Maker, int]] = {
    "tabs": (panels.tabs, 8),
    "sections": (panels.sections, 6),
    "menu": (panels.menu, 6),
    "wizard": (panels.wizard, 5),
    "pager": (lists.pager, 7),
    "rows": (lists.rows, 8),
    "meant": (lists.meant, 6),
    "finder": (lists.finder, 6),
    "several": (lists.several, 4),
    "suggestions": (fields.suggestions, 8),
    "calendar": (dates.calendar, 9),
    "soldout": (fields.soldout, 6),
    "refused": (fields.refused, 6),
    "carried": (fields.carried, 7),
    "cased": (fields.cased, 4),
    "dialog": (boxes.dialog, 5),
} | {f"still-{family.__name__}": (chores.live(family), 2) for family in chores.STILL}
"""By name: what makes it, and how often it is drawn, against the others."""

DRAWS = 20
"""A draw may fail, where the page would not show what the answer is about."""


def made(name: str, seed: int) -> LiveTask:
    """The task of this family and seed, always the same."""
    maker, _ = FAMILIES[name]
    for draw in range(DRAWS):
        try:
            return maker(Desk(random.Random(f"{name} {seed} {draw}")))
        except KeyError:
            continue
    raise LookupError(f"{name} {seed}: no draw gave a page")


def drawn(rng: random.Random) -> str:
    """The name of some family."""
    weights = [weight for _, weight in FAMILIES.values()]
    return rng.choices(list(FAMILIES), weights=weights)[0]
