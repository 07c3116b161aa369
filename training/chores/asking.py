"""A question about a chore, drawn at random: its plan, a decision, a failure, its end."""

import random
from collections.abc import Callable
from itertools import islice

from tools.causes import Verdict
from training import failures, teacher
from training.chores.chore import Beat, Chore
from training.chores.desk import Desk
from training.conversation import Conversation
from training.pages import View

Family = Callable[[Desk], Chore]

PLANS = 0.38
"""The share of questions for the plan."""

FINISHES = 0.06
"""The share that asks whether all is done, of chores whose page says so."""

FAILURES = 0.16
"""The share in which something has gone wrong."""


def ask(family: Family, rng: random.Random, *, scattered: bool) -> Conversation | None:
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
        if beat.spot is not None and draw > 1 - FAILURES:
            return _failed(chore, beat, rng, scattered)
        return chore.deciding(beat.step, beat.reply, rng, scattered=scattered)
    except KeyError:
        return None


def _failed(chore: Chore, beat: Beat, rng: random.Random, scattered: bool) -> Conversation | None:
    """What went wrong with this decision, what to do about it, or how to go on after that."""
    spot, step = beat.spot, beat.step
    assert spot is not None
    attempted = failures.Attempted(
        chore.page, spot.want, spot.target, spot.action, spot.text, spot, spots=[spot]
    )
    failure = failures.draw(attempted, rng)
    chore.note(step, beat.said, failure.verdict)
    draw = rng.random()
    if draw < 0.45 or failure.remedy is None:
        return chore.reflecting(step, failure.reflect(), rng, scattered=scattered)
    if draw < 0.8:
        reflection = failure.reflection(len(chore.attempts))
        return chore.deciding(step, failure.remedy, rng, scattered=scattered, reflection=reflection)
    chore.note(step, failure.said, Verdict(evidence=failure.outcome(rng, Desk(rng).words)))
    failure.resolve()
    if not failure.again:
        return None
    for widget in chore.page.walk():
        widget.new = False

    def once_more(view: View) -> str:
        return teacher.act(view, spot)

    return chore.deciding(step, once_more, rng, scattered=scattered)
