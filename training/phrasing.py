"""How people write what they want: quotes, separators, second choices."""

import random

_IFS = (
    "gone", "not available", "sold out", "not to be had", "taken", "no longer there", "unavailable",
    "out of stock", "missing", "full",
)  # fmt: skip


_ARTICLES = ("a", "the", "the", "one", "a", "an", "my", "this", "")


_SECONDS = (
    "{o} if {it} {w}|, or {o} if {it} {w}| (or {o} if {it} {w})| (else {o})| or {o}|"
    ", else {o}| or else {o}|, otherwise {o}| (otherwise {o})| (if {w}: {o})|, {o} if {w}|"
    " or {o} if {it} {w}|; if {it} {w}, {o}| (or {o})|, failing that {o}"
).split("|")
"""How a second choice {o} is put, if it ({it}) is not to be had for a reason {w}."""


class Style:
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
        form = rng.choice(_SECONDS)
        if why == "sold out" and "{it}" not in form:
            why = "gone"
        if form.startswith("{o}"):
            form = ", " + form
        return form.format(o=value, it=it, w=why)


def upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def lower(text: str) -> str:
    return text[:1].lower() + text[1:]
