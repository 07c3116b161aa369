"""What a chore is, and the conversations made of it."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from agent.context import decide_prompt, finish_prompt, plan_prompt
from agent.state import Attempt, Step
from tools.causes import Verdict
from training import teacher
from training.chores.desk import Desk
from training.conversation import Conversation, Turn
from training.layout import Spot
from training.pages import Page, View, Widget, look

PLANS = 0.4
"""The share of conversations that ask for the plan."""

FINISHES = 0.06
"""The share that asks whether all is done, of chores whose page says so."""


@dataclass(eq=False)
class Beat:
    """One decision of a chore: in which step, what is right, and what the history says of it."""

    step: int
    reply: Callable[[View], str]
    said: str
    evidence: Callable[[], str]


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
                self.attempts.append(_attempt(len(self.attempts) + 1, before))
            yield beat
            before = beat
        if before is not None:
            self.attempts.append(_attempt(len(self.attempts) + 1, before))

    def planning(self, rng: random.Random, *, scattered: bool) -> Conversation:
        """The question for the plan."""
        seen = self.look(rng, scattered).observation if rng.random() < 0.85 else None
        prompt = plan_prompt(self.task, seen, [])
        return (Turn("user", prompt.user), Turn("assistant", teacher.steps(self.steps)))

    def deciding(self, beat: Beat, rng: random.Random, *, scattered: bool) -> Conversation:
        """The question what to do, at this beat."""
        view = self.look(rng, scattered)
        prompt = decide_prompt(self.task, self.plan, beat.step, self.attempts, view.observation)
        return (Turn("user", prompt.user), Turn("assistant", beat.reply(view)))

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


def conversation(
    family: Callable[[Desk], Chore], rng: random.Random, *, scattered: bool
) -> Conversation | None:
    """A question about a chore of this family, with its answer.

    None if the page does not show what the answer is about, as where a line beside a field
    without a label is taken for its label.
    """
    seed = rng.getrandbits(64)
    chore = family(Desk(random.Random(seed)))
    draw = rng.random()
    if draw < PLANS:
        return chore.planning(rng, scattered=scattered)
    if draw < PLANS + FINISHES and chore.proof is not None:
        return chore.finishing(rng, scattered=scattered)
    count = sum(1 for _ in family(Desk(random.Random(seed))).beats())
    beat = next(islice(chore.beats(), rng.randrange(count), None))
    try:
        return chore.deciding(beat, rng, scattered=scattered)
    except KeyError:
        return None


def _attempt(number: int, beat: Beat) -> Attempt:
    return Attempt.model_construct(
        number=number,
        step=beat.step,
        action={},
        said=beat.said,
        page="",
        verdict=Verdict(evidence=beat.evidence()),
        locator="",
        text="",
    )


def of_spot(page: Page, step: int, spot: Spot, evidence: str = "") -> Iterator[Beat]:
    """The decision that does what a want asks for, where its widget is on the page."""
    yield Beat(
        step,
        lambda view: teacher.act(view, spot),
        spot.said,
        lambda: evidence or spot.target.line(),
    )
    spot.apply(page)
