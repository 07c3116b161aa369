"""What a resumed run may take as done: judged from the page as it is now, and the journal.

The browser of the killed process is gone and its page was loaded anew, so two things are open:
whether the action that was under way took effect, and which ticked steps the reload undid. A
browser that is not ours lives on, and may have done more than the journal could hear of.
"""

from collections.abc import Sequence
from typing import Any

from agent.attempts import Update, attempted, next_step, tick
from agent.journal import Trail
from agent.state import Attempt, Intent, RunState, Step, Target
from tools.browser import BrowserOptions
from tools.causes import Cause, Verdict
from tools.changes import plain
from tools.observation import Element, Observation
from tools.verdict import same_value, shown_value

CUT_OFF = "the run was cut off here"
HOLDING = frozenset({"fill", "type", "select", "check"})
"""Actions after which the element itself holds what was given."""

LAUNCHED = BrowserOptions()

_FORM_ROLES = frozenset(
    "textbox searchbox combobox spinbutton slider checkbox radio switch listbox option".split()
)


def recover(
    state: RunState, trail: Trail, page: Observation, browser: BrowserOptions = LAUNCHED
) -> Update:
    """The state as it stands on this first look: the open intent settled, lost steps un-ticked.

    `trail.page` is the address that the run had reached, as observations show addresses. An
    intent that stays is one whose effect outside the page is unknown: it is not to be
    repeated before the user has said whether it took effect.
    """
    settled = _settle(state, trail, page, browser)
    after = state.model_copy(update=settled)
    lost = lost_steps(after.plan, after.attempts, state.observation, page)
    if lost and trail.page and _bare(trail.page) != _bare(page.url):
        lost |= _behind(min(lost), after)
    plan = [
        step.model_copy(update={"done": False, "evidence": ""}) if index in lost else step
        for index, step in enumerate(after.plan)
    ]
    update: Update = {"resumed": False, "taken_up": len(after.attempts), "observation": page}
    return settled | update | {"plan": plan, "step": next_step(plan)}


def happened(state: RunState, intent: Intent, shown: str, *, sent: bool) -> Update:
    """The intent took effect after all: an attempt that is ok, and its step ticked."""
    verdict = Verdict(evidence=f"{CUT_OFF}, but {shown}")
    attempt = attempted(state, intent, verdict, sent=sent, unknown=True)
    update: Update = {
        "attempts": [*state.attempts, attempt],
        "intent": None,
        "acted": None,
        "pending": [],
        "completes_step": False,
    }
    if state.completes_step and len(state.pending) <= 1:
        update |= tick(state, shown)
    return update


def did_not_happen() -> Update:
    """Nothing of the intent reached the site: it is simply decided again."""
    return {"intent": None, "acted": None, "pending": [], "completes_step": False}


def in_doubt(state: RunState, page: Observation) -> bool:
    """Whether looking again might still bring the answer to an action that was under way."""
    intent = state.intent
    return intent is not None and bool(intent.target) and _find(intent.target, page) is not None


def lost_steps(
    plan: Sequence[Step],
    attempts: Sequence[Attempt],
    before: Observation | None,
    page: Observation,
) -> dict[int, str]:
    """Ticked steps that the page no longer bears out, each with what is missing.

    Judged only by what belongs to this address: fields that no longer hold what was put in,
    and lines that stood there before the interruption as a step's evidence. What a request
    has carried to the site is never taken for lost, and so never done twice.
    """
    lost: dict[int, str] = {}
    carried = _carried(plan, attempts, page)
    here = [
        a
        for a in attempts
        if a.verdict.ok and a.url == page.url and a.number > carried and _done(plan, a.step)
    ]
    for attempt in _latest(here):
        element = _find(attempt.target, page)
        if element is not None and not holds(attempt.action, element):
            lost.setdefault(attempt.step, f"{plain(element)} is not as it was left")
    if before is not None and before.url == page.url:
        for index in sorted({a.step for a in here} - lost.keys()):
            gone = _gone(index, plan, here, before, page)
            if gone:
                lost[index] = f"{gone} is gone"
    return lost


def holds(action: dict[str, Any], element: Element) -> bool:
    """Whether a form element is as this action left it."""
    kind = action.get("action")
    if kind == "check":
        return ("checked" in element.states) == bool(action.get("checked", True))
    value = shown_value(element) or ""
    if kind == "type":
        return bool(value)
    return same_value(str(action.get("option" if kind == "select" else "text", "")), value)


