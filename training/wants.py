"""What is wanted: the single things that an errand asks for, and their vocabularies."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from agent.state import Step
from training.words import Words

WantKind = Literal["choose", "set", "press", "send"]
Role = Literal["item", "option", "extra", "count", "field", "secret", "press", "send"]
"""Where in an errand a want belongs, which decides the page that it is met on."""

SEND_OFF = "Send it off"


@dataclass(frozen=True)
class Want:
    """One thing that the sentence asks for, in the sentence's own words."""

    kind: WantKind
    role: Role
    value: str = ""
    label: str = ""
    other: str = ""

    @property
    def do(self) -> str:
        """The step's wording."""
        alternative = f" or {self.other}" if self.other else ""
        match self.kind:
            case "choose":
                return f"Choose {self.value}{alternative}"
            case "set":
                return f"Set {self.label} to {self.value}{alternative}"
            case "press":
                return f"Press {self.value}"
            case _:
                return SEND_OFF

    def step(self) -> Step:
        """The plan's step; what is true after it is left open, for its words are in it already."""
        return Step(do=self.do)


@dataclass(frozen=True)
class Errand:
    """A task and the steps that it takes."""

    task: str
    wants: tuple[Want, ...]

    @property
    def plan(self) -> list[Step]:
        """The steps of the whole errand."""
        return [want.step() for want in self.wants]


SEND = Want("send", "send")


_FIELDS: tuple[tuple[tuple[str, ...], Callable[[Words], str]], ...] = (
    (("name", "full name", "first and last name", "guest", "contact", "holder"), Words.person),
    (
        ("surname", "last name", "first name", "nickname", "user name"),
        lambda w: w.made_up().title(),
    ),
    (("street", "address", "street address", "road", "home address"), Words.street),
    (("city", "town", "place of residence", "village"), Words.city),
    (("zip", "zip code", "postal code", "post code", "area code"), Words.postcode),
    (("phone", "telephone", "mobile", "phone number", "tel", "fax"), Words.phone),
    (("email", "mail", "email address", "e-mail"), Words.email),
    (("company", "employer", "firm", "organisation"), Words.company),
    (("date", "day", "arrival", "departure", "start", "birthday", "due date"), Words.date),
    (("time", "from", "until", "hour"), Words.time),
    (("reference", "code", "voucher", "customer number", "member number"), Words.code),
    (("country", "state", "region", "language"), lambda w: w.word().title()),
    (("guests", "persons", "nights", "rooms", "age", "floor", "seats"), lambda w: w.number(2)),
)
_SECRETS: tuple[tuple[tuple[str, ...], Callable[[Words], str]], ...] = (
    (("number on the card", "card", "account number", "account", "iban", "pan"), Words.long_number),
    (("valid until", "expires", "valid to", "good until", "expiration"), Words.date),
    (("security code", "cvc", "pin", "check number"), lambda w: w.digits(3)),
    (("holder", "name on the card", "account holder"), Words.person),
)
_COUNTS = (
    "quantity",
    "quantity",
    "number",
    "amount",
    "how many",
    "pieces",
    "copies",
    "tickets",
    "count",
)


_UNITS = "cm kg mm l ml inch m g min GB W".split()
_OPTIONS = (
    "size colour color shape model type level speed finish style class edition material mode "
    "format plan version pattern grade flavour frame row fabric base length"
).split()


class Wishes:
    """Draws wants from one random source."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.words = Words(rng)

    def option(self) -> Want:
        """A labelled choice, now and then with a second one."""
        words, rng = self.words, self.rng
        label = self._label()
        value = rng.choice((words.name(2), words.name(2), words.word().title(), self._measure()))
        other = ""
        if rng.random() < 0.3:
            other = words.name(2) if rng.random() < 0.7 else self._measure()
        return Want("set", "option", value, label, other if other != value else "")

    def _measure(self) -> str:
        return f"{self.rng.randint(1, 99)} {self.rng.choice(_UNITS)}"

    def _label(self) -> str:
        words, rng = self.words, self.rng
        draw = rng.random()
        if draw < 0.25:
            return rng.choice(_OPTIONS)
        if draw < 0.85:
            return words.word()
        return f"{words.word()} {words.word()}"

    def extras(self, most: int) -> list[Want]:
        """Things to take along, none to `most`."""
        count = min(most, self.rng.choice((0, 0, 1, 1, 2, 2, 3, 4)))
        return [Want("choose", "extra", self.words.name(2)) for _ in range(count)]

    def count(self) -> Want:
        """How many."""
        return Want("set", "count", str(self.rng.randint(1, 12)), self.rng.choice(_COUNTS))

    def fields(self, count: int, *, secret: bool = False) -> list[Want]:
        """Fields of a form with their values, no label twice."""
        rng, wants = self.rng, []
        kinds = list(_SECRETS if secret else _FIELDS)
        rng.shuffle(kinds)
        for labels, draw in kinds[:count]:
            label = rng.choice(labels)
            if not secret and rng.random() < 0.15:
                label = self._label()
            wants.append(Want("set", "secret" if secret else "field", draw(self.words), label))
        return wants

    def item(self) -> str:
        words, rng = self.words, self.rng
        name = words.name(3)
        if rng.random() < 0.3 and name[:1].isupper():
            name += f" {words.word()}"
        return name
