"""A small made-up site on which an errand can be run: its pages in the order one meets them."""

import random
from dataclasses import dataclass, field

from training.layout import Layout, Spot
from training.pages import Page, Widget
from training.wants import Errand

_PHASES = {"item": 0, "option": 1, "extra": 1, "count": 1, "press": 1, "field": 2, "secret": 3}
_CONFIRMING = (
    "Thank you|Thanks, {n}|All done|{w} confirmed|Confirmed|Booking confirmed|Success|"
    "Your {w} is on its way|We have received your {w}|{w} received|{w} complete|It is done|"
    "Reservation {c} is confirmed|Request {c} sent|Done, {n}!|Registered|Welcome, {n}|"
    "Thank you for your {w}|Your {w} number is {c}|Sent|{w} {c} accepted|Good choice, {n}!|"
    "See you soon, {n}|Everything went well|Payment received|Finished|{c} is booked|"
    "Thank you, {n}!|We will send your {w} soon|Your {w} has been placed|Application sent"
).split("|")
_LINES_OF_PROOF = (
    "Your reference is {c}|Number {c}|{w} number {c}|Reference: {c}|We sent a message to {m}|"
    "Keep the number {c}|{w} {c} is being prepared|A copy went to {m}|Your {w} {c} is with us"
).split("|")
_UNDONE = (
    "Your cart is empty|Nothing chosen yet|Session expired|Something went wrong|Not sent|"
    "Payment failed|Please sign in|No {w} in your list|{w} is missing|Could not send|"
    "Card refused|Try again later|Not saved|Your list is empty|Unknown {w}"
).split("|")


@dataclass(eq=False)
class Stop:
    """One page of the site: its spots by step number, and its way on."""

    page: Page
    spots: dict[int, Spot] = field(default_factory=dict)
    way: Widget | None = None
    line: Widget | None = None


