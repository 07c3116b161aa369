"""One exact step, tried once: found by its locator, allowed, taken, judged. No model is asked."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from playwright.async_api import Error, Locator
from pydantic import ValidationError

from agent.attempts import attempt_of
from agent.drive import after_hold
from agent.events import ActionTaken, Judged
from agent.gate import LookAgain
from agent.look import keep_storage
from agent.loops import key_of, shape_of, target_of
from agent.nodes.act import COMMIT_SECONDS
from agent.state import Attempt, Intent
from tasks.workflow.allow import Allowed, allow, would_commit
from tasks.workflow.exact import ExactStep
from tasks.workflow.holds import Holds
from tasks.workflow.ledger import Entry
from tasks.workflow.locator import LocatorExpression
from tasks.workflow.place import Place
from tasks.workflow.scene import Scene, failed
from tasks.workflow.sentences import sentence
from tasks.workflow.templates import TemplateError, filler
from tools.causes import Cause, Verdict
from tools.dispatch import Hands, Outcome, perform
from tools.errors import BrowserGone
from tools.glimpse import Glimpse, NotOne, glimpse, glimpse_again
from tools.observation import Element
from tools.record import REGISTRY, Action
from tools.settle import settle
from tools.verdict import judge

FIND_S = 5.0
"""So long an element is waited for where the step does not say otherwise."""
FREE_S = 3.0
"""So long one that is there may stay covered, hidden or disabled."""
HURRIED_S = 0.5
POLL_S = (0.005, 0.01, 0.02, 0.05)
"""So long nothing is looked for again while no request of the page begins or ends; the last
number again and again."""
EXPECT_S = 5.0
"""So long what a step expects is waited for."""
_FRAMES = frozenset({"frame_locator", "content_frame"})
_REFS = {"ref": "e1", "to": "e2"}


@dataclass(frozen=True)
class Exact:
    """An exact step at its place in the run, which has the values for its templates.

    `hurried`: it is known to have failed before, and is looked for only for a moment.
    """

    step: ExactStep
    here: Place
    hurried: bool = False

    def locators(self) -> dict[str, LocatorExpression]:
        """Its locators with templates filled, by the argument that they stand for."""
        fill = filler(self.here.values)
        return {name: found.filled(fill) for name, found in self.step.locators.items()}

    def action(self, secrets: Sequence[str]) -> Action:
        """The action, its refs those of the glimpse."""
        refs = {name: f"[{_REFS[name]}]" for name in self.step.locators}
        return self.step.action(self.here.values, secrets, **refs)

    def seconds(self, usual: float) -> float:
        """How long something about it may take."""
        return self.here.seconds(self.step, usual)

    def patience(self, usual: float) -> float:
        """How long its elements are waited for."""
        return min(self.seconds(usual), HURRIED_S) if self.hurried else self.seconds(usual)


@dataclass
class _Try:
    """What is known of one try while it goes on."""

    scene: Scene
    exact: Exact
    action: Action
    found: Mapping[str, Locator] = field(default_factory=dict)

    @property
    def framed(self) -> bool:
        chains = self.exact.step.locators.values()
        return any(part.name in _FRAMES for chain in chains for part in chain.parts)

    def redact(self, text: str) -> str:
        """The text with secrets by name only."""
        return self.scene.live.secrets.redact(text)

    @property
    def locator(self) -> str:
        """The locator that the step has now, for the record."""
        first = self.exact.locators().get("ref")
        return self.redact(str(first)) if first else ""


async def attempt(scene: Scene, exact: Exact) -> Attempt:
    """Try the step once, and see whether what it expects is so afterwards.

    The attempt is in the ledger and told to who watches. Raises Stop where the user must be
    asked and nobody is there, and BrowserGone.
    """
    while True:
        try:
            return await _attempt(scene, exact)
        except LookAgain as held:  # it was asked about as it stood before
            after_hold(scene.live, held)


async def _attempt(scene: Scene, exact: Exact) -> Attempt:
    this = _begun(scene, exact)
    try:
        before = await _find(this)
    except _NotThere as missing:
        commits = would_commit(exact.step, this.action)
        intent = _intent(this, None, "commit" if commits else "input")
        return _end(this, intent, Verdict(cause=missing.cause, evidence=missing.evidence))
    allowed = await allow(scene, exact.step, this.action, before, this.found)
    intent = _intent(this, before, allowed.effect)
    if allowed.refused:
        verdict = Verdict(cause=Cause.BLOCKED_BY_POLICY, evidence=allowed.refused)
        return _end(this, intent, verdict)
    with scene.live.gate.busy():
        url = scene.live.session.page.url
        outcome, sent = await _take(this, intent, before, allowed)
        verdict, _ = await asyncio.gather(_judged(this, before, outcome), _kept(this, url))
        return _end(this, intent, verdict, sent=sent)


class _NotThere(Exception):
    """The step's element cannot be acted on, whatever is waited for."""

    def __init__(self, cause: Cause, evidence: str) -> None:
        super().__init__(evidence)
        self.cause, self.evidence = cause, evidence


