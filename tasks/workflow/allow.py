"""Whether an exact step may be taken: the policy's rules, the file's `approve`, the user's yes.

What the file says never goes beyond the policy: `approve: granted` is a yes to this step with this
locator and to nothing else, and opens no site.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from playwright.async_api import Error, Locator

from agent.approve import Approval, ApprovalRequest
from agent.drive import ask_user, waiting
from agent.look import look
from tasks.workflow.exact import ExactStep
from tasks.workflow.ledger import Entry
from tasks.workflow.scene import Scene, Stop
from tools.effects import committing, what_happens
from tools.glimpse import Glimpse
from tools.locate import locate
from tools.observation import Element, Observation
from tools.policy import Ruling
from tools.record import REGISTRY, Action, Effect
from tools.wording import confirms


@dataclass(frozen=True)
class Allowed:
    """What the step's effect is, and why it may not be taken, "" if it may."""

    effect: Effect
    refused: str = ""


async def allow(
    scene: Scene,
    step: ExactStep,
    action: Action,
    seen: Glimpse,
    found: Mapping[str, Locator],
) -> Allowed:
    """Rule on the step; what needs a yes is asked for. Raises Stop where nobody is there."""
    tool, page = REGISTRY[action.action], seen.page
    element = page.element(getattr(action, "ref", None) or "")
    if step.approve != "granted" and _needs_look(scene, step, action, element, page):
        page = await look(scene.live, scene.state())
        element = await _in(page, element, scene, found)
        action = action.model_copy(update={"ref": f"[{element.ref}]"} if element else {})
    commits = step.approve or committing(tool, action, element, page)
    effect: Effect = "commit" if commits or _says_yes(scene, action, page) else tool.effect
    ruling = scene.live.policy.rule(tool, action, element, page)
    if ruling.decision == "refuse":
        return Allowed(effect, ruling.reason)
    if ruling.decision == "allow" and step.approve == "ask":
        what = what_happens(action, element, page, page.url)
        ruling = Ruling(decision="ask", reason="The workflow wants to be asked here.", what=what)
    granted = step.approve == "granted" and not ruling.site
    if ruling.decision == "allow" or granted:
        return Allowed(effect)
    return Allowed(effect, await _ask(scene, ruling, action, page))


def would_commit(step: ExactStep, action: Action) -> bool:
    """Whether a step whose element is not there was to have an effect outside the page: the file
    says so, or the words that it looks for do."""
    chain = step.locators.get("ref")
    if step.approve or chain is None:
        return step.approve is not None
    role, _, name = chain.said().partition(" ")
    words = Element(ref="e1", role=role if name else "button", name=name or role)
    return bool(committing(REGISTRY[action.action], action, words, Observation(url="")))


async def _ask(scene: Scene, ruling: Ruling, action: Action, page: Observation) -> str:
    """Why the user does not want it; "" after a yes."""
    request = ApprovalRequest(
        said=action.said_on(page), what=ruling.what, reason=ruling.reason, site=ruling.site or ""
    )
    asking = partial(ask_user, request, scene.live, scene.approver)
    answer = await scene.live.gate.passed("ask", asking)
    if answer is None:
        raise Stop(waiting(request))
    approval = Approval.model_validate(answer)
    if approval.decision == "no":
        return f"the user said no: {approval.reason}" if approval.reason else "the user said no"
    if ruling.site:
        scene.live.policy.grant(ruling.site)
        scene.ledger.write(Entry(kind="granted", shown=ruling.site))
    return ""


def _needs_look(
    scene: Scene, step: ExactStep, action: Action, element: Element | None, seen: Observation
) -> bool:
    """Whether what stands around the element decides what the action does, or is to be shown."""
    keys = action.action in ("press", "drag") or getattr(action, "submit", False)
    if keys or getattr(action, "text", "").endswith("\n"):
        return True
    if element is not None and confirms(element.name or element.value or ""):
        return True
    if step.approve == "ask":
        return True
    commits = committing(REGISTRY[action.action], action, element, seen)
    return bool(commits) and not scene.live.policy.yes


def _says_yes(scene: Scene, action: Action, page: Observation) -> bool:
    """Whether it says yes to a box that an action with an effect outside the page opened."""
    last = scene.attempts[-1] if scene.attempts else None
    return bool(page.dialog and action.action == "dialog" and last and last.commit)


async def _in(
    page: Observation, element: Element | None, scene: Scene, found: Mapping[str, Locator]
) -> Element | None:
    """The step's element among the lines of a whole look, else as it was glimpsed."""
    if element is None:
        return None
    alike = [e for e in page.elements if e.target and e.name == element.name]
    alike = [e for e in alike if e.role == element.role] or alike
    if len(alike) > 1:
        alike = [e for e in alike if await _is(e, scene, found["e1"])]
    return alike[0] if len(alike) == 1 else element


async def _is(line: Element, scene: Scene, found: Locator) -> bool:
    """Whether a line of the page is the element that a locator finds."""
    try:
        wanted = await found.element_handle(timeout=1000)
        other = locate(scene.live.session.page, line.target)
        return bool(await other.evaluate("(el, other) => el === other", wanted, timeout=1000))
    except Error:
        return False
