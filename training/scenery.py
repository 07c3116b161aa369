"""What stands on a page beside what is wanted: ways on and back, banners, text, decoys."""

import random
from collections.abc import Sequence

from training.pages import Widget
from training.wants import Want
from training.words import Words

_WAYS_ON = (
    "Next|Continue|Save|Submit|Proceed|Confirm|OK|Apply|Forward|Send|Book|Reserve|Finish|"
    "Done|Ready|Order|Buy|Register|Pay|Accept|Go|Complete|Request|Review|Checkin|Go on|"
    "Next step|Save and continue|Go ahead|Carry on|Buy now|Pay now|Send request|Book now|"
    "To the next page|Continue to details|To summary|Complete booking|Confirm and pay|"
    "Add to cart|To the cart|Put in bag|Sign up"
).split("|")
_WAYS_BACK = (
    "Back|Cancel|Reset|Remove|Delete|Clear|Help|Previous|Undo|Discard|Close|Print|Share|"
    "Return|Edit|Go back|Start over|Clear form|Empty cart|Keep looking|Save for later"
).split("|")
_CLOSERS = (
    "OK|Close|Accept|Dismiss|Agree|Decline|Understood|Got|Fine|Continue|Allow|Reject|Skip|"
    "Yes|Accept all|No thanks|Got it|I agree|Maybe later|Only what is needed|Not now|"
    "Close this|All right|Refuse all|Save choice|Let me in|Go away|That's okay"
).split("|")
_LEADING_AWAY = ("More|Details|Settings|Privacy policy|Learn more|Sign up|Terms|Options").split("|")
_COVERS = (
    "Cookies|Privacy|We value your privacy|Consent|Welcome|Special offer|Survey|Chat|Sign in|"
    "Your location|Updates|Before you go|Feedback|Choose your region"
).split("|")


class Scenery:
    """Draws widgets that no step asks for, and how a page writes the task's words."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.words = Words(rng)

    def way_on(self, *, link: bool = False) -> Widget:
        """The main button of a page; a link where there are no buttons."""
        rng = self.rng
        name = rng.choice(_WAYS_ON) if rng.random() < 0.5 else self.words.name(3)
        return Widget("link" if link else "button", name)

    def ways_back(self) -> list[Widget]:
        """Buttons that lead back, out or nowhere; often none."""
        rng = self.rng
        count = rng.choice((0, 0, 0, 0, 1, 1, 2))
        kind = "button" if rng.random() < 0.7 else "link"
        return [Widget(kind, name) for name in rng.sample(_WAYS_BACK, count)]  # type: ignore[arg-type]

    def cover(self) -> tuple[Widget, Widget]:
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

    def label(self, label: str) -> str:
        """A label as the page writes it."""
        rng = self.rng
        draw = rng.random()
        text = label[:1].upper() + label[1:]
        if draw < 0.55:
            return text
        if draw < 0.7:
            return label.title() if "'" not in label else label
        if draw < 0.79:
            return label
        if draw < 0.88:
            return label.upper()
        if draw < 0.92:
            return f"{text} {self.words.word()}"
        if draw < 0.95:
            return rng.choice((f"Your {label}", f"Select {label}"))
        return rng.choice((f"{text} *", f"{text}:", f"{text} (optional)"))

    def value(self, value: str) -> str:
        """A value or a name as the page writes it."""
        draw = self.rng.random()
        if draw < 0.68 or any(c.isdigit() for c in value):
            return value
        if draw < 0.77:
            return value[:1].upper() + value[1:]
        if draw < 0.85:
            return value.lower()
        return value.title() if draw < 0.92 and "'" not in value else value.upper()

    def priced(self, text: str) -> str:
        draw = self.rng.random()
        if draw < 0.88:
            return text
        price = self.words.price()
        return self.rng.choice((f"{text} (+{price})", f"{text}, {price}", f"{text} {price}"))
