"""Where a want is met on a page: the widget it concerns, its surroundings, and the rest.

A `Spot` ties a want to the widget that serves it: a link, a row's button, a list's option, a
radio button, a field. The page writes names in its own way (other case, a price behind them),
and puts things beside them that are almost called the same.
"""

from dataclasses import dataclass
from typing import Literal

from tools.facts import HIDDEN
from training.pages import Page, Widget
from training.scenery import Scenery
from training.wants import Want

SpotAction = Literal["click", "check", "select", "fill"]

_ITEM_BUTTONS = (
    "Take Get Pick Choose Select View Details Open More Book Add Want Show Plus Use".split()
)
PLACEHOLDERS = (
    "",
    "-",
    "Choose",
    "Select one",
    "none",
    "Select…",
    "Pick one",
    "…",
    "Any",
    "Not set",
)


@dataclass(eq=False)
class Spot:
    """The widget that serves a want, and what to do with it."""

    want: Want
    target: Widget
    action: SpotAction
    text: str = ""
    second: str = ""
    leaves: bool = False
    context: str = ""
    fallback: Widget | None = None

    @property
    def said(self) -> str:
        """The action in words, as `Action.said` writes it."""
        name = f"{self.action} {self.target.said}" + (f" ({self.context})" if self.context else "")
        return f"{name}: {self.text}" if self.text else name

    @property
    def done(self) -> bool:
        """Whether the page shows it done already."""
        if self.action == "check":
            return self.target.checked
        return self.action in ("select", "fill") and self.shown == self.text

    @property
    def blocked(self) -> bool:
        """Whether the page offers neither what is wanted nor the second choice."""
        gone = self.action == "select" and self.text in self.target.dead
        return (gone and not self.second) or self.target.disabled

    @property
    def shown(self) -> str:
        """The value that the widget shows now."""
        return self.target.value

    def apply(self, page: Page) -> None:
        """Do it."""
        for widget in page.walk():
            widget.focused = widget.new = False
        before = self.target.line()
        self.target.focused = self.action != "select" and not self.leaves
        if self.action == "check":
            if self.target.type == "radio":
                for widget in self._group(page):
                    widget.new, widget.checked = widget.checked, False
            self.target.checked = True
        elif self.action in ("select", "fill"):
            self.target.value = HIDDEN if self.target.type == "password" else self.text
        self.target.new = self.target.line() != before

    def _group(self, page: Page) -> list[Widget]:
        for widget in page.walk():
            if widget.kind == "group" and self.target in widget.children:
                return widget.children
        return []


