"""Errands: what somebody wants on a web site, as a sentence and as the steps of a plan.

The steps follow the sentence word by word and in its order: `Choose X`, `Set LABEL to VALUE`
(`… or OTHER` where the sentence names a second choice), `Press X`, and `Send it off` last when
the errand is one that ends in a confirmation.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from agent.state import Step
from training.words import Words

WantKind = Literal["choose", "set", "press", "send"]
Role = Literal["item", "option", "extra", "count", "field", "secret", "press", "send"]
"""Where in an errand a want belongs, which decides the page that it is met on."""

SEND_OFF = "Send it off"
CONFIRMED = "It is confirmed"


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

    @property
    def expect(self) -> str:
        """What is true on the page when the step is done."""
        alternative = f" or {self.other}" if self.other else ""
        match self.kind:
            case "choose":
                return f"{self.value}{alternative} is chosen"
            case "set":
                return f"{self.label} is {self.value}{alternative}"
            case "press":
                return f"{self.value} is pressed"
            case _:
                return CONFIRMED

    def step(self) -> Step:
        """The plan's step."""
        return Step(do=self.do, expect=self.expect)


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

_SENDING = (
    "Order Book Reserve Request Buy Rent Hire Register Get Purchase".split()
    + ["Please order", "Please book", "Apply for", "Sign up for", "I would like to order"]
    + [
        "I want to book",
        "I would like",
        "I need",
        "Could you reserve",
        "Ask for",
        "Place an order for",
    ]
    + ["Subscribe to", "Arrange", "Send for", "Please get me", "Pre-order", "Enrol in", "Claim"]
)
_LOOKING = "Choose Select Pick Open Find Take".split() + [
    "Go to",
    "Please choose",
    "Look up",
    "Please select",
    "Switch to",
    "Show me",
    "Click on",
]
_ARTICLES = ("a", "the", "the", "one", "a", "an", "my", "this", "")
_NUMBER_WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()

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
_IFS = (
    "gone", "not available", "sold out", "not to be had", "taken", "no longer there", "unavailable",
    "out of stock", "missing", "full",
)  # fmt: skip


