"""Names, labels, values and sentences for synthetic pages: large, open vocabularies.

The model is to copy what it reads, so nothing here may be a short list that it could learn by
heart: most words come from the 20,000 commonest English ones, from faker's names and places,
and from syllables. The demo shop's own words are left out (`training.decontamination`).
"""

import random
import string
from functools import cache
from typing import Final

import wordfreq
from faker.providers.address.en_US import Provider as Address
from faker.providers.person.en_US import Provider as Person

from training.decontamination.shop import forbidden_words

_ONSETS: Final = (
    "b br c ch d dr f fl g gl gr h j k kl l m n p pr qu r s sh sl st t tr v w y z".split()
)
_VOWELS: Final = "a e i o u a e i o ai ea oo ou".split()
_CODAS: Final = "l m n r s t nd rn st x k".split() + [""] * 9
_UNFIT: Final = frozenset(
    "porn sex sexual sexy fuck fucking fucked shit shits shitty nazi rape raped xxx nude naked "
    "pussy dick cock bitch ass cunt whore slut cum anal penis vagina nigger nigga fag incest "
    "orgasm bastard".split()
)
_SMALL: Final = frozenset(
    "the a an and or with is if else for to of in on at by no not be it its this that please then "
    "from as are was than must has have other either".split()
)
CURRENCIES: Final = ("€", "$", "£", "EUR", "kr", "")
_MONTHS: Final = (
    "January February March April May June July August September October November December".split()
)


@cache
def _common() -> tuple[str, ...]:
    """English words that may stand anywhere: no function words, no word of the demo shop."""
    banned = forbidden_words() | _UNFIT | _SMALL
    return tuple(
        word
        for word in wordfreq.top_n_list("en", 20_000)
        if word.isascii() and word.isalpha() and len(word) > 2 and word not in banned
    )


@cache
def _first_names() -> tuple[str, ...]:
    return tuple(n for n in Person.first_names if n.lower() not in forbidden_words())


@cache
def _last_names() -> tuple[str, ...]:
    return tuple(n for n in Person.last_names if n.lower() not in forbidden_words())


