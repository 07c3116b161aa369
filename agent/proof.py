"""Which lines of a page can show that a task is done.

Text can: it is what the page says. A control stands there whether or not anything was done with
it, so it counts only for what the run made of it, or where it is what the task was to find.
"""

from collections.abc import Sequence

from agent.recovery import HOLDING, holds
from agent.state import Attempt, RunState, Target
from tools.dispatch import parse_action
from tools.effects import committing
from tools.observation import Element, Observation
from tools.record import REGISTRY
from tools.roles import CHECKS, FIELDS, LISTS

_FIELDS = CHECKS | FIELDS | LISTS | {"file", "option"}
_PRESSED = frozenset({"button", "link", "menuitem", "tab"})
_SET = frozenset({"checked", "expanded", "pressed", "selected"})


def proofs(refs: Sequence[str], answer: str, state: RunState, page: Observation) -> list[str]:
    """The cited lines that can show what `answer` says, without their refs."""
    cited = [page.element(ref) for ref in refs]
    return [e.line(refs=False) for e in cited if e and _shows(e, answer, state, page)]


def _shows(element: Element, answer: str, state: RunState, page: Observation) -> bool:
    if element.role not in _FIELDS | _PRESSED:
        return True
    target = Target(role=element.role, name=element.name, context=element.context)
    used = [a for a in state.attempts if a.verdict.ok and a.target == target]
    if not used:
        return _found(element, answer, page)
    if element.role in _PRESSED:
        return bool(_SET & set(element.states))
    return _held(used[-1], element) and _last_to_do(used[-1], state)


def _held(used: Attempt, element: Element) -> bool:
    """Whether a field is as this attempt left it; after a click or a tick it holds something."""
    if used.action.get("action") in HOLDING:
        return holds(used.action, element)
    return bool(element.value or _SET & set(element.states))


def _found(element: Element, answer: str, page: Observation) -> bool:
    """Whether a control that the run left alone is what it was to find: `link Log out`.

    The answer names it, and it does not offer to do what is claimed to be done.
    """
    if element.role in _FIELDS:
        return bool(element.value) and not element.options and (element.value or "") in answer
    click = parse_action({"action": "click", "ref": f"[{element.ref}]"})
    offers = committing(REGISTRY["click"], click, element, page)
    return bool(element.name) and element.name in answer and not offers


def _last_to_do(filled: Attempt, state: RunState) -> bool:
    """Whether nothing was left to do once this was filled in, or it was sent off since."""
    sent = any(a.sent and a.verdict.ok and a.number > filled.number for a in state.attempts)
    return sent or filled.step >= len(state.plan) - 1
