"""Conversations that ask for a plan: the steps come from the task's words only.

Half of them show a page, which is open already and says nothing that the plan needs.
"""

import random

from agent.context import plan_prompt
from training import teacher
from training.conversation import Conversation, Turn
from training.journeys import Journey
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
    return (Turn("user", prompt.user), Turn("assistant", teacher.planned(errand, errand.wants)))
