"""What a chore is, and the questions that are asked about it."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from agent.context import decide_prompt, finish_prompt, plan_prompt, reflect_prompt
from agent.state import Attempt, Reflection, Step
from tools.causes import Verdict
from training import teacher
from training.conversation import Conversation, Turn
from training.history import note
from training.layout import Spot
from training.pages import Page, View, Widget, look


@dataclass(eq=False)
class Beat:
    """One decision of a chore: in which step, what is right, and what the history says of it."""

    step: int
    reply: Callable[[View], str]
    said: str
    evidence: Callable[[], str]
    spot: Spot | None = None
    """What is acted on and how, where a single want is served."""


@dataclass(eq=False)
class Chore:
    """A task, the words of its steps, and how it is done.

    `play` yields the decisions in order; going on with it does what was decided to the page.
    """

    task: str
    steps: list[str]
    page: Page
    play: Callable[[], Iterator[Beat]]
    proof: Widget | None = None
    """The line that says at the end that all is done."""
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def plan(self) -> list[Step]:
        """The steps."""
        return [Step(do=do) for do in self.steps]

    def beats(self) -> Iterator[Beat]:
        """The decisions, each with the page and the attempts as they are then."""
        before: Beat | None = None
        for beat in self.play():
            if before is not None:
                self.note(before.step, before.said, Verdict(evidence=before.evidence()))
            yield beat
            before = beat
        if before is not None:
            self.note(before.step, before.said, Verdict(evidence=before.evidence()))

    def note(self, step: int, said: str, verdict: Verdict) -> None:
        """Add what was tried, and what came of it, to the history."""
        note(self.attempts, step, said, verdict)

    def planning(self, rng: random.Random, *, scattered: bool) -> Conversation:
        """The question for the plan."""
        seen = self.look(rng, scattered).observation if rng.random() < 0.85 else None
        prompt = plan_prompt(self.task, seen, [])
        return (Turn("user", prompt.user), Turn("assistant", teacher.steps(self.steps)))

    def deciding(
        self,
        step: int,
        reply: Callable[[View], str],
        rng: random.Random,
        *,
        scattered: bool,
        reflection: Reflection | None = None,
    ) -> Conversation:
        """The question what to do about this step now."""
        view = self.look(rng, scattered)
        prompt = decide_prompt(
            self.task, self.plan, step, self.attempts, view.observation, reflection
        )
        return (Turn("user", prompt.user), Turn("assistant", reply(view)))

    def reflecting(
        self, step: int, answer: str, rng: random.Random, *, scattered: bool
    ) -> Conversation:
        """The question what went wrong with the last attempt."""
        view = self.look(rng, scattered)
        prompt = reflect_prompt(self.task, self.plan, step, self.attempts, view.observation)
        return (Turn("user", prompt.user), Turn("assistant", answer))

    def finishing(self, rng: random.Random, *, scattered: bool) -> Conversation | None:
        """The question whether all is done, when it is."""
        assert self.proof is not None
        for _ in self.beats():
            pass
        self.page.widgets.insert(rng.randint(0, len(self.page.widgets)), self.proof)
        view = self.look(rng, scattered)
        if not view.shows(self.proof):
            return None
        prompt = finish_prompt(self.task, self.plan, self.attempts, view.observation)
        answer = teacher.finished(view, self.proof)
        return (Turn("user", prompt.user), Turn("assistant", answer))

    def look(self, rng: random.Random, scattered: bool) -> View:
        """The page as the model sees it."""
        return look(self.page, rng, scattered=scattered, tall=rng.random() < 0.7)


def of_spot(page: Page, step: int, spot: Spot, evidence: str = "") -> Iterator[Beat]:
    """The decision that does what a want asks for, where its widget is on the page."""

    def reply(view: View) -> str:
        return teacher.act(view, spot)

    yield Beat(step, reply, spot.said, lambda: evidence or spot.target.line(), spot)
    spot.apply(page)