def _begun(scene: Scene, exact: Exact) -> _Try:
    try:
        action = exact.action(scene.secrets)
        chains = exact.locators()
    except TemplateError as error:
        raise failed(f"{exact.step.said()}: {error}.") from error
    except ValidationError as error:
        raise failed(f"{exact.step.said()}: {sentence(error.errors()[0])}.") from error
    page = scene.live.session.page
    found = {_REFS[name]: chain.to_playwright(page) for name, chain in chains.items()}
    return _Try(scene, exact, action, found)


async def _find(this: _Try) -> Glimpse:
    """The step's elements, once they are there and a pointer gets to them. Raises _NotThere."""
    began = time.monotonic()
    found_by, free_by = began + this.exact.patience(FIND_S), began + this.exact.patience(FREE_S)
    session = this.scene.live.session
    for number in count():
        missing: Exception | None = None
        try:
            seen = await _glimpse(this)
        except (NotOne, Error) as error:
            session.check()
            missing = error
        else:
            state = seen.reach.state if seen.reach else "free"
            if state in ("free", "label") or time.monotonic() >= free_by:
                return seen
        if missing is not None and time.monotonic() >= found_by:
            raise _why_not(this, missing) from missing
        await session.unless_dialog(session.activity.change(POLL_S[min(number, 3)]))
    raise AssertionError("it goes on until it is found or its time is up")


async def _glimpse(this: _Try) -> Glimpse:
    session = this.scene.live.session
    looked: list[Glimpse] = []

    async def look() -> None:
        looked.append(await glimpse(session, this.found, this.redact, framed=this.framed))

    if await session.unless_dialog(look()):
        return looked[0]
    return await glimpse(session, {}, this.redact)  # behind a box nothing is seen


def _why_not(this: _Try, missing: Exception) -> _NotThere:
    """Which element is not there, or is not the only one."""
    if not isinstance(missing, NotOne):
        return _NotThere(Cause.TIMEOUT, "the page does not answer")
    name = next(name for name, ref in _REFS.items() if ref == missing.ref)
    chain = this.exact.locators()[name]
    if missing.count:
        told = f"{missing.count} elements fit {this.redact(str(chain))}, not one"
        return _NotThere(Cause.NOT_FOUND, told)
    return _NotThere(Cause.NOT_FOUND, f"no {this.redact(chain.said())} on the page")


async def _take(
    this: _Try, intent: Intent, before: Glimpse, allowed: Allowed
) -> tuple[Outcome, bool]:
    """Take the action, its intent written first; and whether a request that may change something
    left the browser."""
    live, ledger = this.scene.live, this.scene.ledger
    commits = allowed.effect == "commit"
    ledger.write(Entry(kind="begun", at=this.exact.here.at, intent=intent))
    if commits:
        ledger.sync()
    said = ActionTaken(
        number=intent.number, step=this.scene.step, said=intent.said, effect=intent.effect
    )
    live.emit(said)
    live.journal.begin(intent.number)
    live.refused.clear()
    quick = before.reach is None or before.reach.state == "free"
    hands = Hands(
        live.session, before.page, live.secrets, live.policy, this.found, quick and not this.framed
    )
    async with live.journal.held() if commits else nullcontext():
        outcome = await perform(this.action, hands)
        if commits and await live.journal.answers(COMMIT_SECONDS):
            await settle(live.session, quiet=not hands.quick)
    if outcome.cause is Cause.BROWSER_GONE:
        raise BrowserGone(outcome.evidence)
    sent = live.journal.sent and not live.journal.read(intent.number).refused
    return outcome, sent


async def _kept(this: _Try, url: str) -> None:
    """Keep the session's cookies before what was done counts: without them it is lost."""
    live = this.scene.live
    if live.journal.sent or live.session.page.url != url:
        await keep_storage(live)