class Words:
    """Draws words from one random source; every method returns something new each time."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def word(self) -> str:
        """One lower-case word: half common, a third rare, the rest made up."""
        words = _common()
        draw = self.rng.random()
        if draw < 0.4:
            return words[100 + int((len(words) - 100) * self.rng.random() ** 3)]
        if draw < 0.8:
            return self.rng.choice(words)
        return self.made_up()

    def made_up(self) -> str:
        """A word that nobody has seen, from syllables."""
        rng = self.rng
        count = rng.choice((1, 2, 2, 2, 3))
        word = "".join(
            rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS) for _ in range(count)
        )
        return self.made_up() if word in forbidden_words() or len(word) < 3 else word

    def phrase(self, most: int = 3) -> str:
        """One to `most` lower-case words."""
        count = min(most, self.rng.choice((1, 1, 1, 2, 2, 3)))
        words = [self.word() for _ in range(count)]
        if self.rng.random() < 0.04:
            return f"{words[0]}-{self.word()}"
        if self.rng.random() < 0.04:
            return (
                f"{words[0]} {self.rng.choice(('e', 'de', 'of', '&', 'di', 'y', 'no'))} {words[-1]}"
            )
        return " ".join(words)

    def name(self, most: int = 3) -> str:
        """What a thing is called, in title case mostly: `Blue Heron`."""
        return self.dress(self.phrase(most))

    def dress(self, text: str) -> str:
        """The text in some capitalisation."""
        draw = self.rng.random()
        if draw < 0.6:
            return text.title() if "'" not in text else text.capitalize()
        if draw < 0.9:
            return text[:1].upper() + text[1:]
        return text if draw < 0.96 else text.upper()

    def near(self, name: str) -> str:
        """Another name that shares a word with this one, or begins like it."""
        parts = name.split()
        other = self.dress(self.word()) if name[:1].isupper() else self.word()
        if len(parts) == 1:
            draw = self.rng.random()
            if draw < 0.4:
                return f"{name} {other}"
            if draw < 0.6:
                return f"{other} {name}"
            return name[: max(2, len(name) // 2)] + self.made_up()[:4]
        kept = self.rng.randrange(len(parts))
        return " ".join(part if at == kept else other for at, part in enumerate(parts[:2]))

    def miss(self, name: str) -> str:
        """Another name that looks like this one and cannot be taken for it."""
        parts = name.split()
        if len(parts) == 1:
            other = name[: max(2, len(name) // 2)] + self.made_up()[:4]
        else:
            kept = self.rng.randrange(len(parts))
            other = " ".join(p if at == kept else self.word() for at, p in enumerate(parts[:2]))
        return other if other.lower() not in name.lower() else self.name(2)

    def sentence(self, most: int = 9) -> str:
        """Some words with a full stop, as filler text."""
        count = self.rng.randint(3, most)
        text = " ".join(self.word() for _ in range(count))
        return text[:1].upper() + text[1:] + self.rng.choice((".", ".", ".", "", "!"))

    def person(self) -> str:
        """First and last name."""
        return f"{self.rng.choice(_first_names())} {self.rng.choice(_last_names())}"

    def street(self) -> str:
        """A street with its number, before or behind."""
        rng = self.rng
        street = f"{rng.choice(_last_names())} {rng.choice(Address.street_suffixes)}"
        if rng.random() < 0.2:
            street = self.made_up().capitalize() + rng.choice(("straat", "weg", "gasse", "gata"))
            return f"{street} {rng.randint(1, 199)}"
        if rng.random() < 0.2:
            street = self.made_up().capitalize() + f" {rng.choice(Address.street_suffixes)}"
        return f"{rng.randint(1, 999)}{rng.choice(('', '', '', '', 'a', 'b'))} {street}"

    def city(self) -> str:
        """A town that may not exist."""
        rng = self.rng
        draw = rng.random()
        if draw < 0.3:
            return self.made_up().capitalize()
        if draw < 0.5:
            return rng.choice(("North", "South", "East", "New", "Port", "Lake", "Saint")) + (
                " " + self.made_up().capitalize()
            )
        return str(rng.choice(_last_names()) + rng.choice(Address.city_suffixes))

    def company(self) -> str:
        """A company or a shop."""
        last = self.rng.choice(_last_names())
        return f"{last} {self.dress(self.word())}"

    def number(self, most: int = 5) -> str:
        """A number with up to `most` digits."""
        return str(self.rng.randint(1, 10 ** self.rng.randint(1, most)))

    def digits(self, count: int) -> str:
        """Exactly `count` digits."""
        return "".join(self.rng.choice(string.digits) for _ in range(count))

    def postcode(self) -> str:
        """A postal code of some country."""
        rng, up = self.rng, string.ascii_uppercase
        draw = rng.random()
        if draw < 0.6:
            return self.digits(rng.choice((5, 5, 5, 4, 6)))
        if draw < 0.8:
            return f"{self.digits(4)} {rng.choice(up)}{rng.choice(up)}"
        return f"{rng.choice(up)}{rng.choice(up)}{self.digits(1)} {self.digits(1)}{rng.choice(up)}"

    def phone(self) -> str:
        """A telephone number in some grouping."""
        form = self.rng.choice(
            ("0### #####", "+## ### ######", "0## ### ####", "###-####", "0#########")
        )
        return "".join(self.rng.choice(string.digits) if c == "#" else c for c in form)

    def email(self) -> str:
        """An e-mail address."""
        first = self.rng.choice(_first_names()).lower()
        joint = self.rng.choice((".", "_", "", "."))
        ending = self.rng.choice(("com", "org", "net", "eu", "example"))
        return f"{first}{joint}{self.word()}@{self.word()}.{ending}"

    def date(self) -> str:
        """A day or a month in some notation."""
        rng = self.rng
        day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(2025, 2035)
        return rng.choice(
            (
                f"{month:02d}/{year % 100}",
                f"{month:02d}/{year % 100}",
                f"{month:02d}/{year}",
                f"{day} {_MONTHS[month - 1]}",
                f"{year}-{month:02d}-{day:02d}",
                f"{day:02d}.{month:02d}.{year}",
            )
        )

    def time(self) -> str:
        """A time of day."""
        return f"{self.rng.randint(0, 23):02d}:{self.rng.choice(('00', '15', '30', '45'))}"

    def long_number(self) -> str:
        """Sixteen digits or so in groups, as on a card."""
        draw = self.rng.random()
        if draw < 0.7:
            return " ".join(self.digits(4) for _ in range(4))
        return self.digits(16) if draw < 0.85 else " ".join(self.digits(4) for _ in range(3))

    def code(self) -> str:
        """A reference such as `KX-4821`."""
        rng = self.rng
        letters = "".join(rng.choice(string.ascii_uppercase) for _ in range(rng.choice((1, 2, 3))))
        return letters + rng.choice(("-", "", " ", "/")) + self.digits(rng.choice((2, 3, 4, 5)))

    def price(self) -> str:
        """An amount of money."""
        amount = (
            f"{self.rng.randint(1, 250)}.{self.rng.choice(('00', '50', '90', '99', '20', '75'))}"
        )
        currency = self.rng.choice(CURRENCIES)
        if currency in ("$", "£"):
            return currency + amount
        return f"{amount} {currency}".strip()
