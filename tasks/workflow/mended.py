"""Mending within bounds: what the model may do in a step's place, whether what it did can be
trusted, and how the step is written from now on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from playwright.async_api import Error
from pydantic import ValidationError

from agent.state import Attempt, RunState
from tasks.workflow.act import FIND_S, Exact, why_failed
from tasks.workflow.conditions import Visible
from tasks.workflow.exact import ExactStep
from tasks.workflow.load import WorkflowFile
from tasks.workflow.locator import LocatorExpression
from tasks.workflow.notation import LocatorError, parse_locator
from tasks.workflow.patch import StepPatch
from tasks.workflow.scene import Scene
from tasks.workflow.step import Step
from tasks.workflow.steps import ForEach
from tasks.workflow.templates import fill, mentions
from tools.dispatch import parse_action
from tools.observation import Element, Observation
from tools.record import REGISTRY, Action
from tools.roles import CHECKS
from tools.verdict import same_value

_SETS = frozenset({"fill", "type", "select"})
_LOOKS = frozenset({"read", "look", "scroll", "wait", "hover"})
_CHOICES = CHECKS | {"option"}
_LEAVES = frozenset({"Escape", "Tab"})


@dataclass(frozen=True)
class Mended:
    """A step that was mended: what was wrong with it, what was done, and the patch to its file.

    `said` are the actions in words. `patch` is None where the step cannot be written so that it
    would work for other values, too.
    """

    file: WorkflowFile
    at: str
    why: str
    said: list[str]
    shown: str
    patch: StepPatch | None = None


class Bounds:
    """What may be done to mend a step: that step's own doing, and getting out of its way."""

    def __init__(self, exact: Exact, secrets: Sequence[str]) -> None:
        """`secrets` are the names that may be filled in."""
        self._action = exact.action(secrets)
        self._value = value_of_step(exact, self._action)
        self._about = _named_by_values(exact)
        self._secrets = secrets
        self._others = dict(_others(exact))

    def __call__(self, action: Action, page: Observation) -> str:
        """Why this action is not part of mending the step; "" if it is."""
        kind, own = action.action, self._action.action
        if kind in _LOOKS or REGISTRY[kind].effect == "talk":
            return ""
        element = page.element(getattr(action, "ref", None) or "")
        if element is not None and (other := self._other(element)):
            return "" if self._does(other, action) else f"{other.step.said()} is another step"
        if kind in _SETS:
            return self._sets(action)
        if kind == "click" or (kind == "check" and self._value is not None):
            return self._clicks(element, page)
        if kind == "press" and getattr(action, "key", "") in _LEAVES:
            return ""
        if kind == "dialog" and not getattr(action, "accept", False):
            return ""
        same = action.model_dump(exclude={"ref", "to"}) == self._action.model_dump(
            exclude={"ref", "to"}
        )
        return "" if kind == own and same else f"the step is to {own}, not to {kind}"

    def _other(self, element: Element) -> Exact | None:
        """The other step of the file that acts on this element."""
        name = element.name.casefold()
        return self._others.get(f"{element.role} {name}") or self._others.get(name)

    def _does(self, other: Exact, action: Action) -> bool:
        """Whether an action only does over what another step does: a form may come back empty."""
        same = other.step.tool == action.action
        value = value_in(other.action(self._secrets)) if same else None
        return value is not None and same_value(value, value_in(action) or "")

    def _sets(self, action: Action) -> str:
        wanted, given = self._value, value_in(action)
        if wanted is None:
            return f"the step has no value to {action.action}"
        return "" if same_value(wanted, given or "") else f"the step's value is {wanted}"

    def _clicks(self, element: Element | None, page: Observation) -> str:
        """A click may open or close anything, but chooses only what the step chooses.

        Where the step's element is named by its values, another one is another thing altogether.
        """
        if element is None:
            return ""
        said = f"{element.name} {element.context}".casefold()
        missing = next((value for value in self._about if value.casefold() not in said), "")
        if missing and not _in_dialog(element, page):
            return f"the step is about {missing}"
        if element.role not in _CHOICES:
            return ""
        if self._action.action == "click":
            return ""
        wanted = self._value or ""
        return "" if same_value(wanted, element.name) else f"the step's value is {wanted}"


def _named_by_values(exact: Exact) -> list[str]:
    """The values by which the step's element is named: its locator's filled templates."""
    chain = exact.step.locators.get("ref")
    names = {m.name for text in (chain.texts() if chain else ()) for m in mentions(text)}
    return [fill(f"{{{{ {name} }}}}", exact.here.values) for name in sorted(names)]


def _in_dialog(element: Element, page: Observation) -> bool:
    """Whether the page shows the element within a dialog."""
    at = page.elements.index(element) if element in page.elements else 0
    depth = element.depth
    for above in reversed(page.elements[:at]):
        if above.depth < depth:
            depth = above.depth
            if above.role in ("dialog", "alertdialog"):
                return True
    return False


def value_of_step(exact: Exact, action: Action) -> str | None:
    """What a step chooses or enters: for a box or radio button that is ticked, its own name."""
    if action.action == "check" and getattr(action, "checked", True):
        return exact.locators()["ref"].said().partition(" ")[2] or None
    return value_in(action)


def value_in(action: Action) -> str | None:
    """The value that an action gives to its element; None if it gives none."""
    for name in ("text", "option"):
        if (value := getattr(action, name, None)) is not None:
            return str(value)
    return None


def provable(exact: Exact, rest: Sequence[Step]) -> bool:
    """Whether it could be seen that a mended step did the right thing."""
    return bool(exact.step.expect) or _next(rest) is not None


