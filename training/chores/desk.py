"""What chores are drawn with: names, sentences, buttons, pages."""

import string

from training.pages import Page, Widget
from training.scenery import Scenery
from training.wants import Want


class Desk(Scenery):
    """Draws what chores are made of."""

    def tag(self) -> str:
        """Two to seven letters and digits in any case, as nothing is called: `ktK`, `0rAk`."""
        rng = self.rng
        signs = string.ascii_letters * 2 + string.digits
        return "".join(rng.choice(signs) for _ in range(rng.randint(2, 7)))

    def thing(self) -> str:
        """What a control or an entry is called."""
        rng, words = self.rng, self.words
        draw = rng.random()
        if draw < 0.45:
            return words.name(2)
        if draw < 0.6:
            return words.word()
        if draw < 0.75:
            return self.tag()
        if draw < 0.88:
            return words.person().split()[rng.random() < 0.3]
        if draw < 0.94:
            return words.word().upper()
        if draw < 0.97:
            return "".join(chr(rng.randint(0x4E00, 0x9FA0)) for _ in range(rng.choice((2, 2, 3))))
        return f"{words.name(1)} #{rng.randint(1, 9)}"

    def things(self, count: int) -> list[str]:
        """So many, no two alike."""
        kind = self.tag if self.rng.random() < 0.3 else self.thing
        found: dict[str, str] = {}
        while len(found) < count:
            name = kind()
            found.setdefault(name.lower(), name)
        return list(found.values())

    def latin(self, most: int = 8) -> str:
        """Filler: a few short sentences."""
        words = [self.words.word() for _ in range(self.rng.randint(2, most))]
        ends = (self.rng.choice(("", "", "", ".", ".", ",")) for _ in words)
        text = " ".join(word + end for word, end in zip(words, ends, strict=True))
        return text[:1].upper() + text[1:].rstrip(",.") + "."

    def quoted(self, value: str) -> str:
        """The value as the task writes it."""
        return self.rng.choice(('"{}"', '"{}"', "{}", "'{}'")).format(value)

    def submit(self) -> str:
        """What the button is called that ends a chore."""
        rng = self.rng
        if rng.random() < 0.5:
            return "Submit"
        if rng.random() < 0.6:
            return rng.choice("OK Send Search Done Save Go Confirm Apply Login Finish".split())
        return self.words.name(2)

    def ending(self, button: str) -> tuple[str, Want]:
        """How a task says that a button ends it, and the want: ` and click Submit.`."""
        rng = self.rng
        name = button if rng.random() < 0.7 else button.lower()
        told = self.quoted(name) if rng.random() < 0.3 else name
        form = rng.choice(
            (" and click {}.", " and press {}.", " and hit {}.", ", then click {}.", " and push {}",
             ". Press {} when done.", ". Then press {}.", ", then hit {}.", " and click {}",
             ". Finally click {}.", " and tap {}.")
        )  # fmt: skip
        return form.format(told), Want("press", "press", name)

    def in_rows(self, fields: list[Widget]) -> Widget:
        """A table with a field a row, each called by the cell to its left."""
        rows = [Widget("row", cells=[field.name], children=[field]) for field in fields]
        for field in fields:
            field.beside = True
        return Widget("table", children=rows)

    def joined(self, parts: list[str]) -> str:
        """Several things in one sentence."""
        rng = self.rng
        if len(parts) == 1:
            return parts[0]
        last = rng.choice((", ", ", ", " and ", ", and "))
        return ", ".join(parts[:-1]) + last + parts[-1]

    def page(self, main: list[Widget]) -> Page:
        """A page with this on it and, now and then, more."""
        rng, words = self.rng, self.words
        widgets = list(main)
        if rng.random() < 0.35:
            above, below = self.furniture(rng.choice((1, 2, 3, 5, 8)))
            widgets = [*above, *widgets, *below]
        if rng.random() < 0.2:
            at = rng.randint(0, len(widgets))
            widgets[at:at] = [
                Widget("text", text=self.latin()) for _ in range(rng.choice((1, 1, 2)))
            ]
        draw = rng.random()
        host = f"127.0.0.1:{rng.randint(3000, 65000)}" if draw < 0.6 else f"{words.word()}.com"
        title = words.name(3) + rng.choice((" Task", "", "", f" - {words.name(1)}"))
        return Page(widgets, title, f"http://{host}/{words.word()}{rng.choice(('', '.html'))}")

    def effect(self, target: Widget) -> str:
        """What a click is said to have brought."""
        words = self.words
        return self.rng.choice(
            (f"+ status {words.name(2)}", f"+ text {words.sentence(5)}", f"- {target.said}",
             f"~ {target.said}", f'now at /{words.word()} "{words.name(2)}"')
        )  # fmt: skip

    def proof(self) -> Widget:
        """A line that says that all is done."""
        words, rng = self.words, self.rng
        said = rng.choice(
            ("Done", "Saved", "All done", "Thank you", "Sent", "Well done", "Correct")
        )
        text = rng.choice((said, f"{said}!", f"{said}: {words.name(2)}", f"{said} {words.code()}"))
        return Widget(rng.choice(("status", "alert", "text")), text=text)  # type: ignore[arg-type]
