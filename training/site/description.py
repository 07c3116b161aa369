"""What the user says about their site: plain words, and example tasks on lines of their own.

    A wine shop. Customers ask for quotes and look for opening hours.
    - Ask for a quote for {Company}, answer to {Email}
    - Show me the opening hours

A word in braces is the label of a field: the example is used on every page with a form that has
all of them, with values drawn for it. An example without braces names a link of the site.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from training.site.crawl import Seen
from training.site.tasks import (
    Maker,
    Move,
    SiteTask,
    follow,
    forms_of,
    label_of,
    move_for,
    nameable,
    send_button,
)
from training.site.things import Thing

VARIANTS = 4
"""Tasks that are made from one example on one page, each with other values."""

_EXAMPLE = re.compile(r"^\s*[-*•]\s+(?P<task>\S.*?)\s*$")
_SLOT = re.compile(r"\{([^{}]+)\}")
_UNSENT = re.compile(r"\b(?:do not|don't|without) (?:send|submit)", re.IGNORECASE)
_SHORTEST = 4
"""Letters of a word that tells what matters."""


@dataclass(frozen=True)
class Description:
    """The words and the examples."""

    text: str = ""
    examples: tuple[str, ...] = ()

    @property
    def whole(self) -> str:
        """All of it, as a larger model is told."""
        listed = "\n".join(f"- {example}" for example in self.examples)
        return f"{self.text}\n\n{listed}".strip()

    @property
    def words(self) -> frozenset[str]:
        """The words that tell which pages to read first."""
        found = re.findall(r"\w+", f"{self.text} {' '.join(self.examples)}".lower())
        return frozenset(word for word in found if len(word) >= _SHORTEST)


def read_description(text: str) -> Description:
    """Lines that begin with a dash are examples, the rest are plain words."""
    lines = [(line, _EXAMPLE.match(line)) for line in text.splitlines()]
    plain = "\n".join(line for line, example in lines if not example)
    return Description(plain.strip(), tuple(match["task"] for _, match in lines if match))


def tasks_like(
    example: str, seen: Sequence[Seen], maker: Maker, rng: random.Random
) -> list[SiteTask]:
    """The tasks that an example stands for on this site; none if it fits no page."""
    slots = _SLOT.findall(example)
    if slots:
        made = [_filled(example, slots, page, rng) for page in seen for _ in range(VARIANTS)]
        return list({task.task: task for task in made if task}.values())
    for page in seen:
        named = [
            link
            for link, _ in maker.ways(page)
            if re.search(rf"\b{re.escape(link.element.name)}\b", example, re.IGNORECASE)
        ]
        if named:
            link = max(named, key=lambda thing: len(thing.element.name))
            return [SiteTask(example, page.url, (follow(link),))]
    return []


def _filled(example: str, slots: Sequence[str], page: Seen, rng: random.Random) -> SiteTask | None:
    """The example with values for the fields of one form of this page that has all of them."""
    for group in forms_of(page):
        fields = [_field(slot, group) for slot in slots]
        moves = [move for thing in fields if thing and (move := _move(thing, rng))]
        if len(moves) < len(slots):
            continue
        values = iter(move.want.value for move in moves)
        task = _SLOT.sub(lambda _, values=values: next(values), example)
        send = None if _UNSENT.search(example) else send_button(page, group[0].facts.form)
        return SiteTask(task, page.url, tuple(moves), send)
    return None


def _move(thing: Thing, rng: random.Random) -> Move | None:
    """A step with one value: an example has no room for a second choice."""
    move = None if thing.disabled else move_for(thing, rng)
    if move is None or not move.second:
        return move
    return replace(
        move, text=move.second, second="", want=replace(move.want, value=move.second, other="")
    )


def _field(slot: str, group: Sequence[Thing]) -> Thing | None:
    """The field that a slot means: of just this label, or the only one with it in its label."""
    wanted = slot.strip().casefold()
    labels = [(thing, label_of(thing).casefold()) for thing in group if nameable(thing)]
    exact = [thing for thing, label in labels if label == wanted]
    within = [thing for thing, label in labels if wanted in label]
    return exact[0] if exact else within[0] if len(within) == 1 else None