def _settle(state: RunState, trail: Trail, page: Observation, browser: BrowserOptions) -> Update:
    """What became of the action that was under way."""
    intent = state.intent
    if intent is None or intent.effect in ("read", "talk", "navigate"):
        return did_not_happen()
    if browser.tab is not None and intent.effect != "commit" and not _fills(intent):
        trail = trail.model_copy(update={"page": page.url})  # the user's tab went on without us
    if not trail.sent and intent.effect == "commit" and trail.begun and browser.cdp_url:
        return {}  # Chrome lets go what was held back when nobody debugs it any more
    if not trail.sent and (intent.effect == "commit" or not _moved(intent, trail)):
        return did_not_happen()
    shown = _sign(intent, trail, state.observation, page)
    if shown:
        return happened(state, intent, shown, sent=trail.sent)
    if trail.refused:
        return _unknown(state, intent, f"the site refused its request ({trail.status})")
    if intent.effect == "commit":
        return {}  # only the user can say; the guard asks
    return _unknown(state, intent, "its request was sent and the page does not show its effect")


def _sign(intent: Intent, trail: Trail, before: Observation | None, page: Observation) -> str:
    """What shows that an action whose request was sent took effect; empty if nothing does."""
    if trail.status >= 400:
        return ""
    if _moved(intent, trail):
        return f"the site went on to {page.title or page.url}"
    if intent.target and _find(intent.target, page) is None:
        return f"the page no longer offers {intent.target.role} {intent.target.name}"
    if intent.effect == "commit":
        return ""
    news = _news(before, page)
    if news:
        return f"the page now shows {news}"
    return f"the site answered {trail.status}" if trail.answered else ""


def _unknown(state: RunState, intent: Intent, why: str) -> Update:
    verdict = Verdict(cause=Cause.BROWSER_GONE, evidence=f"{CUT_OFF}; {why}")
    attempt = attempted(state, intent, verdict, sent=True, unknown=True)
    return did_not_happen() | {"attempts": [*state.attempts, attempt]}


def _behind(first: int, state: RunState) -> dict[int, str]:
    """Ticked steps after the first lost one, when the site has thrown the run back to it."""
    final = {a.step for a in state.attempts if a.commit and a.verdict.ok}
    return {
        index: "the site went back to an earlier page"
        for index, step in enumerate(state.plan)
        if index > first and step.done and index not in final
    }


def _done(plan: Sequence[Step], index: int) -> bool:
    return index < len(plan) and plan[index].done


def _carried(plan: Sequence[Step], attempts: Sequence[Attempt], page: Observation) -> int:
    """The number of the last attempt that sent this address's form and so ended a step."""
    ends = {a.step: a for a in attempts if a.verdict.ok and _done(plan, a.step)}
    numbers = [
        a.number
        for a in ends.values()
        if a.sent and a.url == page.url and a.action.get("action") not in HOLDING
    ]
    return max(numbers, default=0)


def _latest(attempts: Sequence[Attempt]) -> list[Attempt]:
    """For each form element the attempt that last changed it."""
    last: dict[Target, Attempt] = {}
    for attempt in attempts:
        if attempt.target is not None and attempt.action.get("action") in HOLDING:
            last[attempt.target] = attempt
    return list(last.values())


def _gone(
    index: int,
    plan: Sequence[Step],
    attempts: Sequence[Attempt],
    before: Observation,
    page: Observation,
) -> str:
    """The first of a step's signs that stood on the page before, if all of those are gone."""
    mine = [a for a in attempts if a.step == index]
    if any(a.sent or a.commit for a in mine):
        return ""
    signs = {plan[index].evidence.lstrip("+~ ")}
    signs |= {c[1:].strip() for a in mine for c in a.verdict.changed if c.startswith(("+", "~"))}
    then, now = _lines(before), _lines(page)
    stood = [sign for sign in sorted(signs) if sign and sign in then]
    return stood[0] if stood and not any(sign in now for sign in stood) else ""


def _news(before: Observation | None, page: Observation) -> str:
    """A line that was not there before and is no form field: those are empty after a reload."""
    then = _lines(before) if before else set()
    for element in page.elements:
        line = plain(element)
        if line not in then and element.role not in _FORM_ROLES and any(map(str.isdigit, line)):
            return line
    return ""


def _moved(intent: Intent, trail: Trail) -> bool:
    """Whether the browser had reached another page before the run was cut off."""
    return bool(trail.page) and _bare(trail.page) != _bare(intent.url)


def _find(target: Target | None, page: Observation) -> Element | None:
    if target is None:
        return None
    return next(
        (
            e
            for e in page.elements
            if (e.role, e.name, e.context) == (target.role, target.name, target.context)
        ),
        None,
    )


def _lines(page: Observation) -> set[str]:
    return {plain(element) for element in page.elements}


def _fills(intent: Intent) -> bool:
    return intent.action.get("action") in HOLDING


def _bare(url: str) -> str:
    return url.partition("#")[0]
