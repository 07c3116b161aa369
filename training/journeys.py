"""A way through a small made-up site, from the task to the confirmation, with mishaps.

`Journey.moments` walks it and stops at every question that the loop would ask, with the page,
the plan and the history as they are then. One moment of a journey makes one conversation.
"""

import random
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from agent.state import Attempt, Reflection, Step
from tools.causes import Verdict
from training import failures, teacher
from training.history import note
from training.layout import PLACEHOLDERS, Spot
from training.pages import Page, View
from training.sites import Site, Stop
from training.wants import Errand, Want

Question = Literal["decide", "reflect", "finish"]


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
        self.site = Site(rng, errand, lines)
        self.stops = self.site.stops
        self.trouble = trouble
        self.mishap = -1
        """The step at which something goes wrong for sure."""
        self.attempts: list[Attempt] = []
        self._lists_options = rng.random() < 0.5
        self._stuck = False  # the user was asked; what comes then is another story

    @property
    def plan(self) -> list[Step]:
        """The steps."""
        return self.errand.plan

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
                    reply = partial(teacher.confirmed, want=want, line=stop.line)
                    yield self._decide(stop, step, reply)
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
            self._note(step, f"tick {spot.target.said}", Verdict(evidence=spot.target.line()))
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
    ) -> Generator[Moment, None, bool]:
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
        reflection = failure.reflection(len(self.attempts))
        yield self._decide(stop, step, failure.remedy, reflection)
        if failure.twice and rng.random() < 0.25:
            self._note(step, failure.said, failure.verdict)
            yield self._moment("reflect", stop, step, lambda view: failure.reflect_again())
            self._stuck = True
            return True
        outcome = failure.outcome(rng, self.site.layout.words)
        self._note(step, failure.said, Verdict(evidence=outcome))
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
        free = [o for o in free if o not in PLACEHOLDERS]
        if not free:
            return
        said = self.rng.choice(free)
        self._note(step, f"ask {failure.advice}", Verdict(evidence=f"the user said: {said}"))
        moment = self._decide(stop, step, partial(teacher.told, spot=spot, said=said))
        moment.answers = (f"{failure.advice} {said}",)
        yield moment

    def _finish(self, stop: Stop) -> Moment:
        if stop.line is not None:
            line = stop.line
            return self._moment("finish", stop, 0, lambda view: teacher.finished(view, line))
        spots = list(stop.spots.values())
        last = spots[-1].target if spots else stop.page.widgets[0]
        return self._moment("finish", stop, 0, lambda view: teacher.finished(view, last))

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
        note(self.attempts, step, said, verdict)

    def _arrival(self, stop: Stop, spot: Spot | None) -> str:
        """What a click that worked is said to have done."""
        rng = self.rng
        if spot is not None and not spot.leaves:
            words = self.site.layout.words
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
