"""A way through a small made-up site, from the task to the confirmation, with mishaps.

`Journey.moments` walks it and stops at every question that the loop would ask, with the page,
the plan and the history as they are then. One moment of a journey makes one conversation.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from agent.state import Attempt, Reflection, Step
from tools.causes import Verdict
from training import failures, teacher
from training.layout import Layout, Spot
from training.pages import Page, View, Widget
from training.tasks import Errand, Want

Question = Literal["decide", "reflect", "finish"]
_PHASES = {"item": 0, "option": 1, "extra": 1, "count": 1, "press": 1, "field": 2, "secret": 3}
_CONFIRMING = (
    "Thank you", "Thanks, {n}", "All done", "{w} confirmed", "Confirmed", "Booking confirmed", "Success",
    "Your {w} is on its way", "We have received your {w}", "{w} received", "{w} complete", "It is done",
    "Reservation {c} is confirmed", "Request {c} sent", "Done, {n}!", "Registered", "Welcome, {n}",
    "Thank you for your {w}", "Your {w} number is {c}", "Sent", "{w} {c} accepted", "Good choice, {n}!",
    "See you soon, {n}", "Everything went well", "Payment received", "Finished", "{c} is booked",
    "Thank you, {n}!", "We will send your {w} soon", "Your {w} has been placed", "Application sent",
)  # fmt: skip
_LINES_OF_PROOF = (
    "Your reference is {c}", "Number {c}", "{w} number {c}", "Reference: {c}", "We sent a message to {m}",
    "Keep the number {c}", "{w} {c} is being prepared", "A copy went to {m}", "Your {w} {c} is with us",
)  # fmt: skip
_UNDONE = (
    "Your cart is empty", "Nothing chosen yet", "Session expired", "Something went wrong", "Not sent",
    "Payment failed", "Please sign in", "No {w} in your list", "{w} is missing", "Could not send",
    "Card refused", "Try again later", "Not saved", "Your list is empty", "Unknown {w}",
)  # fmt: skip


@dataclass(eq=False)
class Stop:
    """One page of the site: its spots by step number, and its way on."""

    page: Page
    spots: dict[int, Spot] = field(default_factory=dict)
    way: Widget | None = None
    line: Widget | None = None


@dataclass(eq=False)
class Moment:
    """A question of the loop: everything that the prompt shows, and the right answer."""

    question: Question
    page: Page
    step: int
    attempts: list[Attempt]
    reply: Callable[[View], str]
    stop: Stop
    reflection: Reflection | None = None
    answers: tuple[str, ...] = ()


class Journey:
    """One errand on one site drawn for it."""

    def __init__(self, rng: random.Random, errand: Errand, *, lines: int, trouble: float) -> None:
        """`lines` is about how much stands on a page beside what is wanted, `trouble` the
        chance that an action goes wrong."""
        self.rng = rng
        self.errand = errand
        self.layout = Layout(rng)
        self.lines = lines
        self.trouble = trouble
        self.mishap = -1
        """The step at which something goes wrong for sure."""
        self.host = self._host()
        self.stops = self._stops()
        self.attempts: list[Attempt] = []
        self._lists_options = rng.random() < 0.5
        self._stuck = False  # the user was asked; what comes then is another story

    @property
    def plan(self) -> list[Step]:
        """The steps."""
        return self.errand.plan

    # --- the site

    def _host(self) -> str:
        words, rng = self.layout.words, self.rng
        draw = rng.random()
        if draw < 0.4:
            return f"http://127.0.0.1:{rng.randint(3000, 65000)}"
        return f"https://{rng.choice(('', 'www.', 'my.'))}{words.word()}.{rng.choice(('com', 'org', 'example'))}"

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
            if rng.random() < 0.25:
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
        last = max(stop.spots, default=-1)
        for number, spot in stop.spots.items():
            spot.leaves &= number == last
        leaves = any(spot.leaves for spot in stop.spots.values())
        if not leaves or rng.random() < 0.3:
            stop.way = layout.way_on()
            back = layout.ways_back()
            if rng.random() < 0.7:
                main += [*back, stop.way]
            else:
                main += [stop.way, *back]
        away = [w for n, w in enumerate(self.errand.wants) if n not in stop.spots and w.value]
        if away and rng.random() < 0.3:
            for decoy in layout.near_misses(away, rng.choice((1, 1, 2))):
                main.insert(rng.randint(0, max(0, len(main) - 1)), decoy)
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

    # --- the walk

    def moments(self) -> Iterator[Moment]:
        """Every question on the way, in order."""
        at = 0
        for step, want in enumerate(self.errand.wants):
            while True:
                stop = self.stops[at]
                spot = stop.spots.get(step)
                if spot is not None:
                    yield from self._do(stop, step, spot)
                    if self._stuck:
                        return
                    at += spot.leaves and at + 1 < len(self.stops)
                    break
                if want.kind == "send" and stop.line is not None:
                    yield self._decide(
                        stop, step, lambda v, s=stop, w=want: teacher.confirmed(v, w, s.line)
                    )  # type: ignore[misc]
                    break
                if stop.way is None:  # the page was left by an earlier step's link
                    at += 1
                    continue
                yield from self._go_on(stop, step, want)
                if self._stuck:
                    return
                at += 1
        yield self._finish(self.stops[at])

    def _do(self, stop: Stop, step: int, spot: Spot) -> Iterator[Moment]:
        yield self._decide(stop, step, lambda view: teacher.act(view, spot))
        if spot.done:
            return
        gone = spot.action == "select" and spot.text in spot.target.dead and bool(spot.second)
        if not gone and self._goes_wrong(step):
            attempted = failures.Attempted(
                stop.page, spot.want, spot.target, spot.action, spot.text, spot,
                spots=list(stop.spots.values()),
            )  # fmt: skip
            finished = yield from self._fail(stop, step, attempted, spot)
            if finished:
                return
        if gone:
            spot.text = spot.second
        spot.apply(stop.page)
        evidence = self._arrival(stop, spot)
        if spot.action != "click":
            evidence = spot.target.line(options=self._lists_options)
        self._note(step, spot.said, Verdict(evidence=evidence))

    def _goes_wrong(self, step: int) -> bool:
        return step == self.mishap or self.rng.random() < self.trouble

    def _go_on(self, stop: Stop, step: int, want: Want) -> Iterator[Moment]:
        way = stop.way
        assert way is not None
        yield self._decide(stop, step, lambda view: teacher.go_on(view, want, way))
        if self._goes_wrong(step):
            done = [s for n, s in stop.spots.items() if n < step]
            attempted = failures.Attempted(stop.page, want, way, "click", spots=done)
            yield from self._fail(stop, step, attempted, None)
        self._note(step, f"click {way.said}", Verdict(evidence=self._arrival(stop, None)))

    def _fail(
        self, stop: Stop, step: int, attempted: failures.Attempted, spot: Spot | None
    ) -> Iterator[Moment]:
        """An action fails; returns whether the way out has done the step itself."""
        rng = self.rng
        said = spot.said if spot else f"click {attempted.target.said}"
        failure = failures.draw(attempted, rng)
        self._note(step, said, failure.verdict)
        yield self._moment("reflect", stop, step, lambda view: failure.reflect())
        if failure.remedy is None:
            yield from self._asked(stop, step, failure, spot)
            self._stuck = True
            return True
        reflection = self._reflection(failure)
        yield self._decide(stop, step, failure.remedy, reflection)
        self._note(step, failure.said, Verdict(evidence=self._outcome(failure)))
        failure.resolve()
        for widget in stop.page.walk():
            widget.new = False
        if failure.again:
            yield self._decide(stop, step, lambda view: self._once_more(view, attempted, spot))
            return False
        return spot is not None

    @staticmethod
    def _once_more(view: View, attempted: failures.Attempted, spot: Spot | None) -> str:
        if spot is not None:
            return teacher.act(view, spot)
        return teacher.go_on(view, attempted.want, attempted.target)

    def _asked(
        self, stop: Stop, step: int, failure: failures.Failure, spot: Spot | None
    ) -> Iterator[Moment]:
        """The user was asked what to take instead and named another option of the list."""
        if spot is None or spot.action != "select":
            return
        free = [o for o in spot.target.options if o not in spot.target.dead and o != spot.text]
        free = [o for o in free if o[:1].isalnum()]
        if not free:
            return
        said = self.rng.choice(free)
        reflection = self._reflection(failure) if self.rng.random() < 0.5 else None
        moment = self._decide(stop, step, lambda view: teacher.told(view, spot, said), reflection)
        moment.answers = (said,)
        yield moment

    def _finish(self, stop: Stop) -> Moment:
        if stop.line is not None:
            line = stop.line
            return self._moment("finish", stop, 0, lambda view: teacher.finished(view, line))
        spots = list(stop.spots.values())
        last = spots[-1].target if spots else stop.page.widgets[0]
        return self._moment("finish", stop, 0, lambda view: teacher.finished(view, last))

    # --- the record

    def _decide(
        self,
        stop: Stop,
        step: int,
        reply: Callable[[View], str],
        reflection: Reflection | None = None,
    ) -> Moment:
        moment = self._moment("decide", stop, step, reply)
        moment.reflection = reflection
        return moment

    def _moment(
        self, question: Question, stop: Stop, step: int, reply: Callable[[View], str]
    ) -> Moment:
        return Moment(question, stop.page, step, self.attempts, reply, stop)

    def _note(self, step: int, said: str, verdict: Verdict) -> None:
        attempt = Attempt.model_construct(
            number=len(self.attempts) + 1,
            step=step,
            action={},
            said=said,
            page="",
            verdict=verdict,
            locator="",
            text="",
        )
        self.attempts.append(attempt)

    def _reflection(self, failure: failures.Failure) -> Reflection:
        return Reflection(
            attempt=len(self.attempts),
            diagnosis=f"{failure.verdict.evidence or failure.verdict.line()}.",
            strategy=failure.strategy,
            advice=failure.advice,
        )

    def _arrival(self, stop: Stop, spot: Spot | None) -> str:
        """What a click that worked is said to have done."""
        rng = self.rng
        if spot is not None and not spot.leaves:
            words = self.layout.words
            return rng.choice(
                (
                    f"+ status {words.name(2)}",
                    f"+ text {words.sentence(5)}",
                    f"~ {spot.target.said}",
                )
            )
        at = self.stops.index(stop) + 1
        page = self.stops[min(at, len(self.stops) - 1)].page
        path = "/" + page.url.split("/", 3)[3]
        return f'now at {path} "{page.title or page.url}"'

    def _outcome(self, failure: failures.Failure) -> str:
        said, evidence = failure.said, failure.verdict.evidence
        if evidence.endswith(" covers it"):
            return f"- {evidence.removesuffix(' covers it')}"
        if said.startswith("click ") or said == "accept dialog":
            return self.rng.choice((f"+ text {self.layout.words.sentence(5)}", "dialog closed"))
        return said.split(" ", 1)[1] if " " in said else said