class Layout(Scenery):
    """Draws widgets for wants, and what stands around them."""

    _last: list[Spot]

    def others(self, value: str, count: int) -> list[str]:
        """Names beside this one; some are nearly the same."""
        rng, words = self.rng, self.words
        found: list[str] = []
        while len(found) < count:
            number, _, unit = value.partition(" ")
            if number.isdecimal() and rng.random() < 0.8:
                other = f"{rng.randint(1, 10 ** len(number))} {unit}".strip()
            else:
                other = words.near(value) if rng.random() < 0.3 else words.name(2)
            if other and other.lower() != value.lower() and other not in found:
                found.append(other)
        return found

    def _among(self, value: str, count: int, *more: str) -> list[str]:
        names = [value, *more, *self.others(value, count)]
        unique = list(dict.fromkeys(names))
        self.rng.shuffle(unique)
        return unique

    def spot(self, want: Want) -> tuple[list[Widget], Spot]:
        """Widgets that serve this want (one or a few), and the spot among them."""
        if want.role == "item":
            return self._item(want)
        if want.role == "extra":
            return self.extras([want])[0], self._last[0]
        if want.kind == "press":
            return self._press(want)
        return self._setting(want)

    def _item(self, want: Want) -> tuple[list[Widget], Spot]:
        rng = self.rng
        shown = self.value(want.value)
        if want.other and rng.random() < 0.3:
            shown = self.value(want.other)  # the first choice is not there at all
        parts = shown.split()
        if len(parts) > 1 and parts[-1].islower() and rng.random() < 0.6:
            shown = " ".join(parts[:-1])  # "a Blue Heron lamp" is called Blue Heron
        names = self._among(shown, rng.randint(1, 7))
        draw = rng.random()
        if draw < 0.3:
            return self._linked_list(want, shown, names)
        if draw < 0.52:
            return self._list_with_buttons(want, shown, names)
        if draw < 0.62:
            return self._table_of(want, shown, names)
        if draw < 0.72:
            links = [Widget("link", name) for name in names]
            return self._boxed(links), self._click(want, links[names.index(shown)], leaves=True)
        if draw < 0.82:
            buttons = [Widget("button", name) for name in names]
            return self._boxed(buttons), self._click(want, buttons[names.index(shown)])
        if draw < 0.9:
            return self._radios(want, self.words.name(1), shown, names)
        if draw < 0.95:
            tabs = [Widget("tab", name) for name in names]
            bar = Widget("tabs", children=tabs)
            return [bar], self._click(want, tabs[names.index(shown)])
        return self._combo(want, self.words.name(2), shown, names)

    def _boxed(self, widgets: list[Widget]) -> list[Widget]:
        return widgets if self.rng.random() < 0.5 else [Widget("box", children=widgets)]

    def _click(
        self, want: Want, target: Widget, *, leaves: bool = False, context: str = ""
    ) -> Spot:
        return Spot(want, target, "click", leaves=leaves, context=context)

    def _linked_list(self, want: Want, shown: str, names: list[str]) -> tuple[list[Widget], Spot]:
        style = self.rng.randrange(3)
        items, links = [], []
        for name in names:
            link = Widget("link", name)
            text = ("", self.words.price(), self.words.sentence(6))[style]
            items.append(Widget("item", text=text, children=[link]))
            links.append(link)
        spot = self._click(want, links[names.index(shown)], leaves=True)
        return [Widget("list", children=items)], spot

    def _list_with_buttons(
        self, want: Want, shown: str, names: list[str]
    ) -> tuple[list[Widget], Spot]:
        rng = self.rng
        label = rng.choice(_ITEM_BUTTONS) if rng.random() < 0.6 else self.words.name(2)
        priced = rng.random() < 0.6
        items = []
        for name in names:
            text = f"{name} {self.words.price()}" if priced else name
            items.append(Widget("item", text=text, children=[Widget("button", label)]))
        chosen = items[names.index(shown)]
        spot = self._click(want, chosen.children[0], context=chosen.text, leaves=rng.random() < 0.5)
        return [Widget("list", children=items)], spot

    def _table_of(self, want: Want, shown: str, names: list[str]) -> tuple[list[Widget], Spot]:
        rng = self.rng
        label = rng.choice(_ITEM_BUTTONS) if rng.random() < 0.6 else self.words.name(2)
        rows = [
            Widget("row", cells=[self.words.name(1), rng.choice(("Price", "Cost", "Rate")), ""])
        ]
        for name in names:
            button = Widget("button", label)
            rows.append(Widget("row", cells=[name, self.words.price()], children=[button]))
        chosen = rows[1 + names.index(shown)]
        spot = self._click(want, chosen.children[0], context=" | ".join(chosen.cells))
        return [Widget("table", children=rows)], spot

    def _press(self, want: Want) -> tuple[list[Widget], Spot]:
        shown = self.value(want.value)
        kind = self.rng.choice(("button", "button", "button", "link", "tab"))
        names = self._among(shown, self.rng.randint(0, 4))
        made = [Widget(kind, name) for name in names]  # type: ignore[arg-type]
        outer = [Widget("tabs", children=made)] if kind == "tab" else made
        return outer, self._click(want, made[names.index(shown)], leaves=self.rng.random() < 0.4)

    def extras(self, wants: list[Want]) -> tuple[list[Widget], list[Spot]]:
        """Check boxes (or switches) for these wants among others, in one group or list."""
        rng = self.rng
        kind = "switch" if rng.random() < 0.15 else "checkbox"
        shown = [self.priced(self.value(want.value)) for want in wants]
        names = list(dict.fromkeys(shown + self.others(shown[0], rng.randint(0, 5))))
        rng.shuffle(names)
        boxes = {name: Widget("check", name, type=kind) for name in names}
        self._last = [Spot(w, boxes[n], "check") for w, n in zip(wants, shown, strict=True)]
        made = list(boxes.values())
        draw = rng.random()
        if draw < 0.6:
            outer = [Widget("group", self.words.name(1), children=made)]
        elif draw < 0.75:
            outer = [Widget("list", children=[Widget("item", children=[box]) for box in made])]
        else:
            outer = self._boxed(made)
        return outer, self._last

    def _setting(self, want: Want) -> tuple[list[Widget], Spot]:
        rng = self.rng
        if want.role in ("field", "secret") and rng.random() < 0.93:
            return self._field(want)
        if want.role == "count":
            return self._field(want) if rng.random() < 0.75 else self._listed(want)
        return self._listed(want) if rng.random() < 0.93 else self._field(want)

    def _field(self, want: Want) -> tuple[list[Widget], Spot]:
        rng = self.rng
        digits = want.value.isdecimal() and len(want.value) < 4
        kind = "number" if digits and rng.random() < 0.7 else "text"
        if kind == "text":
            kind = rng.choice(("text",) * 12 + ("search", "area"))
        if "@" in want.value and rng.random() < 0.4:
            kind = "email"
        target = Widget("field", self.label(want.label), type=kind)
        if want.role == "count" and kind == "number":
            target.value = rng.choice(("1", "1", "", "0"))
        elif rng.random() < 0.05:
            target.value = want.value
        elif rng.random() < 0.06:
            target.value = self.words.digits(2) if digits else self.words.name(2)
        target.required = rng.random() < 0.12
        return [target], Spot(want, target, "fill", want.value)

    def _listed(self, want: Want) -> tuple[list[Widget], Spot]:
        rng = self.rng
        shown = self.priced(self.value(want.value))
        second = self.priced(self.value(want.other)) if want.other else ""
        names = self._among(shown, rng.randint(1, 4), *([second] if second else []))
        label = self.label(want.label)
        draw = rng.random()
        if draw < (0.75 if second else 0.65):
            return self._combo(want, label, shown, names, second)
        if draw < 0.9:
            return self._radios(want, label, shown, names, second)
        buttons = [Widget("button", name) for name in names]
        return [Widget("group", label, children=buttons)], self._click(
            want, buttons[names.index(shown)]
        )

    def _combo(
        self, want: Want, label: str, shown: str, names: list[str], second: str = ""
    ) -> tuple[list[Widget], Spot]:
        rng = self.rng
        options = list(names)
        if rng.random() < 0.6:
            options.insert(0, rng.choice(PLACEHOLDERS[1:]))
        if rng.random() < 0.1:
            options.sort(key=lambda name: name.lower())
        start = options[0] if rng.random() < 0.9 else rng.choice((shown, options[-1]))
        target = Widget("combo", label, options=options, value=start)
        if rng.random() < 0.15:
            others = [o for o in options if o not in (shown, second, start)]
            target.dead = set(others[:1])
        return [target], Spot(want, target, "select", shown, second)

    def _radios(
        self, want: Want, label: str, shown: str, names: list[str], second: str = ""
    ) -> tuple[list[Widget], Spot]:
        made = [Widget("check", name, type="radio") for name in names]
        if self.rng.random() < 0.5:
            self.rng.choice((made[0], made[0], *made)).checked = True
        spot = Spot(want, made[names.index(shown)], "check")
        if second:
            spot.fallback = made[names.index(second)]
        return [Widget("group", label, children=made)], spot