class Site:
    """The pages for one errand.

    `lines` is about how much stands on a page beside what is wanted.
    """

    def __init__(self, rng: random.Random, errand: Errand, lines: int) -> None:
        self.rng = rng
        self.errand = errand
        self.lines = lines
        self.layout = Layout(rng)
        self.host = self._host()
        self.stops = self._stops()

    def _host(self) -> str:
        words, rng = self.layout.words, self.rng
        draw = rng.random()
        if draw < 0.4:
            return f"http://127.0.0.1:{rng.randint(3000, 65000)}"
        start, end = rng.choice(("", "www.", "my.")), rng.choice(("com", "org", "example"))
        return f"https://{start}{words.word()}.{end}"

    def _stops(self) -> list[Stop]:
        rng = self.rng
        groups: list[list[int]] = []
        phase = -1
        for number, want in enumerate(self.errand.wants):
            if want.kind == "send":
                continue
            now = _PHASES[want.role]
            if groups and (now == phase or rng.random() < 0.15):
                groups[-1].append(number)
            else:
                groups.append([number])
            phase = now
        if rng.random() < 0.12:
            groups = [[n for group in groups for n in group]]
        stops: list[Stop] = []
        for at, group in enumerate(groups):
            if at and rng.random() < 0.2:
                stops.append(self._between(groups[at - 1]))
            stops.append(self._stop(group))
        if self.errand.wants[-1].kind == "send":
            if rng.random() < 0.4:
                stops.append(self._between(groups[-1]))
            stops.append(self._confirmation())
        return stops

    def _page(self, widgets: list[Widget]) -> Page:
        words, rng = self.layout.words, self.rng
        path = "/" + "/".join(words.word() for _ in range(rng.choice((0, 1, 1, 1, 2))))
        title = words.name(2) if rng.random() < 0.95 else ""
        if title and rng.random() < 0.4:
            title += f" {rng.choice('·|-–')} {words.name(2)}"
        return Page(widgets, title, self.host + path)

    def _stop(self, numbers: list[int]) -> Stop:
        """The page on which these steps are done."""
        rng, layout, wants = self.rng, self.layout, self.errand.wants
        stop = Stop(Page([]))
        blocks: list[list[Widget]] = []
        extras = [n for n in numbers if wants[n].role == "extra"]
        if extras:
            made, spots = layout.extras([wants[n] for n in extras])
            blocks.append(made)
            stop.spots.update(zip(extras, spots, strict=True))
        secrets: list[Widget] = []
        for number in numbers:
            if wants[number].role == "extra":
                continue
            made, spot = layout.spot(wants[number])
            stop.spots[number] = spot
            if wants[number].role == "secret":
                secrets += made
            else:
                blocks.append(made)
        if rng.random() < 0.5:
            rng.shuffle(blocks)
        if secrets:
            if rng.random() < 0.5:
                rng.shuffle(secrets)
            framed = rng.random() < 0.6
            frame = Widget("frame", layout.words.name(2), children=secrets)
            blocks.append([frame] if framed else secrets)
        self._furnish(stop, blocks)
        return stop

    def _furnish(self, stop: Stop, blocks: list[list[Widget]]) -> None:
        rng, layout = self.rng, self.layout
        above, below = layout.furniture(rng.randint(0, self.lines))
        for decoy in layout.decoys(rng.choice((0, 0, 0, 1, 2, 3)) if self.lines > 4 else 0):
            blocks.insert(rng.randint(0, len(blocks)), [decoy])
        main = [widget for block in blocks for widget in block]
        away = [w for n, w in enumerate(self.errand.wants) if n not in stop.spots and w.value]
        if away and rng.random() < 0.3:
            for decoy in layout.near_misses(away, rng.choice((1, 1, 2))):
                main.insert(rng.randint(0, len(main)), decoy)
        last = max(stop.spots, default=-1)
        for number, spot in stop.spots.items():
            spot.leaves &= number == last
        leaves = any(spot.leaves for spot in stop.spots.values())
        if not leaves or rng.random() < 0.3:
            buttons = any(inner.kind == "button" for widget in main for inner in widget.walk())
            stop.way = layout.way_on(link=not buttons and rng.random() < 0.1)
            back = layout.ways_back()
            main += [*back, stop.way] if rng.random() < 0.7 else [stop.way, *back]
        if self.lines > 3 and rng.random() < 0.07:
            below.append(layout.cover()[0])
        if rng.random() < 0.4:
            main = [Widget(rng.choice(("form", "box")), children=main)]
        stop.page = self._page([*above, *main, *below])

    def _between(self, before: list[int]) -> Stop:
        """A page that only sums up or informs, and leads on."""
        rng, layout = self.rng, self.layout
        rows = [Widget("row", cells=[layout.words.name(1) for _ in range(rng.randint(2, 4))])]
        width = len(rows[0].cells)
        for number in before[: rng.randint(1, 3)]:
            cells = [self.errand.wants[number].value]
            cells += [layout.words.price() for _ in range(width - 1)]
            rows.append(Widget("row", cells=cells))
        block = [Widget("table", children=rows)]
        if rng.random() < 0.4:
            block = [Widget("text", text=layout.filler()) for _ in range(rng.randint(1, 3))]
        stop = Stop(Page([]))
        self._furnish(stop, [block])
        if stop.way is None:
            raise AssertionError("a page without spots has a way on")
        return stop

    def _confirmation(self) -> Stop:
        rng, layout = self.rng, self.layout
        line = self._line(
            rng.choice(_CONFIRMING), rng.choice(("heading",) * 4 + ("status", "alert", "text"))
        )
        block = [line]
        if rng.random() < 0.7:
            block.append(
                self._line(rng.choice(_LINES_OF_PROOF), rng.choice(("text", "text", "status")))
            )
        if rng.random() < 0.3:
            block.append(Widget("text", text=layout.filler()))
        if rng.random() < 0.5:
            block.append(Widget(rng.choice(("link", "link", "button")), layout.words.name(2)))
        above, below = layout.furniture(rng.randint(0, min(4, self.lines)))
        above = [w for w in above if w.kind in ("nav", "header")]
        return Stop(self._page([*above, *block, *below]), line=line)

    def _line(self, pattern: str, kind: str) -> Widget:
        words = self.layout.words
        text = pattern.format(
            n=words.person().split()[0], w=words.word(), c=words.code(), m=words.email()
        )
        text = text[:1].upper() + text[1:]
        if kind == "heading":
            return Widget("heading", text)
        return Widget(kind, text=text)  # type: ignore[arg-type]

    def undone(self) -> Stop:
        """A page that shows that the errand failed or has not begun."""
        rng = self.rng
        line = self._line(
            rng.choice(_UNDONE), rng.choice(("heading", "alert", "alert", "text", "status"))
        )
        above, below = self.layout.furniture(rng.randint(0, 3))
        above = [w for w in above if w.kind in ("nav", "header")]
        block = [line]
        if rng.random() < 0.6:
            block.append(Widget(rng.choice(("link", "button")), self.layout.words.name(2)))
        return Stop(self._page([*above, *block, *below]), line=line)
