"""plan: the steps that lead to the goal, at first or from where the run has got to."""

from agent.answers import PlanAnswer
from agent.ask import ask
from agent.attempts import next_step
from agent.context import Prompt, plan_prompt, replan_prompt
from agent.errors import MalformedAnswer
from agent.events import Planned
from agent.live import Live, Update
from agent.state import Outcome, Reflection, RunState, Step
from tools.observation import Observation

TRIES = 2
"""So often is a plan asked for before the run fails for want of one."""


async def plan(state: RunState, live: Live) -> Update:
    """Ask for the steps; the ticked ones of an earlier plan stay."""
    reflection = state.reflections[-1] if state.plan and state.reflections else None
    for _ in range(TRIES):
        try:
            asked = await ask(
                live,
                state,
                "replan" if reflection else "plan",
                lambda page: _prompt(state, page, reflection),
                PlanAnswer,
                state.observation,
            )
        except MalformedAnswer as error:
            why = str(error)
            continue
        done = [step for step in state.plan if step.done]
        steps = done + [Step(do=s.do, expect=s.expect) for s in asked.answer.steps]
        live.emit(Planned(steps=steps, replanned=bool(reflection), thinking=asked.thinking))
        update: Update = {"plan": steps, "step": next_step(steps), "usage": asked.usage}
        if reflection:
            update["replanned"] = [*state.replanned, len(state.attempts)]
        return update | ({"observation": asked.page} if asked.page else {})
    return {"outcome": Outcome(status="failed", answer=f"The model gave no usable plan ({why}).")}


def _prompt(state: RunState, page: Observation | None, reflection: Reflection | None) -> Prompt:
    if reflection is None or page is None:
        return plan_prompt(state.task, page, state.lessons)
    return replan_prompt(state.task, state.plan, state.attempts, page, reflection, state.lessons)
