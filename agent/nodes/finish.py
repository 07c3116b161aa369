"""finish: the goal checked against the page before anything is called done."""

from agent.answers import FinishAnswer, Strategy
from agent.ask import ask
from agent.context import Prompt, finish_prompt
from agent.errors import MalformedAnswer
from agent.live import Live, Update
from agent.proof import proofs
from agent.routes import limit_reached, planned_out, stuck
from agent.state import Outcome, Reflection, RunState
from tools.observation import Observation

TRIES = 2
"""So often is the check asked for before the run ends without one."""


async def finish(state: RunState, live: Live) -> Update:
    """End the run with an outcome, or with a reflection on what is missing."""
    if limit := limit_reached(state):
        return {"outcome": Outcome(status="limit", answer=f"{limit} {_progress(state)}")}
    if why := stuck(state):
        return {"outcome": Outcome(status="failed", answer=f"{why} {_honest(state)}")}
    page = state.observation
    assert page is not None, "the goal is checked on a page"

    def build(shown: Observation | None) -> Prompt:
        assert shown is not None
        return finish_prompt(state.task, state.plan, state.attempts, shown)

    for _ in range(TRIES):
        try:
            asked = await ask(live, state, "finish", build, FinishAnswer, page)
            return _judge(state, asked.answer, asked.page or page) | {"usage": asked.usage}
        except MalformedAnswer as error:
            problem = str(error)
    answer = f"Whether the task is done could not be checked ({problem}). {_progress(state)}"
    return {"outcome": Outcome(status="failed", answer=answer)}


def _judge(state: RunState, answer: FinishAnswer, page: Observation) -> Update:
    """Done only with lines of the page that show it; otherwise what is missing is planned."""
    cited = proofs(answer.evidence, answer.answer, state, page)
    if not page.shown:
        cited = [f"page {page.title or page.url}"]  # a page without a line to point at
    if answer.done and cited:
        return {"outcome": Outcome(status="done", answer=answer.answer, evidence=cited)}
    missing = answer.answer if not answer.done else "No line of the page shows that it is done."
    if planned_out(state):
        text = f"The task is not done: {missing} {_progress(state)}"
        return {"outcome": Outcome(status="failed", answer=text.strip())}
    reflection = Reflection(
        attempt=len(state.attempts),
        diagnosis=missing or "The page does not show that the task is done.",
        strategy=Strategy.REPLAN,
        advice="Plan what is missing.",
    )
    return {"reflections": [*state.reflections, reflection]}


def _honest(state: RunState) -> str:
    """What was tried last and how it went, and how far the run got."""
    failed = [a for a in state.attempts if not a.verdict.ok]
    last = f"The last was “{failed[-1].said}”: {failed[-1].verdict.line()}. " if failed else ""
    return last + _progress(state)


def _progress(state: RunState) -> str:
    done = sum(step.done for step in state.plan)
    return f"{done} of {len(state.plan)} steps were done." if state.plan else "Nothing was done."
