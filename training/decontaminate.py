"""Proof that the training data holds none of the demo shop's pages, wording or tasks.

The bundled model is judged on a shop it has never seen, so nothing of that shop may be in
what it learns from. `forbidden_words` keeps the shop's own vocabulary out of the generator's
word lists from the start; `check` reads generated conversations and reports every exact
match, every run of eight words and every label of three or more words that they share.
"""

import json
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from tasks.demo import menu, orders
from training.conversation import Conversation

RUN_OF_WORDS = 8
LABEL_WORDS = 3
ORDERS_SAMPLED = 300
_TEMPLATES = Path(menu.__file__).parent / "templates"
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_EVERYDAY = frozenset("double family classic large medium mini single small green goat".split())
"""Words of the shop's goods that are words of every page."""
_ALWAYS = frozenset(
    "pizza pizzas pizzeria topping toppings crust crusts oven basket checkout deliver delivery "
    "delivered kitchen forno miniwob wob".split()
)


@dataclass
class Overlap:
    """What the data shares with the shop, and how often each was found."""

    found: dict[str, int] = field(default_factory=dict)
    conversations: int = 0

    def add(self, what: str) -> None:
        """Count one find."""
        self.found[what] = self.found.get(what, 0) + 1

    def report(self) -> str:
        """The finding in words, one line each."""
        head = f"decontamination: {self.conversations} conversations, {len(self.found)} overlaps"
        lines = sorted(self.found.items(), key=lambda item: -item[1])
        return "\n".join([head, *(f"  {count} x {what}" for what, count in lines)])


def words_of(text: str) -> list[str]:
    """The lower-case words of a text."""
    return _WORD.findall(text.lower())


@cache
def forbidden_words() -> frozenset[str]:
    """Words that are the shop's own: what it sells and what it calls itself."""
    own: set[str] = set(_ALWAYS)
    for text in _goods():
        own.update(words_of(text))
    return frozenset(word for word in own - _EVERYDAY if len(word) > 1)


def check(conversations: Iterable[Conversation]) -> Overlap:
    """Compare conversations with the shop's templates, goods and tasks."""
    labels, runs, names = _forbidden_labels(), _forbidden_runs(), forbidden_words()
    overlap = Overlap()
    for conversation in conversations:
        overlap.conversations += 1
        words = words_of("\n".join(turn.content for turn in conversation))
        for at, word in enumerate(words):
            if word in names:
                overlap.add(f"word: {word}")
            for label in labels.get(word, ()):
                if tuple(words[at : at + len(label)]) == label:
                    overlap.add(f"label: {' '.join(label)}")
            run = tuple(words[at : at + RUN_OF_WORDS])
            if run in runs:
                overlap.add(f"run of words: {' '.join(run)}")
    return overlap


def verify(conversations: Iterable[Conversation]) -> str:
    """The report on clean data; raises SystemExit with the report if there is any overlap."""
    overlap = check(conversations)
    if overlap.found:
        raise SystemExit(overlap.report())
    return overlap.report()


class _Texts(HTMLParser):
    """Collects what a template shows to people: text and labelling attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._hidden = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self._hidden = tag
        shown = ("aria-label", "placeholder", "title", "alt", "value")
        self.found += [value for name, value in attrs if name in shown and value]

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden:
            self._hidden = ""

    def handle_data(self, data: str) -> None:
        if self._hidden:
            self.found += re.findall(r"`([^`\n<]*[a-z] [^`\n<]*)`", data)
        elif data.strip():
            self.found.append(data.strip())


@cache
def _labels() -> tuple[str, ...]:
    """Texts of the shop's pages, cut where a value of the moment stands."""
    texts: list[str] = []
    for path in sorted(_TEMPLATES.glob("*.html")):
        parser = _Texts()
        parser.feed(re.sub(r"\{[{%].*?[}%]\}", " \n ", path.read_text()))
        texts += parser.found
    for name in ("shop.py", "menu.py"):
        source = (_TEMPLATES.parent / name).read_text()
        texts += re.findall(r'[(\[]f?"([A-Z{][^"\n]* [^"\n]*)"', source)
    pieces = (piece.strip() for text in texts for piece in re.split(r"[\n{}$]+", text))
    return tuple(piece for piece in pieces if piece)


def _goods() -> Iterator[str]:
    """What the shop sells, over many seeds."""
    for seed in range(ORDERS_SAMPLED):
        shop = menu.draw_menu(seed)
        yield from (good.name for good in shop.pizzas)
        yield from shop.toppings
        yield from shop.crusts


@cache
def _forbidden_labels() -> dict[str, list[tuple[str, ...]]]:
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for text in _labels():
        words = tuple(words_of(text))
        if len(words) >= LABEL_WORDS and words not in by_first.setdefault(words[0], []):
            by_first[words[0]].append(words)
    return by_first


@cache
def _forbidden_runs() -> frozenset[tuple[str, ...]]:
    texts = [*_labels()]
    for seed in range(ORDERS_SAMPLED):
        order = orders.draw_order(seed)
        texts += [order.task(), order.task(may_be_sold_out=True)]
    runs: set[tuple[str, ...]] = set()
    for text in texts:
        words = words_of(text)
        for at in range(len(words) - RUN_OF_WORDS + 1):
            runs.add(tuple(words[at : at + RUN_OF_WORDS]))
    return frozenset(runs)


def main(amount: int = 2000) -> None:
    """`python -m training.decontaminate`: check a sample of every stage and print the report."""
    from training.curriculum import conversations

    seed = random.SystemRandom().randrange(1 << 30)
    for stage in ("small_pages", "full"):
        source = conversations(stage, seed)
        print(stage, json.dumps(seed), verify(next(source) for _ in range(amount)))


if __name__ == "__main__":
    main()
