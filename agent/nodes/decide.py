"""decide: the next action for the step in hand, or a few."""

from pydantic import ValidationError

from agent.answers import DecideAnswer
from agent.ask import ask
from agent.attempts import conclude, malformed
from agent.context import Prompt, decide_prompt
from agent.errors import MalformedAnswer
from agent.events import Decided, Judged
from agent.live import Live, Update
from agent.state import RunState
from tools.dispatch import parse_action
from tools.observation import Observation


async def decide(state: RunState, live: Live) -> Update:
    """Ask what to do now; an answer that cannot be read is a failed attempt."""
    page = state.observation
    assert page is not None, "decide comes after a look at the page"

    def build(shown: Observation | None) -> Prompt:
        assert shown is not None
        return decide_prompt(
            state.task,
            state.plan,
            state.step,
            state.attempts,
            shown,
            state.reflection,
            state.lessons,
            state.answers,
        )

    try:
        asked = await ask(live, state, "decide", build, DecideAnswer, page)
        shown = asked.page or page
        words = [said(action, shown) for action in asked.answer.actions]
    except MalformedAnswer as error:
        attempt = malformed(state, str(error))
        live.emit(Judged(**attempt.model_dump(include=set(Judged.model_fields))))
        return conclude(state, attempt, page)
    live.emit(
        Decided(
            step=state.step,
            actions=words,
            completes_step=asked.answer.completes_step,
            thinking=asked.thinking,
        )
    )
    return {
        "pending": asked.answer.actions,
        "completes_step": asked.answer.completes_step,
        "observation": shown,
        "usage": asked.usage,
    }


def said(raw: dict[str, object], page: Observation) -> str:
    """The action in words. Raises MalformedAnswer if it is none."""
    try:
        action = parse_action(raw)
    except ValidationError as error:
        first = error.errors()[0]
        raise MalformedAnswer(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    return action.said_on(page)
