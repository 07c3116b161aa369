"""Tasks for a site: what can be filled in, chosen and opened there, as a person would say it.

As everywhere in training, a plan follows its task's words in their order.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urldefrag

from agent.state import Step, Target
from tools.roles import CHECKS, LISTS, TEXT_BOXES
from training.layout import SpotAction
from training.phrasing import Style, lower
from training.site.crawl import Seen
from training.site.things import Thing
from training.site.values import options_of, text_for
from training.wants import SEND, Want

LONGEST_NAME = 60
"""Characters of a name that a person would still write out."""
MOST_FIELDS = 8
WORDINGS = 3
"""Ways in which the same is asked for on one page, at most."""
DRAWS = 6
"""Draws for one task: the same may come again, or a page may have nothing of that kind."""

_OPENING = "Open|Go to|Show me|Find|Please open|Click on|Look up|Switch to".split("|")
_PRESSING = "Press|Click|Push|Click the button|Tap".split("|")
_FILLING = ("Fill in ", "Enter ", "Put in ", "Type in ", "Please enter ")
_SENDING = (
    "Fill in the form: |Send the form with |Please submit |Complete the form: |"
    "Fill in and send: |Write to them: |Send them "
).split("|")
_ENDINGS = (" and send it.", ". Then send it off.", ", then submit.", ".", "")
_UNSENT = (".", "", ", but do not send it.", ". Do not submit it.", ". Leave it unsent.")
_REQUIRED = re.compile(r"\s*(?:\((?:required|optional)\)|[*:])\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Move:
    """One step of a task: what is wanted, of which element, and how it is done.

    `second` is chosen if `text` cannot be. `follows`: the element is a link.
    """

    want: Want
    target: Target
    action: SpotAction
    text: str = ""
    second: str = ""
    follows: bool = False


@dataclass(frozen=True)
class SiteTask:
    """A task that begins at `url`. `send` is the button that it would end with."""

    task: str
    url: str
    moves: tuple[Move, ...]
    send: Target | None = None

    @property
    def wants(self) -> list[Want]:
        """All that the task asks for."""
        return [*(move.want for move in self.moves), *([SEND] if self.send else [])]

    @property
    def plan(self) -> list[Step]:
        """The steps."""
        return [want.step() for want in self.wants]


class Maker:
    """Draws tasks from the pages of a site."""

    def __init__(self, rng: random.Random, seen: Sequence[Seen]) -> None:
        self.rng = rng
        self._seen = {page.url: page for page in seen}

    def tasks(self, page: Seen, most: int) -> list[SiteTask]:
        """Up to so many different tasks that begin on this page."""
        kinds: tuple[Callable[[Seen], SiteTask | None], ...]
        kinds = (self._form, self._form, self._form, self._open, self._open, self._press)
        made: dict[str, SiteTask] = {}
        wordings: Counter[tuple[Move, ...]] = Counter()
        for _ in range(most * DRAWS):
            task = self.rng.choice(kinds)(page)
            if task is None or task.task in made or wordings[task.moves] == WORDINGS:
                continue
            made[task.task] = task
            wordings[task.moves] += 1
            if len(made) == most:
                break
        return list(made.values())

    def ways(self, page: Seen) -> list[tuple[Thing, Seen]]:
        """The links of a page that lead to other pages that were seen, and these pages."""
        found = []
        for link in page.links():
            there = self._seen.get(urldefrag(link.facts.href).url)
            if there is not None and there is not page and nameable(link):
                found.append((link, there))
        return found

    def _form(self, page: Seen) -> SiteTask | None:
        """Some fields of one form, sent or not."""
        rng, style = self.rng, Style(self.rng)
        groups = forms_of(page)
        if not groups:
            return None
        moves = self._some_fields(rng.choice(groups))
        if not moves:
            return None
        send = self._button(page, moves)
        sends = send is not None and rng.random() < 0.5
        words = [self._phrase(move, style) for move in moves]
        lead = rng.choice(_SENDING if sends else _FILLING)
        text = f"{lead}{_listed(words, rng)}{rng.choice(_ENDINGS if sends else _UNSENT)}"
        return SiteTask(text, page.url, tuple(moves), send if sends else None)

    def _some_fields(self, group: Sequence[Thing]) -> list[Move]:
        rng = self.rng
        count = min(len(group), rng.choice((1, 1, 2, 2, 3, 4, 5, MOST_FIELDS)))
        chosen = rng.sample(group, count)
        if rng.random() < 0.7:
            chosen.sort(key=group.index)
        moves = [move for thing in _one_a_group(chosen) if (move := move_for(thing, rng))]
        # Nothing can follow a field that cannot be changed: the user has to be asked.
        locked = {thing.target for thing in group if thing.disabled}
        at = next((n for n, move in enumerate(moves) if move.target in locked), len(moves))
        lowers = rng.random() < 0.4
        return [_lowered(move) if lowers else move for move in moves[: at + 1]]

    def _button(self, page: Seen, moves: Sequence[Move]) -> Target | None:
        """What sends the form that these fields are in."""
        targets = {move.target for move in moves}
        form = next(thing.facts.form for thing in page.things if thing.target in targets)
        locked = any(thing.disabled for thing in page.things if thing.target in targets)
        return None if locked else send_button(page, form)

    def _phrase(self, move: Move, style: Style) -> str:
        want = move.want
        if want.kind == "choose":
            return style.quoted(want.value)
        second = style.second(want.other) if want.other else ""
        return style.pair(want.label, want.value) + second

    def _open(self, page: Seen) -> SiteTask | None:
        """Follow a link, and perhaps do something there."""
        rng, style = self.rng, Style(self.rng)
        ways = self.ways(page)
        if not ways:
            return None
        link, there = rng.choice(ways)
        opens = f"{rng.choice(_OPENING)} {style.quoted(link.element.name)}"
        move = follow(link)
        onward = rng.choice((self._open, self._form, None, None))
        rest = onward(there) if onward else None
        if rest is None or any(m.target == move.target for m in rest.moves):
            return SiteTask(opens + rng.choice(("", ".")), page.url, (move,))
        text = f"{opens}{rng.choice((', then ', ' and ', ', and then '))}{lower(rest.task)}"
        return SiteTask(text, page.url, (move, *rest.moves), rest.send)

    def _press(self, page: Seen) -> SiteTask | None:
        """A button that sends nothing."""
        rng, style = self.rng, Style(self.rng)
        buttons = [t for t in page.things if t.element.role == "button" and nameable(t)]
        buttons = [t for t in buttons if not t.facts.submits and not t.disabled]
        if not buttons:
            return None
        button = rng.choice(buttons)
        name = button.element.name
        move = Move(Want("press", "press", name), button.target, "click")
        return SiteTask(f"{rng.choice(_PRESSING)} {style.quoted(name)}.", page.url, (move,))


def nameable(thing: Thing) -> bool:
    """Whether a person can tell what is meant by its name."""
    return thing.unique and len(thing.element.name) <= LONGEST_NAME


def follow(link: Thing) -> Move:
    """The step that follows a link."""
    return Move(Want("choose", "item", link.element.name), link.target, "click", follows=True)


def forms_of(page: Seen) -> list[list[Thing]]:
    """The fields of a page by the form that they are in, in page order."""
    groups: dict[int, list[Thing]] = {}
    for thing in page.things:
        if thing.element.role in TEXT_BOXES | LISTS | CHECKS and nameable(thing):
            groups.setdefault(thing.facts.form, []).append(thing)
    return list(groups.values())


def send_button(page: Seen, form: int) -> Target | None:
    """The one button that sends this form; None if there is none, or a choice."""
    buttons = [t for t in page.things if t.facts.submits and t.facts.form == form and t.unique]
    free = [t for t in buttons if not t.disabled]
    return free[0].target if len(buttons) == 1 and free else None


def move_for(thing: Thing, rng: random.Random) -> Move | None:
    """A step that changes this field; None if nothing fits it."""
    element, label = thing.element, label_of(thing)
    if element.role in CHECKS:
        if "checked" in element.states:
            return None
        return Move(Want("choose", "extra", label), thing.target, "check")
    if element.options:
        free, dead = options_of(thing)
        if not free:
            return None
        value = rng.choice(free)
        if dead and rng.random() < 0.5:
            gone = rng.choice(dead)
            want = Want("set", "option", gone, label, value)
            return Move(want, thing.target, "select", gone, value)
        return Move(Want("set", "option", value, label), thing.target, "select", value)
    if element.role not in TEXT_BOXES or element.role == "combobox":
        return None
    text = text_for(thing, rng)
    return Move(Want("set", "field", text, label), thing.target, "fill", text) if text else None


def label_of(thing: Thing) -> str:
    """The field's name without what marks it as required."""
    name = thing.element.name
    while (bare := _REQUIRED.sub("", name)) != name:
        name = bare
    return name


def _one_a_group(things: Iterable[Thing]) -> list[Thing]:
    """Of radio buttons that exclude each other, one."""
    kept: dict[str, Thing] = {}
    for thing in things:
        kept.setdefault(thing.facts.group or thing.element.target, thing)
    return list(kept.values())


def _lowered(move: Move) -> Move:
    """The label as people write it in a sentence."""
    label = move.want.label
    return move if label.isupper() else replace(move, want=replace(move.want, label=lower(label)))


def _listed(words: Sequence[str], rng: random.Random) -> str:
    if len(words) == 1:
        return words[0]
    joint = rng.choice((", ", ", ", "; "))
    last = rng.choice((" and ", ", ", ", and ")) if joint == ", " else joint
    return joint.join(words[:-1]) + last + words[-1]