async def wrong_about(scene: Scene, exact: Exact, ended: RunState, rest: Sequence[Step]) -> str:
    """Why what the model did cannot be taken for the step; "" if it can."""
    own = exact.action(scene.secrets)
    done = [a for a in _taken(ended) if a.verdict.ok]
    value = value_of_step(exact, own)
    if not exact.step.expect and not any(_same_kind(own, value, each) for each in done):
        return f"nothing was done that is to {own.action}"
    if exact.step.expect:
        return ""
    following = _next(rest)
    assert following is not None, "what cannot be proved is not mended"
    chain = Exact(following, exact.here).locators()["ref"]
    try:
        live = chain.to_playwright(scene.live.session.page)
        await live.wait_for(state="attached", timeout=FIND_S * 1000)
    except Error:
        return f"what comes next is not there: {chain.said()}"
    return ""


def mended_as(exact: Exact, made: Attempt, ended: RunState) -> Mended:
    """What mending a step came to."""
    done = [a for a in _taken(ended) if a.verdict.ok]
    shown = ended.plan[-1].evidence if ended.plan else ""
    return Mended(
        file=exact.here.file,
        at=exact.here.at,
        why=why_failed(made),
        said=[attempt.said for attempt in done],
        shown=shown or (done[-1].verdict.evidence if done else ""),
        patch=_patch(exact, made, done),
    )


def _taken(ended: RunState) -> Iterator[Attempt]:
    """The actions on the page that were taken after the one that failed."""
    for attempt in ended.attempts[1:]:
        kind = attempt.action.get("action", "")
        if kind in REGISTRY and REGISTRY[kind].effect != "talk" and kind not in _LOOKS:
            yield attempt


def _same_kind(own: Action, value: str | None, attempt: Attempt) -> bool:
    """Whether an attempt did what a step is to do, perhaps in another way."""
    try:
        action = parse_action(attempt.action)
    except ValidationError:
        return False
    if value is None:
        return action.action == own.action
    given = value_in(action)
    chosen = attempt.target.name if attempt.target and given is None else given
    if own.action == "check" and action.action in ("check", "click") and given is None:
        return True
    return same_value(value, chosen or "")


def _next(rest: Sequence[Step]) -> ExactStep | None:
    """The next exact step with an element of its own, if it is certain to be done.

    Loops are passed over: they may be about nothing.
    """
    first = next((step for step in rest if not isinstance(step, ForEach)), None)
    if isinstance(first, ExactStep) and "ref" in first.locators and not first.when:
        return first
    return None


def _others(exact: Exact) -> Iterator[tuple[str, Exact]]:
    """The other steps of the file by what they act on: `button save`, or a label's `save`."""
    own = exact.locators().get("ref")
    for _, step in exact.here.file.steps():
        if not isinstance(step, ExactStep) or "ref" not in step.locators:
            continue
        other = Exact(step, exact.here)
        try:
            chain = other.locators()["ref"]
        except ValueError:  # a name that has no value here
            continue
        if chain != own:
            yield chain.said().casefold(), other


def _patch(exact: Exact, made: Attempt, done: Sequence[Attempt]) -> StepPatch | None:
    """The step as it worked, and before it what had to be done first."""
    if not done or any(not attempt.locator for attempt in done):
        return None
    try:
        step = _rewritten(exact, done[-1])
        before = tuple(_first(attempt) for attempt in done[:-1])
        if made.verdict.changed:  # the step did its part, and something more had to be done
            before = (exact.step.model_copy(update={"expect": []}), *before)
    except (LocatorError, ValidationError, KeyError):
        return None
    if step is None:
        return None
    same = step == exact.step
    return (
        StepPatch(exact.here.path, None if same else step, before) if not same or before else None
    )


def _rewritten(exact: Exact, last: Attempt) -> Step | None:
    """The step with the element, and if need be the action, that worked.

    What the file granted is not granted to another element.
    """
    old = exact.step
    locator = _generalised(exact, parse_locator(last.locator))
    if locator is None:
        return None
    if old.tool == last.action["action"]:
        granted = old.approve == "granted" and locator != old.locators.get("ref")
        changes = {"ref": locator} | ({"approve": None} if granted else {})
        return old.model_copy(update=changes)
    action = parse_action(last.action)
    for name in ("text", "option"):
        template = getattr(old, "text", None) or getattr(old, "option", None)
        if getattr(action, name, None) is not None and template is not None:
            action = action.model_copy(update={name: template})
    keys = {name: getattr(old, name) for name in ("name", "when", "expect", "retry", "timeout")}
    usual = type(old).model_fields
    given = {name: value for name, value in keys.items() if value != usual[name].default}
    return ExactStep.of(action, {"ref": locator}, **given)


def _first(attempt: Attempt) -> Step:
    """A step to put before another one: done where its element is there at all."""
    locator = parse_locator(attempt.locator)
    when = [Visible(visible=locator)]
    return ExactStep.of(parse_action(attempt.action), {"ref": locator}, when=when)


def _generalised(exact: Exact, found: LocatorExpression) -> LocatorExpression | None:
    """A locator with templates where the old one had them; None if their values are not in it."""
    old = exact.step.locators.get("ref")
    names = {m.name for text in (old.texts() if old else ()) for m in mentions(text)}
    put: set[str] = set()

    def with_templates(text: str) -> str:
        for name in names:
            value = fill(f"{{{{ {name} }}}}", exact.here.values)
            if value and value in text:
                text = text.replace(value, f"{{{{ {name} }}}}")
                put.add(name)
        return text

    new = found.filled(with_templates)
    return new if put == names else None
