"""Conversations that ask for a plan: the steps come from the task's words only.

Half of them show a page, which is open already and says nothing that the plan needs.
"""

import random

from agent.answers import Strategy
from agent.context import plan_prompt, replan_prompt
from agent.state import Reflection
from training import teacher
from training.conversation import Conversation, Turn
from training.journeys import Journey, Moment
from training.pages import look
from training.tasks import Drafter

LESSONS = 0.03
"""How often a lesson of an earlier run stands in the prompt."""


def plan_conversation(rng: random.Random, *, most: int, scattered: bool) -> Conversation:
    """A task and its plan of at most `most` steps."""
    errand = Drafter(rng).errand(most)
    observation = None
    if rng.random() < 0.5:
        journey = Journey(rng, errand, lines=rng.choice((1, 3, 8)), trouble=0)
        observation = look(journey.stops[0].page, rng, scattered=scattered).observation
    lessons = []
    if rng.random() < LESSONS:
        words = Drafter(rng).words
        lessons = [f"button {words.name(2)} closes dialog {words.name(1)}"]
    prompt = plan_prompt(errand.task, observation, lessons)
    return (Turn("user", prompt.user), Turn("assistant", teacher.planned(errand.wants)))


def replan_conversation(rng: random.Random, *, most: int, scattered: bool) -> Conversation | None:
    """What remains of a plan when a run got stuck on the way: the steps not done yet."""
    errand = Drafter(rng).errand(most)
    journey = Journey(rng, errand, lines=rng.choice((1, 3, 8)), trouble=0.1)
    chosen = rng.randrange(len(errand.wants))
    for moment in journey.moments():
        if moment.step < chosen or moment.question != "decide" or moment.page.dialog:
            continue
        view = look(moment.page, rng, scattered=scattered)
        reflection = Reflection(
            attempt=len(moment.attempts),
            diagnosis=_missing(rng, journey, moment),
            strategy=Strategy.REPLAN,
            advice=rng.choice(("Plan what is missing.", "Plan the rest.")),
        )
        prompt = replan_prompt(
            errand.task, journey.plan, moment.attempts, view.observation, reflection
        )
        answer = teacher.planned(errand.wants[moment.step :])
        return (Turn("user", prompt.user), Turn("assistant", answer))
    return None


def _missing(rng: random.Random, journey: Journey, moment: Moment) -> str:
    want = journey.errand.wants[moment.step]
    spot = moment.stop.spots.get(moment.step)
    named = spot.target.said if spot else want.do
    return rng.choice((f"Not done yet: {named}", f"{named} is missing.", f"{want.do} failed."))
