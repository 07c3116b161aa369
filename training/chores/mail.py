"""Chores with a list of messages: find one, then do something with it."""

from collections.abc import Iterator

from training.chores.chore import Beat, Chore, of_spot
from training.chores.desk import Desk
from training.layout import Spot
from training.pages import Widget
from training.wants import Want

_FINDS = (
    "Find the email by {n} and ",
    "Find the email by {n} and ",
    "Open the mail from {n} and ",
    "Look for the message of {n} and ",
    "Find the message from {n}, then ",
    "Go to {n}'s mail and ",
)
_MARKS = (
    ("trash", ("click the trash icon to delete it.", "put it into the trash.")),
    (
        "star",
        ("click the star icon to mark it as important.", "give it a star."),
    ),
)
_REPLIES = (
    'reply to them with the text "{t}".',
    'reply to them with the text "{t}".',
    'answer "{t}".',
    "reply with '{t}'.",
    'send the reply "{t}".',
)
_FORWARDS = ("forward that email to {m}.", "forward it to {m}.")
_LOOSE = (
    "Navigate to the message from {n} and send it to {m}.",
    "I want the mail by {n} to be sent to {m}.",
    "Forward to {m} the message you received from {n}.",
    "Send {m} the mail that came from {n}.",
    "Pass {n}'s email on to {m}.",
    "{m} should get the mail by {n}.",
    "Please forward the message from {n} to {m}.",
)


class Mailbox:
    """An inbox, one opened message, and the form to answer it."""

    def __init__(self, desk: Desk) -> None:
        rng = desk.rng
        self.desk = desk
        people = dict.fromkeys(desk.words.person().split()[0] for _ in range(rng.randint(4, 9)))
        *self.senders, self.other = people
        self.sender = rng.choice(self.senders)
        self.kind = rng.choice(("clickable", "clickable", "link", "button", "item"))
        self.rows = [Widget(self.kind, f"{n} {desk.latin(3)[:18]}.. {desk.latin(4)[:20]}..")
                     for n in self.senders]  # type: ignore[arg-type]  # fmt: skip
        if self.kind == "item":
            for row in self.rows:
                row.text, row.name = row.name, ""
        self.row = self.rows[self.senders.index(self.sender)]
        box = desk.words.name(1)
        self.page = desk.page([Widget("heading", box), Widget("clickable", box), *self.rows])
        self.subject, self.body = desk.latin(3), desk.latin(7)
        icons = rng.random() < 0.7
        small = "picture" if icons else "button"
        names = ("trash", "star") if icons or rng.random() < 0.5 else ("Delete", "Star")
        self.marks = [Widget(small, name) for name in names]  # type: ignore[arg-type]
        kind = rng.choice(("clickable", "button", "link"))
        self.reply, self.forward = Widget(kind, "Reply"), Widget(kind, "Forward")  # type: ignore[arg-type]
        self.back = Widget(small, "close email" if icons else "Back")  # type: ignore[arg-type]
        self.open_do = Want("choose", "item", f"the mail by {self.sender}")

    def opened(self) -> Iterator[Beat]:
        """Step 0: the message is opened."""
        desk, row = self.desk, self.row
        evidence = desk.rng.choice((f"+ text {self.subject}", f"- {row.said}", "+ clickable trash"))
        yield from of_spot(self.page, 0, Spot(self.open_do, row, "click"), evidence)
        lines = [
            Widget("text", text=text) for text in (self.subject, self.sender, "to me", self.body)
        ]
        self.show([self.back, *self.marks, *lines, self.reply, self.forward])

    def show(self, widgets: list[Widget]) -> None:
        """The page is this from now on, all of it new."""
        self.page.widgets[:] = widgets
        for widget in self.page.walk():
            widget.new = True

    def press(self, step: int, name: str, target: Widget) -> Iterator[Beat]:
        """A step that presses something."""
        spot = Spot(Want("press", "press", name), target, "click")
        yield from of_spot(self.page, step, spot, self.desk.effect(target))

    def written(self, step: int, label: str, value: str, *, reply: bool) -> Iterator[Beat]:
        """The form of an answer: something is filled in and sent."""
        rng = self.desk.rng
        kind = "reply" if reply else "forward"
        icon = rng.random() < 0.7
        send = Widget("picture", f"send {kind}") if icon else Widget("button", "Send")
        close = Widget("picture", f"close {kind}") if icon else Widget("button", "Cancel")
        head = f"subject: {'Re: ' if reply else ''}{self.subject}"
        if reply:
            target = Widget("field", rng.choice((head, "Message", "Text", "")), type="area")
            fields = [Widget("text", text=f"to: {self.sender}"), target]
        else:
            target = Widget("field", rng.choice(("to", "To", "Recipient", "to:")))
            fields = [target, Widget("field", head, type="area", value=self.body)]
        self.show([close, send, *fields] if rng.random() < 0.7 else [*fields, send, close])
        want = Want("set", "field", value, label)
        yield from of_spot(self.page, step, Spot(want, target, "fill", value))
        yield from self.press(step + 1, "send", send)


def mark(desk: Desk) -> Chore:
    """A message to be deleted or starred."""
    box = Mailbox(desk)
    at = desk.rng.randrange(2)
    name, endings = _MARKS[at]
    text = desk.rng.choice(_FINDS).format(n=box.sender) + desk.rng.choice(endings)

    def play() -> Iterator[Beat]:
        yield from box.opened()
        yield from box.press(1, name, box.marks[at])

    return Chore(text, [box.open_do.do, f"Press {name}"], box.page, play, desk.proof())


def answer(desk: Desk) -> Chore:
    """A message to be answered."""
    box = Mailbox(desk)
    words = desk.latin(4)
    text = desk.rng.choice(_FINDS).format(n=box.sender) + desk.rng.choice(_REPLIES).format(t=words)

    def play() -> Iterator[Beat]:
        yield from box.opened()
        yield from box.press(1, "reply", box.reply)
        yield from box.written(2, "text", words, reply=True)

    steps = [box.open_do.do, "Press reply", f"Set text to {words}", "Press send"]
    return Chore(text, steps, box.page, play, desk.proof())


def forward(desk: Desk) -> Chore:
    """A message to be sent on."""
    box = Mailbox(desk)
    rng = desk.rng
    form = rng.choice(_FINDS) + rng.choice(_FORWARDS) if rng.random() < 0.6 else rng.choice(_LOOSE)
    text = form.format(n=box.sender, m=box.other)

    def play() -> Iterator[Beat]:
        yield from box.opened()
        yield from box.press(1, "forward", box.forward)
        yield from box.written(2, "to", box.other, reply=False)

    steps = [box.open_do.do, "Press forward", f"Set to to {box.other}", "Press send"]
    return Chore(text, steps, box.page, play, desk.proof())
