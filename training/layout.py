"""Where a want is met on a page: the widget it concerns, its surroundings, and the rest.

A `Spot` ties a want to the widget that serves it: a link, a row's button, a list's option, a
radio button, a field. The page writes names in its own way (other case, a price behind them),
and puts things beside them that are almost called the same.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from training.pages import Page, Widget
from training.tasks import Want
from training.words import Words

SpotAction = Literal["click", "check", "select", "fill"]

_ITEM_BUTTONS = (
    "Take Get Pick Choose Select View Details Open More Book Add Want Show Plus Use".split()
)
_PLACEHOLDERS = (
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
_WAYS_ON = (
    "Next Continue Save Submit Proceed Confirm OK Apply Forward Send Book Reserve Finish Done Ready "
    "Order Buy Register Pay Accept Go Complete Request Review Checkin"
).split() + [
    "Go on", "Next step", "Save and continue", "Go ahead", "Carry on", "Buy now", "Pay now",
    "Send request", "Book now", "To the next page", "Continue to details", "To summary",
    "Complete booking", "Confirm and pay", "Add to cart", "To the cart", "Put in bag", "Sign up",
]  # fmt: skip
_WAYS_BACK = (
    "Back Cancel Reset Remove Delete Clear Help Previous Undo Discard Close Print Share Return Edit"
).split() + ["Go back", "Start over", "Clear form", "Empty cart", "Keep looking", "Save for later"]
_CLOSERS = (
    "OK Close Accept Dismiss Agree Decline Understood Got Fine Continue Allow Reject Skip Yes".split()
) + [
    "Accept all", "No thanks", "Got it", "I agree", "Maybe later", "Only what is needed", "Not now",
    "Close this", "All right", "Refuse all", "Save choice", "Let me in", "Go away", "That's okay",
]  # fmt: skip
_LEADING_AWAY = (
    "More",
    "Details",
    "Settings",
    "Privacy policy",
    "Learn more",
    "Sign up",
    "Terms",
    "Options",
)
_COVERS = (
    "Cookies", "Privacy", "We value your privacy", "Consent", "Welcome", "Special offer", "Survey",
    "Chat", "Sign in", "Your location", "Updates", "Before you go", "Feedback", "Choose your region",
)  # fmt: skip


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
            self.target.value = self.text
        self.target.new = self.target.line() != before

    def _group(self, page: Page) -> list[Widget]:
        for widget in page.walk():
            if widget.kind == "group" and self.target in widget.children:
                return widget.children
        return []


class Layout:
    """Draws widgets for wants, and what stands around them."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.words = Words(rng)

    # --- how a page writes the task's words

    def label(self, label: str) -> str:
        """A label as the page writes it."""
        rng = self.rng
        draw = rng.random()
        if draw < 0.55:
            return label[:1].upper() + label[1:]
        if draw < 0.7:
            return label.title() if "'" not in label else label
        if draw < 0.8:
            return label
        if draw < 0.84:
            return label.upper()
        text = label[:1].upper() + label[1:]
        if rng.random() < 0.4:
            return rng.choice(
                (f"{text} {self.words.word()}", f"{self.words.word().title()} {label}")
            )
        return rng.choice(
            (f"Your {label}", f"{text} *", f"{text}:", f"Select {label}", f"{text} (optional)")
        )

    def value(self, value: str) -> str:
        """A value or a name as the page writes it."""
        draw = self.rng.random()
        if draw < 0.72 or any(c.isdigit() for c in value):
            return value
        if draw < 0.82:
            return value[:1].upper() + value[1:]
        if draw < 0.9:
            return value.lower()
        return value.title() if draw < 0.96 and "'" not in value else value.upper()

    def _priced(self, text: str) -> str:
        draw = self.rng.random()
        if draw < 0.88:
            return text
        price = self.words.price()
        return self.rng.choice((f"{text} (+{price})", f"{text}, {price}", f"{text} {price}"))

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

    # --- spots

    def spot(self, want: Want) -> tuple[list[Widget], Spot]:
        """Widgets that serve this want (one or a few), and the spot among them."""
        if want.role == "item":
            return self._item(want)
        if want.role == "extra":
            return self.extras([want])[0], self._last[0]
        if want.kind == "press":
            return self._press(want)
        return self._setting(want)

    _last: list[Spot]

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
        shown = [self._priced(self.value(want.value)) for want in wants]
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
        shown = self._priced(self.value(want.value))
        second = self._priced(self.value(want.other)) if want.other else ""
        names = self._among(shown, rng.randint(1, 4), *([second] if second else []))
        label = self.label(want.label)
        draw = rng.random()
        if draw < (0.75 if second else 0.55):
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
            options.insert(0, rng.choice(_PLACEHOLDERS[1:]))
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

    # --- the rest of a page

    def way_on(self) -> Widget:
        """The main button of a page."""
        rng = self.rng
        name = rng.choice(_WAYS_ON) if rng.random() < 0.5 else self.words.name(3)
        return Widget("button" if rng.random() < 0.93 else "link", name)

    def ways_back(self) -> list[Widget]:
        """Buttons that lead back, out or nowhere; often none."""
        rng = self.rng
        count = rng.choice((0, 0, 0, 0, 1, 1, 2))
        kind = "button" if rng.random() < 0.7 else "link"
        return [Widget(kind, name) for name in rng.sample(_WAYS_BACK, count)]  # type: ignore[arg-type]

    def cover(self, *, known: bool = False) -> tuple[Widget, Widget]:
        """A dialog or region that lies over the page, and its button that closes it."""
        rng = self.rng
        name = rng.choice(_COVERS) if rng.random() < 0.5 else self.words.name(2)
        closer = rng.choice(_CLOSERS) if rng.random() < 0.5 else self.words.name(3)
        button = Widget("button", closer)
        inside: list[Widget] = [button]
        if closer in _CLOSERS and rng.random() < 0.4:
            away = rng.choice(_LEADING_AWAY)
            inside.insert(rng.randint(0, 1), Widget(rng.choice(("link", "button")), away))
        if rng.random() < 0.8:
            inside.insert(0, Widget("text", text=self.words.sentence()))
        if rng.random() < 0.2:
            inside.insert(0, Widget("heading", self.words.name(2)))
        kind = "dialog" if rng.random() < 0.8 else "region"
        return Widget(kind, name, children=inside), button  # type: ignore[arg-type]

    def furniture(self, lines: int) -> tuple[list[Widget], list[Widget]]:
        """What stands above and below the main part, of about this many lines."""
        rng = self.rng
        above: list[Widget] = []
        below: list[Widget] = []
        left = lines
        if left > 2 and rng.random() < 0.6:
            count = rng.randint(1, min(5, left))
            links = [Widget("link", self.words.name(2)) for _ in range(count)]
            above.append(Widget(rng.choice(("nav", "header", "box")), children=links))
            left -= count
        if left > 2 and rng.random() < 0.2:
            search = Widget("field", rng.choice(("Search", self.words.name(1))), type="search")
            above.append(Widget("box", children=[search, Widget("button", "Search")]))
            left -= 2
        if left > 0 and rng.random() < 0.8:
            above.append(Widget("heading", self.words.name(3)))
            left -= 1
        while left > 0 and rng.random() < 0.7:
            place = above if rng.random() < 0.6 else below
            place.append(Widget("text", text=self.filler()))
            left -= 1
        if left > 1 and rng.random() < 0.5:
            links = [
                Widget("link", self.words.name(2)) for _ in range(rng.randint(1, min(4, left)))
            ]
            below.append(Widget("footer", children=links))
        return above, below

    def filler(self) -> str:
        """A line of text that matters to nobody."""
        rng = self.rng
        if rng.random() < 0.4:
            return f"{self.words.name(2)} {self.words.price()}"
        return self.words.sentence(12)

    def near_misses(self, wants: Sequence[Want], count: int) -> list[Widget]:
        """Controls that are almost called what a step asks for that is not on the page."""
        rng, made = self.rng, []
        for want in rng.sample(wants, min(count, len(wants))):
            name = self.words.miss(self.value(want.label or want.value))
            if want.kind == "set":
                field = Widget("field", name, value=rng.choice(("", self.words.name(1))))
                combo = Widget("combo", name, options=[self.words.name(2) for _ in range(3)])
                made.append(rng.choice((field, field, combo)))
            else:
                kind = rng.choice(("link", "button", "check"))
                made.append(Widget(kind, name, type="checkbox" if kind == "check" else "text"))  # type: ignore[arg-type]
        return made

    def decoys(self, count: int) -> list[Widget]:
        """Controls that no step asks for."""
        rng, words = self.rng, self.words
        made: list[Widget] = []
        for _ in range(count):
            draw = rng.random()
            if draw < 0.3:
                made.append(
                    Widget("field", words.name(2), value=rng.choice(("", "", words.name(2))))
                )
            elif draw < 0.5:
                made.append(
                    Widget("combo", words.name(2), options=[words.name(2) for _ in range(3)])
                )
            elif draw < 0.7:
                box = Widget("check", words.name(2), type="checkbox", checked=rng.random() < 0.3)
                made.append(box)
            elif draw < 0.78:
                made.append(Widget("link", words.name(2)))
            elif draw < 0.86:
                made.append(Widget("button", words.name(2)))
            else:
                made.append(Widget("text", text=self.filler()))
        return made
