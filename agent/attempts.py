"""What an action leaves in the state: the attempt, the ticked step, the rest of the batch."""

from collections.abc import Sequence
from typing import Any

from agent.loops import key_of, shape_of, target_of
from agent.state import Attempt, Intent, RunState, Step
from tools.causes import Cause, Verdict
from tools.changes import find_again, same_document
from tools.observation import Observation
from tools.record import Effect

Update = dict[str, Any]
"""What a node changes of the state, by field."""


def intend(
    state: RunState, action: dict[str, Any], said: str, effect: Effect, page: Observation
) -> Intent:
    """The action about to be taken on this page, as it is written down beforehand."""
    return Intent(
        number=len(state.attempts) + 1,
        action=action,
        said=said,
        effect=effect,
        page=page.fingerprint,
        key=key_of(action, page),
        shape=shape_of(page),
        url=page.url,
        target=target_of(action, page),
    )


def attempted(state: RunState, intent: Intent, verdict: Verdict, **more: Any) -> Attempt:
    """The intent as an attempt at the step in hand; `more` are locator, text, sent."""
    return attempt_of(intent, min(state.step, max(len(state.plan) - 1, 0)), verdict, **more)


def attempt_of(intent: Intent, step: int, verdict: Verdict, **more: Any) -> Attempt:
    """The intent as an attempt at this step with its verdict; `more` as for `attempted`."""
    return Attempt(
        number=intent.number,
        step=step,
        action=intent.action,
        said=intent.said,
        page=intent.page,
        verdict=verdict,
        key=intent.key,
        shape=intent.shape,
        url=intent.url,
        target=intent.target,
        commit=intent.effect == "commit",
        **more,
    )


def conclude(state: RunState, attempt: Attempt, page: Observation) -> Update:
    """The state after this attempt, with `page` as the look that followed it.

    A batch goes on as long as its actions are ok and the page is still the one they were
    decided on; a step is ticked when the last of the actions that complete it was ok.
    """
    update: Update = {
        "attempts": [*state.attempts, attempt],
        "observation": page,
        "intent": None,
        "acted": None,
        "pending": [],
        "completes_step": False,
        "wanted": "",
        "usage": state.usage.model_copy(update={"steps": state.usage.steps + 1}),
    }
    if not attempt.verdict.ok:
        return update
    rest = state.pending[1:]
    if not rest:
        return update | (tick(state, evidence(attempt, page)) if state.completes_step else {})
    kept = carried(rest, state.observation, page)
    if kept is None:
        return update  # the rest no longer fits the page: decide again
    return update | {"pending": kept, "completes_step": state.completes_step}


def malformed(state: RunState, why: str) -> Attempt:
    """An answer that could not be understood, as an attempt that failed."""
    page = state.observation.fingerprint if state.observation else ""
    return Attempt(
        number=len(state.attempts) + 1,
        step=min(state.step, max(len(state.plan) - 1, 0)),
        action={},
        said="answer",
        page=page,
        verdict=Verdict(cause=Cause.MALFORMED_ANSWER, evidence=why),
    )


def tick(state: RunState, shown: str) -> Update:
    """The step in hand ticked with what the page shows, and the next one in hand."""
    if state.step >= len(state.plan):
        return {}
    done = state.plan[state.step].model_copy(update={"done": True, "evidence": shown})
    plan = [*state.plan[: state.step], done, *state.plan[state.step + 1 :]]
    return {"plan": plan, "step": next_step(plan), "look": ""}


def next_step(plan: Sequence[Step]) -> int:
    """Index of the first step that is not ticked; the plan's length if all are."""
    return next((i for i, step in enumerate(plan) if not step.done), len(plan))


def evidence(attempt: Attempt, page: Observation) -> str:
    """What on the page shows that the attempt did its part."""
    if attempt.verdict.evidence:
        return attempt.verdict.evidence
    return next(iter(attempt.verdict.changed), "") or f"page {page.title or page.url}"


def carried(
    rest: Sequence[dict[str, Any]], before: Observation | None, after: Observation
) -> list[dict[str, Any]] | None:
    """The rest of a batch with its refs renumbered to the new look; None if it no longer fits.

    It does not when another document or a dialog came, or an element is gone.
    """
    if before is None or after.dialog or not same_document(before, after):
        return None
    moved = []
    for action in rest:
        here: dict[str, Any] = {}
        for name in ("ref", "to"):
            element = before.element(action.get(name) or "")
            now = find_again(element, before, after) if element else None
            if action.get(name) and now is None:
                return None
            here |= {name: f"[{now.ref}]"} if now else {}
        moved.append(action | here)
    return moved
