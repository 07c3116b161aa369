"""Speaking with the user and about the plan; none of these touches the page."""

from typing import Literal

from pydantic import Field

from tools.aim import element_of
from tools.hands import Hands
from tools.record import Action, Done, RefAction, tool
from tools.roles import ANY


class Ask(Action):
    """Ask the user for what only the user can know."""

    action: Literal["ask"] = "ask"
    question: str = Field(min_length=1, description="the question")


class Tick(RefAction):
    """Say that the step in hand is done already, citing the line that shows it."""

    action: Literal["tick"] = "tick"


class Finish(Action):
    """Say that the whole task is done, to have the goal checked against the page."""

    action: Literal["finish"] = "finish"


@tool(effect="talk")
async def ask(args: Ask, hands: Hands) -> Done:
    """The agent puts the question to the user."""
    return Done()


@tool(effect="talk", roles=ANY)
async def tick(args: Tick, hands: Hands) -> Done:
    """The cited line is the evidence."""
    return Done(text=element_of(args.ref, hands.observation).line(refs=False))


@tool(effect="talk")
async def finish(args: Finish, hands: Hands) -> Done:
    """The agent checks the goal."""
    return Done()
