"""The demo shop's own words, labels and orders, none of which may be learnt from.

`forbidden_words` keeps its vocabulary out of the generator's word lists from the start.
"""

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from tasks.demo import menu, orders
from training.decontamination.text import words_of

ORDERS_SAMPLED = 300
_TEMPLATES = Path(menu.__file__).parent / "templates"
_EVERYDAY = frozenset("double family classic large medium mini single small green goat".split())
"""Words of the shop's goods that are words of every page."""
_ALWAYS = frozenset(
    "pizza pizzas pizzeria topping toppings crust crusts oven basket checkout deliver delivery "
    "delivered kitchen forno miniwob wob".split()
)


@cache
def forbidden_words() -> frozenset[str]:
    """Words that are the shop's own: what it sells and what it calls itself."""
    own: set[str] = set(_ALWAYS)
    for text in _goods():
        own.update(words_of(text))
    return frozenset(word for word in own - _EVERYDAY if len(word) > 1)


def shop_tasks() -> Iterator[str]:
    """Orders over many seeds, with and without a second choice."""
    for seed in range(ORDERS_SAMPLED):
        order = orders.draw_order(seed)
        yield order.task()
        yield order.task(may_be_sold_out=True)


@cache
def shop_labels() -> tuple[str, ...]:
    """Texts of the shop's pages, cut where a value of the moment stands."""
    texts: list[str] = []
    for path in sorted(_TEMPLATES.glob("*.html")):
        texts += shown_in(re.sub(r"\{[{%].*?[}%]\}", " \n ", path.read_text()))
    for name in ("shop.py", "menu.py"):
        source = (_TEMPLATES.parent / name).read_text()
        texts += re.findall(r'[(\[]f?"([A-Z{][^"\n]* [^"\n]*)"', source)
    pieces = (piece.strip() for text in texts for piece in re.split(r"[\n{}$]+", text))
    return tuple(piece for piece in pieces if piece)


def shown_in(html: str) -> list[str]:
    """What a page shows to people: text and labelling attributes."""
    reader = _Texts()
    reader.feed(html)
    return reader.found


class _Texts(HTMLParser):
    """Collects text, labelling attributes, and sentences that a script writes."""

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


def _goods() -> Iterator[str]:
    """What the shop sells, over many seeds."""
    for seed in range(ORDERS_SAMPLED):
        shop = menu.draw_menu(seed)
        yield from (good.name for good in shop.pizzas)
        yield from shop.toppings
        yield from shop.crusts