class Drafter:
    """Draws errands from one random source."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.words = Words(rng)

    def errand(self, most: int = 14) -> Errand:
        """A task with at most `most` steps, `Send it off` included; no two are called alike."""
        while True:
            errand = self._errand(most)
            names = [(want.label or want.value).lower() for want in errand.wants]
            if len(set(names)) == len(names):
                return errand

    def _errand(self, most: int) -> Errand:
        rng = self.rng
        draw = rng.random()
        if draw < 0.62 and most >= 3:
            return self._purchase(most)
        if draw < 0.8:
            return self._form(most)
        return self._settings(most)

    # --- what is wanted

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
        return f"{self.rng.randint(1, 99)} {self.rng.choice('cm kg mm l ml inch m g min GB W'.split())}"

    def _label(self) -> str:
        words, rng = self.words, self.rng
        draw = rng.random()
        if draw < 0.25:
            return rng.choice(
                "size colour color shape model type level speed finish style class edition material "
                "mode format plan version pattern grade flavour frame row fabric base length".split()
            )
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

    # --- sentences

    def _purchase(self, most: int) -> Errand:
        rng = self.rng
        room = most - 2
        parts: list[list[Want]] = [[], [], [], [], []]
        parts[0] = [self.option() for _ in range(min(room, rng.choice((0, 1, 1, 2, 2, 3))))]
        room -= len(parts[0])
        parts[1] = self.extras(room)
        room -= len(parts[1])
        if room and rng.random() < 0.45:
            parts[2] = [self.count()]
            room -= 1
        if room and rng.random() < 0.75:
            parts[3] = self.fields(min(room, rng.choice((1, 2, 3, 4, 5, 5, 6))))
            room -= len(parts[3])
        if room and rng.random() < 0.55:
            parts[4] = self.fields(min(room, rng.choice((1, 2, 2, 3))), secret=True)
        return self._sentence(parts)

    def _sentence(self, parts: list[list[Want]]) -> Errand:
        """Item, then options, extras and count in some order, then the form in some order."""
        rng = self.rng
        style = _Style(rng)
        item = Want("choose", "item", self._item())
        if rng.random() < 0.08:
            item = Want("choose", "item", item.value, "", self.words.name(2))
        wants, lead = [item], rng.choice(_SENDING)
        text = f"{lead} {style.article(self.rng, item.value)}{style.quoted(item.value)}"
        if item.other:
            text += style.second(item.other)
        options, extras, count, address, secret = parts
        blocks = [options, extras, count]
        if rng.random() < 0.5:
            rng.shuffle(blocks)
        details: list[list[Want]] = [address, secret] if rng.random() < 0.9 else [secret, address]
        if rng.random() < 0.3:
            details = [[*details[0], *details[1]]]
        if rng.random() < 0.25:  # "... with A and B. Size: L, quantity: 2."
            blocks, details = [extras], [[*options, *count], *details]
            if rng.random() < 0.5:
                details = [[*details[0], *details[1]], *details[2:]]
        first = True
        for block in blocks:
            if not block:
                continue
            wants += block
            if block is extras:
                text += self._extras_text([w.value for w in extras], style)
            else:
                text += self._listed(block, style, first=first)
            first = False
        if not extras and rng.random() < 0.12:
            text += rng.choice((", no extras", ", nothing else", " without extras", ", no more"))
        text += rng.choice((".", ".", ".", ";", "!", ""))
        for block in details:
            if block:
                text = self._sentence_of(text, block, style)
                wants += block
        return Errand(text.strip(), (*wants, SEND))

    def _sentence_of(self, text: str, block: list[Want], style: "_Style") -> str:
        rng = self.rng
        if text[-1:].isalnum() or text[-1:] in "'\"":
            text += "."
        lead = rng.choice(("", "", "", "", "My details: ", "Use ", "Enter ", "Fill in ", "With "))
        lead = rng.choice((lead, lead, "Data: ", "The rest: ", f"For {self.words.word()}: "))
        body = self._listed(block, style, first=True).lstrip(",; ")
        for opening in ("with ", "and ", "in "):
            body = body.removeprefix(opening)
        if not lead and rng.random() < 0.7:
            label = block[0].label
            if body.startswith(label):
                block[0] = replace(block[0], label=_upper(label))
                body = _upper(body)
        return f"{text} {lead}{body}{rng.choice(('.', '.', '.', ''))}"

    def _item(self) -> str:
        words, rng = self.words, self.rng
        name = words.name(3)
        if rng.random() < 0.3 and name[:1].isupper():
            name += f" {words.word()}"
        return name

    def _extras_text(self, names: list[str], style: "_Style") -> str:
        rng = self.rng
        quoted = [style.quoted(name) for name in names]
        joint = rng.choice((" and ", " and ", ", ", " plus ", " & "))
        listed = quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + joint + quoted[-1]
        lead = rng.choice(
            (" with ", " with ", ", with ", ", extras ", ", plus ", ", add ", " including ", ", extras: ",
             " and ", ", together with ", ", also ", " (with ", ". Add ", ", and take ")
        )  # fmt: skip
        return f"{lead}{listed}" + (")" if lead.endswith("(with ") else "")

    def _listed(self, block: list[Want], style: "_Style", *, first: bool) -> str:
        """Labelled values one after the other."""
        rng = self.rng
        pieces = [self._labelled(want, style) for want in block]
        lead = rng.choice((", ", ", ", " with ", ", with ", "; ", " in ")) if first else ", "
        if lead == " in " and block[0].role == "count":
            lead = ", "
        joint = rng.choice((", ", ", ", ", ", "; ", ", and "))
        if len(pieces) == 1:
            return lead + pieces[0]
        last = rng.choice((" and ", ", ", ", and ", ", "))
        return lead + joint.join(pieces[:-1]) + (last if joint != "; " else "; ") + pieces[-1]

    def _labelled(self, want: Want, style: "_Style") -> str:
        rng = self.rng
        if want.role == "count" and want.label == "quantity" and rng.random() < 0.5:
            number = int(want.value)
            spelled = _NUMBER_WORDS[number] if rng.random() < 0.4 else want.value
            return f"{spelled} {rng.choice(('of them', 'pieces', 'of these'))}"
        text = style.pair(want.label, want.value)
        return text + style.second(want.other) if want.other else text

    def _form(self, most: int) -> Errand:
        rng = self.rng
        wants: list[Want] = self.fields(min(most - 1, rng.randint(1, 8)))
        if rng.random() < 0.4 and len(wants) < most - 1:
            wants.insert(rng.randint(0, len(wants)), self.option())
        style = _Style(rng)
        lead = rng.choice(
            ("Fill in the form: ", "Register me: ", "Sign me up with ", "Fill in ", "Enter ", "Register with ",
             "Send the form with ", "Complete the form: ", "Request a call back: ", "Apply with ",
             "Make a booking, ", "Please submit ", "Write to them: ")
        )  # fmt: skip
        body = self._listed(wants, style, first=True).lstrip(",; ")
        for opening in ("with ", "in "):
            body = body.removeprefix(opening)
        ending = rng.choice(
            (".", ".", "", " and send it.", ". Then send it off.", ", then submit.")
        )
        sends = (
            ending[:1] in " ,." and len(ending) > 1 or not lead.startswith(("Fill in ", "Enter "))
        )
        sends = sends or lead.startswith("Fill in the form")
        if len(wants) + sends > most:
            wants = wants[: most - 1]
        return Errand(lead + body + ending, (*wants, *([SEND] if sends else [])))

    def _settings(self, most: int) -> Errand:
        """A few things to set, choose or press, with nothing sent off at the end."""
        rng = self.rng
        style = _Style(rng)
        count = min(most, rng.choice((1, 1, 1, 2, 2, 3, 3, 4)))
        wants, pieces = [], []
        for _ in range(count):
            want, piece = self._single(style)
            wants.append(want)
            pieces.append(piece)
        text = pieces[0]
        for piece in pieces[1:]:
            joint = rng.choice((", then ", " and ", ". ", "; ", ", and ", ". Then "))
            text += joint + (_upper(piece) if joint == ". " else _lower(piece))
        return Errand(text + rng.choice((".", ".", "")), tuple(wants))

    def _single(self, style: "_Style") -> tuple[Want, str]:
        rng, words = self.rng, self.words
        draw = rng.random()
        if draw < 0.35:
            want = self.option() if rng.random() < 0.6 else self.fields(1)[0]
            value = style.quoted(want.value)
            second = style.second(want.other) if want.other else ""
            label = style.named(want.label)
            form = rng.choice(
                ("Set {l} to {v}", "Change {l} to {v}", "Set the {l} to {v}", "Put {v} into {l}",
                 "Choose {v} for {l}", "Enter {v} as {l}", "Type {v} into {l}", "Make the {l} {v}",
                 "Select {v} as the {l}", "Fill {l} with {v}", "Write {v} in the {l} field")
            )  # fmt: skip
            return want, form.format(l=label, v=value) + second
        name = words.name(3)
        quoted = style.quoted(name)
        if draw < 0.65:
            form = rng.choice(("Press {}", "Click {}", "Push {}", "Click the {} button", "Hit {}",
                               "Press the button {}", "Tap {}"))  # fmt: skip
            return Want("press", "press", name), form.format(quoted)
        lead = rng.choice((*_LOOKING, "Tick", "Turn on", "Enable", "Check"))
        return Want("choose", "item", name), f"{lead} {rng.choice(('', '', 'the '))}{quoted}"


class _Style:
    """One person's way of writing: quotes, separators, how a second choice is put."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.quote = rng.choice(("", "", "", "", '"', "'", "“"))
        self.separator = rng.choice(
            (" ", " ", " ", " ", ": ", ": ", ": ", " is ", " = ", "=", " as ", " to be ")
        )
        self.behind = rng.random() < 0.05
        self.mixed = rng.random() < 0.25

    def article(self, rng: random.Random, name: str) -> str:
        """An article with its space; mostly one that fits."""
        article = rng.choice(_ARTICLES)
        if article in ("a", "an"):
            article = "an" if name[:1].lower() in "aeiou" else "a"
        return f"{article} " if article else ""

    def quoted(self, value: str) -> str:
        """The value as this person writes it."""
        quote = self.quote
        if self.mixed and self.rng.random() < 0.5:
            quote = self.rng.choice(("", '"', "'"))
        if not quote:
            return value
        return f"“{value}”" if quote == "“" else f"{quote}{value}{quote}"

    def named(self, label: str) -> str:
        """A label, which is quoted less often than a value."""
        return f'"{label}"' if self.quote == '"' and self.rng.random() < 0.3 else label

    def pair(self, label: str, value: str) -> str:
        """Label and value."""
        quoted = self.quoted(value)
        separator = self.separator
        if self.mixed:
            separator = self.rng.choice((" ", ": ", " is "))
        plain = separator in (" ", " to be ", " as ") and quoted == value
        if plain and not (value[:1].isupper() or value[:1].isdigit() or " " not in label):
            separator = ": "
        if self.behind and len(value) < 15:
            return f"{quoted} {self.rng.choice(('as', 'for'))} {label}"
        return f"{label}{separator}{quoted}"

    def second(self, other: str) -> str:
        """What to take if the first choice cannot be had."""
        rng, value = self.rng, self.quoted(other)
        why = rng.choice(_IFS)
        it = rng.choice(("that is", "it is", "this is", "it's", "that one is", "the first is"))
        if why == "sold out":
            it = rng.choice(("that has", "it has", "that one has"))
        form = rng.choice(
            ("{o} if {it} {w}", ", or {o} if {it} {w}", " (or {o} if {it} {w})", " (else {o})", " or {o}",
             ", else {o}", " or else {o}", ", otherwise {o}", " (otherwise {o})", " (if {w}: {o})",
             ", {o} if {w}", " or {o} if {it} {w}", "; if {it} {w}, {o}", " (or {o})", ", failing that {o}")
        )  # fmt: skip
        if why == "sold out" and "{it}" not in form:
            why = "gone"
        if form.startswith("{o}"):
            form = ", " + form
        return form.format(o=value, it=it, w=why)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