async def _judged(this: _Try, before: Glimpse, outcome: Outcome) -> Verdict:
    """The verdict on the action: what became of the page, and whether that is as expected."""
    verdict = await _seen(this, before, outcome)
    if verdict.ok or (verdict.cause is Cause.NO_EFFECT and this.exact.step.expect):
        return await _as_expected(this, verdict)
    return verdict


async def _seen(this: _Try, before: Glimpse, outcome: Outcome) -> Verdict:
    """The verdict as far as the page was seen before and after the action."""
    session = this.scene.live.session
    after = await glimpse_again(session, before, this.redact)
    verdict = judge(this.action, outcome, before.page, after.page)
    if verdict.cause is Cause.NO_EFFECT and not before.moved(after):
        await settle(session)  # what it did may come late; then it is looked for once more
        after = await glimpse_again(session, before, this.redact)
        verdict = judge(this.action, outcome, before.page, after.page)
    silent = verdict.cause is Cause.NO_EFFECT and not outcome.cause
    if silent and before.moved(after) and not _refused(after):
        verdict = Verdict(evidence="the page changed")
    refused = this.scene.live.refused
    if refused and after.page.url == before.page.url:
        return Verdict(cause=Cause.BLOCKED_BY_POLICY, evidence=refused[0].reason)
    return verdict


def why_failed(made: Attempt) -> str:
    """Cause and evidence of a failed attempt, as a person reads them."""
    verdict = made.verdict
    cause = verdict.cause.value.replace("_", " ") if verdict.cause else "it is not enough"
    return f"{cause}: {verdict.evidence}" if verdict.evidence else cause


def may_repeat(made: Attempt) -> bool:
    """Whether a step that failed so may be tried again without doing anything twice."""
    return not (made.commit and made.sent) and made.verdict.cause is not Cause.BLOCKED_BY_POLICY


def _refused(after: Glimpse) -> bool:
    return any(line.role == "alert" for line in after.page.elements)


async def _as_expected(this: _Try, verdict: Verdict) -> Verdict:
    """The verdict, once it is clear whether what the step expects is so."""
    live, exact = this.scene.live, this.exact
    if not exact.step.expect:
        return verdict
    holds = Holds(live.session, exact.here.values, live.secrets.redact)
    try:
        missing = await holds.until(exact.step.expect, exact.seconds(EXPECT_S))
    except TemplateError as error:
        raise failed(f"{exact.step.said()}: {error}.") from error
    if missing:
        told = f"{verdict.evidence}; but it is not so that {missing}".lstrip("; ")
        acted = verdict.changed or ["~ the page"] if verdict.ok else []
        return Verdict(cause=verdict.cause or Cause.NO_EFFECT, evidence=told, changed=acted)
    if verdict.ok and verdict.evidence:
        return verdict
    return Verdict(evidence=holds.said(exact.step.expect[0]), changed=verdict.changed)


def _intent(this: _Try, before: Glimpse | None, effect: str) -> Intent:
    raw = this.action.model_dump(mode="json", exclude_defaults=True) | {
        "action": this.action.action
    }
    page = before.page if before else None
    tool = REGISTRY[this.action.action]
    return Intent(
        number=len(this.scene.attempts) + 1,
        action=raw,
        said=this.redact(_said(this, before)),
        effect="commit" if effect == "commit" else tool.effect,
        page=page.fingerprint if page else "",
        key=key_of(raw, page) if page else "",
        shape=shape_of(page) if page else "",
        url=page.url if page else "",
        target=target_of(raw, page) if page else None,
    )


def _said(this: _Try, before: Glimpse | None) -> str:
    """The action in words, with what it was found as, or else by what it is looked for."""
    if before is not None:
        return this.action.said_on(before.page)
    action: Any = this.action
    chains = this.exact.locators().values()
    return str(action.said(*(Element(role="", name=chain.said()) for chain in chains)))


def _end(this: _Try, intent: Intent, verdict: Verdict, *, sent: bool = False) -> Attempt:
    """The attempt, written down and told."""
    made = attempt_of(intent, this.scene.step, verdict, locator=this.locator, sent=sent)
    this.scene.ledger.write(Entry(kind="attempt", at=this.exact.here.at, attempt=made))
    this.scene.live.emit(Judged(**made.model_dump(include=set(Judged.model_fields))))
    return made
