"""Where the run goes next: pure functions from the state to the name of a node.

start ── observe ── plan ── decide ── guard ── act ── verify ─┬─ guard    more of the batch
                                                              ├─ decide   the next actions
                                                              ├─ finish   all steps ticked
                                                              └─ reflect  it failed
reflect ── decide | plan | guard (to ask the user) | finish (to give up)
finish  ── end | plan (the goal is not reached yet)
"""

from langgraph.graph import END

from agent.answers import Strategy
from agent.state import RunState

FAILURES_AT_MOST = 6
"""So many failures in a row, under one plan, end the run."""

REPLANS_AT_MOST = 3
"""So many new plans are made in one go, whether after a failure or an unreached goal.

Both are counted anew when a run is taken up again: whoever does so wants it tried once more.
"""


def limit_reached(state: RunState) -> str:
    """Which limit the run has come to, as a sentence; empty if none.

    When the last action allowed completes the plan, the goal is still checked.
    """
    usage, limits = state.usage, state.limits
    if usage.steps >= limits.steps and not state.complete:
        return f"The limit of {limits.steps} actions was reached before the task was done."
    if usage.seconds >= limits.seconds:
        return f"The limit of {limits.seconds:g} seconds was reached before the task was done."
    tokens = usage.prompt_tokens + usage.answer_tokens
    if tokens >= limits.tokens:
        return f"The limit of {limits.tokens} tokens was reached before the task was done."
    return ""


def failures_in_a_row(state: RunState) -> int:
    """How many of the newest attempts failed one after the other under the present plan."""
    since = max(state.taken_up, *state.replanned[-1:], 0)
    count = 0
    for attempt in reversed(state.attempts):
        if attempt.verdict.ok or attempt.number <= since:
            break
        count += 1
    return count


def planned_out(state: RunState) -> bool:
    """Whether no further new plan is to be made."""
    return sum(number >= state.taken_up for number in state.replanned) >= REPLANS_AT_MOST


def stuck(state: RunState) -> str:
    """Why going on makes no sense, as a sentence; empty if it does."""
    if failures_in_a_row(state) >= FAILURES_AT_MOST:
        return f"{FAILURES_AT_MOST} attempts in a row failed."
    reflection = state.reflection
    if reflection is None:
        return ""
    if reflection.strategy is Strategy.GIVE_UP:
        return reflection.advice or reflection.diagnosis
    if reflection.strategy is Strategy.REPLAN and planned_out(state):
        return f"After {REPLANS_AT_MOST} new plans the task is still not done."
    return ""


def after_observe(state: RunState) -> str:
    """With a page seen: plan if there is no plan, else go on with it."""
    if state.outcome:
        return END
    if limit_reached(state):
        return "finish"
    if not state.plan:
        return "plan"
    if state.pending or state.intent:  # an intent found here is one that needs the user's word
        return "guard"
    return "finish" if state.complete else "decide"


def after_plan(state: RunState) -> str:
    """A plan made without a page needs a look at one first."""
    if state.outcome:
        return END
    if limit_reached(state):
        return "finish"
    return "decide" if state.observation else "observe"


def after_decide(state: RunState) -> str:
    """Decided actions go through the guard; a malformed answer is a failure like any other."""
    if state.pending and not limit_reached(state):
        return "guard"
    return after_verify(state)


def after_guard(state: RunState) -> str:
    """An allowed action is taken; what the guard settled itself is looked at as a result."""
    return "act" if state.intent else after_verify(state)


def after_verify(state: RunState) -> str:
    """On with the batch, the next decision, the final check, or a reflection."""
    if limit_reached(state) or stuck(state):
        return "finish"
    if state.wanted:
        return "guard"
    last = state.attempts[-1] if state.attempts else None
    if last and not last.verdict.ok:
        return "reflect"
    if last and last.action.get("action") == "finish":
        return "finish"
    if state.complete:
        return "finish"
    return "guard" if state.pending else "decide"


def after_reflect(state: RunState) -> str:
    """What the strategy says; without a reflection (switched off) decide again."""
    if limit_reached(state) or stuck(state):
        return "finish"
    if state.pending:  # the question that ask_user puts to the user
        return "guard"
    reflection = state.reflection
    return "plan" if reflection and reflection.strategy is Strategy.REPLAN else "decide"


def after_finish(state: RunState) -> str:
    """The end, or a new plan for what is missing."""
    if state.outcome:
        return END
    return "finish" if limit_reached(state) else "plan"
