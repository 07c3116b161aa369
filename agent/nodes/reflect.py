"""reflect: what went wrong with the last attempt, and how to go on."""

from agent.answers import ReflectAnswer, Strategy
from agent.ask import ask
from agent.context import Prompt, reflect_prompt
from agent.errors import MalformedAnswer
from agent.events import Reflected
from agent.live import Live, Update
from agent.state import Reflection, RunState
from tools.causes import Cause
from tools.observation import Observation


async def reflect(state: RunState, live: Live) -> Update:
    """Ask for a diagnosis and a strategy. With reflection switched off nothing is asked."""
    if not live.settings.reflection:
        return {}
    page, last = state.observation, state.attempts[-1]
    assert page is not None, "a failure comes after a look at the page"

    def build(shown: Observation | None) -> Prompt:
        assert shown is not None
        return reflect_prompt(
            state.task,
            state.plan,
            min(state.step, len(state.plan) - 1),
            state.attempts,
            shown,
            state.answers,
        )

    update: Update = {}
    try:
        asked = await ask(live, state, "reflect", build, ReflectAnswer, page)
        answer, update = asked.answer, {"usage": asked.usage, "observation": asked.page}
    except MalformedAnswer:
        # Not a failure of its own: the attempt is counted already, and decide sees its verdict.
        answer = ReflectAnswer(
            diagnosis="No reflection could be read.",
            strategy=Strategy.RETRY_DIFFERENTLY,
            advice="Try another way.",
        )
    reflection = Reflection(attempt=last.number, **answer.model_dump())
    live.emit(
        Reflected(
            attempt=last.number,
            cause=last.verdict.cause or Cause.NO_EFFECT,
            evidence=last.verdict.evidence,
            diagnosis=answer.diagnosis,
            strategy=answer.strategy,
            advice=answer.advice,
        )
    )
    if answer.strategy is Strategy.ASK_USER:
        update["pending"] = [{"action": "ask", "question": answer.advice or answer.diagnosis}]
    return update | {"reflections": [*state.reflections, reflection]}
