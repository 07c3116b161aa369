"""guard: whether the next action may be taken, and the intent that is written down before it.

The node runs again from its start after an interrupt, so nothing in it has an effect before.
"""

from collections.abc import Iterator

from langgraph.types import interrupt
from pydantic import ValidationError

from agent.approve import Approval, ApprovalRequest, QuestionRequest
from agent.attempts import attempted, conclude, intend, malformed
from agent.live import Live, Update
from agent.loops import going_round, sent_before
from agent.recovery import did_not_happen, happened
from agent.state import Attempt, Intent, RunState
from agent.tell import told
from tools.actions.talk import Ask
from tools.causes import Cause, Verdict
from tools.dispatch import parse_action
from tools.effects import committing
from tools.observation import Element, Observation
from tools.policy import Ruling
from tools.record import REGISTRY, Action


async def guard(state: RunState, live: Live) -> Update:
    """Allow, ask or refuse; what only speaks with the user is settled here."""
    page = state.observation
    assert page is not None, "actions are decided on a page"
    if state.intent:
        return _in_doubt(state, state.intent, live)
    raw = state.pending[0]
    try:
        action = parse_action(raw)
    except ValidationError as error:
        return _end(live, state, page, malformed(state, str(error.errors()[0]["msg"])))
    element = page.element(getattr(action, "ref", None) or "")
    tool = REGISTRY[action.action]
    intent = intend(state, raw, action.said_on(page), tool.effect, page)
    # What was done well before an interruption may have to be done again on the same page.
    since = [a for a in state.attempts if a.number > state.taken_up or not a.verdict.ok]
    if circle := going_round(intent.key, intent.page, intent.shape, since):
        return _refuse(live, state, intent, page, Cause.LOOP, circle)
    if beyond := live.bounds(action, page):
        return _refuse(live, state, intent, page, Cause.BLOCKED_BY_POLICY, beyond)
    if tool.effect == "talk":
        return _talk(live, state, intent, action, element, page)
    if _commits(state, action, element, page):
        intent = intent.model_copy(update={"effect": "commit"})
        if again := sent_before(intent.key, intent.page, state.attempts):
            why = f"it was sent already as action {again.number}, and would happen twice"
            return _refuse(live, state, intent, page, Cause.LOOP, why)
    for ruling in _rulings(live, state, intent, action, element):
        refusal = ruling.reason if ruling.decision == "refuse" else _refused(intent, ruling)
        if refusal:
            return _refuse(live, state, intent, page, Cause.BLOCKED_BY_POLICY, refusal)
        if ruling.site:
            live.policy.grant(ruling.site)
    return {"intent": intent, "granted": live.policy.granted, "wanted": ""}


def _rulings(
    live: Live, state: RunState, intent: Intent, action: Action, element: Element | None
) -> Iterator[Ruling]:
    """What stands between the action and its being taken: refusals, and what needs a yes."""
    page = state.observation
    assert page is not None
    if state.wanted:
        yield live.policy.rule_url(state.wanted, intent.said)
    ruling = live.policy.rule(REGISTRY[action.action], action, element, page)
    if ruling.decision != "allow":
        yield ruling
    elif done := _done_before(state, intent):
        yield Ruling(decision="ask", reason=done, what=intent.said)


def _commits(state: RunState, action: Action, element: Element | None, page: Observation) -> bool:
    """Whether the action has an effect outside the page; so has the yes to a box it opened."""
    if committing(REGISTRY[action.action], action, element, page):
        return True
    last = state.attempts[-1] if state.attempts else None
    return bool(page.dialog and action.action == "dialog" and last and last.commit)


def _refused(intent: Intent, ruling: Ruling) -> str:
    """Why the user does not want it, "" after a yes; an interrupt waits for the decision."""
    request = ApprovalRequest(
        said=intent.said, what=ruling.what, reason=ruling.reason, site=ruling.site or ""
    )
    approval = Approval.model_validate(interrupt(request.model_dump()))
    if approval.decision == "yes":
        return ""
    return f"the user said no: {approval.reason}" if approval.reason else "the user said no"


def _done_before(state: RunState, intent: Intent) -> str:
    """Why even `--yes` does not cover an action with an effect outside the page: it may be the
    same that has been done already, before an interruption or before a new plan."""
    if intent.effect != "commit":
        return ""
    planned = state.replanned[-1] if state.replanned else 0
    same = [a for a in state.attempts if a.commit and a.sent and a.target == intent.target]
    if any(a.unknown for a in same):
        return "The run was cut off while it did just this: it may have happened already."
    if any(a.verdict.ok and a.number <= planned for a in same):
        return "This was done already, before the present plan: it would be done twice."
    return ""


def _talk(
    live: Live,
    state: RunState,
    intent: Intent,
    action: Action,
    element: Element | None,
    page: Observation,
) -> Update:
    """Settle what touches no page: a question, a tick, the wish to finish."""
    if action.action == "tick" and element is None:
        return _refuse(live, state, intent, page, Cause.NOT_FOUND, "no such line on the page")
    update: Update = {}
    verdict = Verdict()
    if isinstance(action, Ask):
        request = QuestionRequest(question=action.question)
        answer = live.secrets.redact(str(interrupt(request.model_dump())))
        verdict = Verdict(evidence=f"the user said: {answer}")
        update["answers"] = [*state.answers, f"{action.question} {answer}"]
    if element is not None:
        verdict = Verdict(evidence=element.line(refs=False))
    state = state.model_copy(update={"completes_step": action.action == "tick"})
    return update | _end(live, state, page, attempted(state, intent, verdict))


def _in_doubt(state: RunState, intent: Intent, live: Live) -> Update:
    """Ask the user about an action whose effect outside the page only they can know."""
    question = (
        f"The run was cut off just after “{intent.said}” was sent to {intent.url}, and the page "
        "does not show whether it took effect. Did it take effect (yes or no)?"
    )
    request = QuestionRequest(question=question, choices=["yes", "no"])
    answer = str(interrupt(request.model_dump())).strip().casefold()
    if answer.startswith("n"):
        return did_not_happen()
    return happened(state, intent, "the user says that it took effect", sent=True)


def _refuse(
    live: Live, state: RunState, intent: Intent, page: Observation, cause: Cause, why: str
) -> Update:
    """The intent as a failed attempt that was never taken."""
    return _end(live, state, page, attempted(state, intent, Verdict(cause=cause, evidence=why)))


def _end(live: Live, state: RunState, page: Observation, attempt: Attempt) -> Update:
    return told(live, state, attempt, conclude(state, attempt, page))
