"""Where the run goes next: the truth table of every route."""

from collections.abc import Callable

import pytest
from langgraph.graph import END

from agent import routes
from agent.answers import Strategy
from agent.state import Limits, Outcome, RunState, Usage
from tests.agent.states import DONE, FAILED, OK, attempt, intent, page, reflection, state

CLICK = {"action": "click", "ref": "[e1]"}
OUT_OF_STEPS = {"limits": Limits(steps=3), "usage": Usage(steps=3)}
OUT_OF_TIME = {"limits": Limits(seconds=5), "usage": Usage(seconds=5.1)}
OUT_OF_TOKENS = {
    "limits": Limits(tokens=100),
    "usage": Usage(prompt_tokens=60, answer_tokens=40),
}
ENDED = Outcome(status="done", answer="Ordered.")
FAILURES = [attempt(n, FAILED) for n in range(1, routes.FAILURES_AT_MOST + 1)]

TABLE: list[tuple[Callable[[RunState], str], RunState, str]] = [
    # observe
    (routes.after_observe, state(plan=[]), "plan"),
    (routes.after_observe, state(), "decide"),
    (routes.after_observe, state(plan=DONE), "finish"),
    (routes.after_observe, state(intent=intent(page("button Pay"))), "guard"),
    (routes.after_observe, state(outcome=ENDED), END),
    (routes.after_observe, state(**OUT_OF_TIME), "finish"),
    # plan
    (routes.after_plan, state(), "decide"),
    (routes.after_plan, state(observation=None), "observe"),
    (routes.after_plan, state(outcome=ENDED), END),
    (routes.after_plan, state(**OUT_OF_TOKENS), "finish"),
    # decide
    (routes.after_decide, state(pending=[CLICK]), "guard"),
    (routes.after_decide, state(attempts=[attempt(1, FAILED)]), "reflect"),
    (routes.after_decide, state(attempts=FAILURES), "finish"),
    (routes.after_decide, state(pending=[CLICK], **OUT_OF_STEPS), "finish"),
    # guard
    (routes.after_guard, state(pending=[CLICK], intent=intent(page("button Add"))), "act"),
    (routes.after_guard, state(attempts=[attempt(1, FAILED)]), "reflect"),
    (routes.after_guard, state(attempts=[attempt(1, action={"action": "ask"})]), "decide"),
    (routes.after_guard, state(attempts=[attempt(1, action={"action": "finish"})]), "finish"),
    # verify
    (routes.after_verify, state(attempts=[attempt()], pending=[CLICK]), "guard"),
    (routes.after_verify, state(attempts=[attempt()]), "decide"),
    (routes.after_verify, state(attempts=[attempt()], plan=DONE), "finish"),
    (routes.after_verify, state(attempts=[attempt(1, FAILED)]), "reflect"),
    (routes.after_verify, state(attempts=FAILURES), "finish"),
    (routes.after_verify, state(attempts=FAILURES[:-1]), "reflect"),
    (routes.after_verify, state(attempts=[*FAILURES[:-1], attempt(6, OK)]), "decide"),
    (routes.after_verify, state(attempts=FAILURES, replanned=[3]), "reflect"),
    (routes.after_verify, state(attempts=FAILURES, taken_up=5), "reflect"),
    (routes.after_verify, state(attempts=[attempt()], **OUT_OF_STEPS), "finish"),
    (routes.after_verify, state(attempts=[attempt()], **OUT_OF_TIME), "finish"),
    (routes.after_verify, state(attempts=[attempt()], **OUT_OF_TOKENS), "finish"),
    (
        routes.after_verify,
        state(attempts=[attempt(1, FAILED)], pending=[CLICK], wanted="http://pay.example/"),
        "guard",
    ),
    # reflect
    *(
        (
            routes.after_reflect,
            state(attempts=[attempt(1, FAILED)], reflections=[reflection(strategy)], **more),
            goes,
        )
        for strategy, more, goes in (
            (Strategy.RETRY_DIFFERENTLY, {}, "decide"),
            (Strategy.DO_SOMETHING_FIRST, {}, "decide"),
            (Strategy.REPLAN, {}, "plan"),
            (Strategy.REPLAN, {"replanned": [0] * routes.REPLANS_AT_MOST}, "finish"),
            (Strategy.REPLAN, {"replanned": [0] * routes.REPLANS_AT_MOST, "taken_up": 1}, "plan"),
            (Strategy.ASK_USER, {"pending": [{"action": "ask", "question": "?"}]}, "guard"),
            (Strategy.GIVE_UP, {}, "finish"),
            (Strategy.RETRY_DIFFERENTLY, OUT_OF_TOKENS, "finish"),
        )
    ),
    (routes.after_reflect, state(attempts=[attempt(1, FAILED)]), "decide"),  # switched off
    (  # an old reflection is none on the newest failure
        routes.after_reflect,
        state(
            attempts=[attempt(1, FAILED), attempt(2, FAILED)],
            reflections=[reflection(Strategy.GIVE_UP, on=1)],
        ),
        "decide",
    ),
    # finish
    (routes.after_finish, state(outcome=ENDED), END),
    (routes.after_finish, state(plan=DONE), "plan"),
    (routes.after_finish, state(plan=DONE, **OUT_OF_TIME), "finish"),
]


@pytest.mark.parametrize(("route", "given", "goes"), TABLE)
def test_route(route: Callable[[RunState], str], given: RunState, goes: str) -> None:
    assert route(given) == goes


def test_the_last_action_allowed_may_still_be_the_one_that_does_it() -> None:
    assert routes.limit_reached(state(**OUT_OF_STEPS))
    assert not routes.limit_reached(state(plan=DONE, **OUT_OF_STEPS))


def test_a_limit_is_said_in_a_sentence() -> None:
    assert routes.limit_reached(state(**OUT_OF_STEPS)) == (
        "The limit of 3 actions was reached before the task was done."
    )
    assert "5 seconds" in routes.limit_reached(state(**OUT_OF_TIME))
    assert "100 tokens" in routes.limit_reached(state(**OUT_OF_TOKENS))
