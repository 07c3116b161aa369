"""Back to where an interrupted run was: what was under way, and what the reopened page has lost.

The rules are those of `agent.recovery`, for steps that know their elements: an action whose
request was sent is never simply taken again, and what a form held is put in again only if the
form is empty.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath
from typing import Literal

from playwright.async_api import Error

from agent.approve import QuestionRequest
from agent.drive import after_hold, ask_user, waiting
from agent.gate import LookAgain
from agent.journal import Trail
from agent.nodes.observe import PATIENCE
from agent.recovery import CUT_OFF
from agent.state import Attempt, Intent
from tasks.workflow.act import Exact
from tasks.workflow.exact import ExactStep
from tasks.workflow.holds import Holds
from tasks.workflow.ledger import Entry
from tasks.workflow.place import Place
from tasks.workflow.scene import Scene, Stop, failed
from tasks.workflow.step import Step
from tasks.workflow.steps import Do
from tools.actions.navigate import Navigate
from tools.causes import Cause, Verdict
from tools.changes import address
from tools.dispatch import perform
from tools.glimpse import NotOne, glimpse
from tools.observation import Element, Observation
from tools.observe import shown_url
from tools.settle import settle
from tools.verdict import same_value, shown_value

Became = Literal["done", "not done", "in doubt"]
"""What became of an action that was under way."""

_HOLDING = frozenset({"fill", "type", "select", "check", "upload"})


@dataclass(frozen=True)
class Passed:
    """A step that is done; `line` is its line of the plan."""

    step: Step
    place: Place
    line: int
    entry: Entry


@dataclass
class Return:
    """Gets a new browser to where the run was. `passed` are the steps that were done."""

    scene: Scene
    passed: Sequence[Passed]
    holds: Callable[[Place], Holds]

    async def to(self, step: Step, here: Place) -> list[Passed]:
        """Open the page that the run was on, before `step`, the first that is not done.

        What was under way is written down as done, or as not done. The steps that come back are
        to be done again, because the page has lost them. Raises Stop where only the user knows,
        and nobody is there.
        """
        live, intent = self.scene.live, self.scene.ledger.intent
        trail = live.journal.read(intent.number if intent else 0)
        await self._open(trail)
        if intent and self.scene.ledger.under_way == here.at and isinstance(step, ExactStep):
            await self._settle(step, here, intent, trail)
            if here.at in self.scene.ledger.ended:
                return []
        lost = await self._lost(step, here)
        for each in lost:
            self.scene.lost(each.place.at, each.line, "the page that was opened again lost it")
        return lost

    async def _open(self, trail: Trail) -> None:
        live = self.scene.live
        url = trail.page or live.settings.url
        if not url or live.session.page.url != "about:blank":
            return  # a browser that keeps its tabs stays where it is
        outcome = await perform(Navigate(url=url), live.hands(Observation(url="about:blank")))
        live.session.check()
        if outcome.cause is not None:
            raise failed(f"{url} cannot be opened again: {outcome.evidence}.")

    async def _settle(self, step: ExactStep, here: Place, intent: Intent, trail: Trail) -> None:
        became, why = await self._became(step, here, intent, trail)
        session = self.scene.live.session
        while became == "in doubt" and not trail.answered:
            if time.time() >= trail.sent_at + PATIENCE:
                break
            await session.page.reload()  # the site may still be working on it
            await settle(session)
            became, why = await self._became(step, here, intent, trail)
        if became == "in doubt":
            became, why = await self._asked(intent)
        self._write(here, intent, became, why, trail.sent)

    async def _became(
        self, step: ExactStep, here: Place, intent: Intent, trail: Trail
    ) -> tuple[Became, str]:
        """What became of the action, as far as the journal and the page tell."""
        if intent.effect in ("read", "navigate", "talk"):
            return "not done", "it is simply done again"
        live = self.scene.live
        there = shown_url(trail.page, live.secrets.redact)
        moved = bool(there) and bool(intent.url) and address(there) != address(intent.url)
        if not trail.sent and (intent.effect == "commit" or not moved):
            return "not done", "nothing had left the browser"
        if trail.refused:
            return "not done", f"the site refused its request ({trail.status})"
        if step.expect and not await self.holds(here).missing(step.expect):
            return "done", self.holds(here).said(step.expect[0])
        if trail.status >= 400:
            return "in doubt", ""
        if moved and not step.expect:
            return "done", f"the site went on to {live.session.page.url}"
        if not step.expect and await self._gone(step, here):
            return "done", f"the page no longer offers {intent.said.partition(' ')[2]}"
        if trail.answered and intent.effect != "commit" and not step.expect:
            return "done", f"the site answered {trail.status}"
        return ("in doubt", "") if trail.sent else ("not done", "the page is not as expected")

    async def _gone(self, step: ExactStep, here: Place) -> bool:
        chain = Exact(step, here).locators().get("ref")
        if chain is None:
            return False
        try:
            return await chain.to_playwright(self.scene.live.session.page).count() == 0
        except Error:
            return False

    async def _asked(self, intent: Intent) -> tuple[Became, str]:
        question = (
            f"The run was cut off just after “{intent.said}” was sent to {intent.url}, and the "
            "page does not show whether it took effect. Did it take effect (yes or no)?"
        )
        request = QuestionRequest(question=question, choices=["yes", "no"])
        asking = partial(ask_user, request, self.scene.live, self.scene.approver)
        try:
            answer = await self.scene.live.gate.passed("ask", asking)
        except LookAgain as held:
            after_hold(self.scene.live, held)
            return await self._asked(intent)
        if answer is None:
            raise Stop(waiting(request))
        if str(answer).strip().casefold().startswith("n"):
            return "not done", "the user says that it did not take effect"
        return "done", "the user says that it took effect"

    def _write(self, here: Place, intent: Intent, became: Became, why: str, sent: bool) -> None:
        """Write down what became of it, so that nobody asks again."""
        done = became == "done"
        evidence = f"{CUT_OFF}, but {why}" if done else f"{CUT_OFF}; {why}"
        verdict = Verdict(cause=None if done else Cause.BROWSER_GONE, evidence=evidence)
        made = Attempt(
            step=self.scene.step,
            verdict=verdict,
            sent=sent and done,
            commit=intent.effect == "commit",
            unknown=True,
            **intent.model_dump(exclude={"effect"}),
        )
        self.scene.ledger.write(Entry(kind="attempt", at=here.at, attempt=made))
        if done:
            url = self.scene.live.secrets.redact(self.scene.live.session.page.url)
            entry = Entry(kind="done", at=here.at, shown=evidence, sent=True, url=url)
            self.scene.ledger.write(entry)

    async def _lost(self, step: Step, here: Place) -> list[Passed]:
        """The steps done on this page since it was opened, from the first that it has lost."""
        tail = self._on_this_page()
        if not tail or not self._is_here(tail[-1]):
            return []
        first = None
        for index, each in enumerate(tail):
            if await self._holds(each) is False:
                first = index
                break
        if first is None and isinstance(step, ExactStep) and await self._gone(step, here):
            unsure = [i for i, each in enumerate(tail) if await self._holds(each) is None]
            first = unsure[0] if unsure else None
        if first is None:
            return []
        return [each for each in tail[first:] if isinstance(each.step, ExactStep | Do)]

    def _on_this_page(self) -> list[Passed]:
        """What was done last without any request that may change something, or another page."""
        tail: list[Passed] = []
        for index in range(len(self.passed) - 1, -1, -1):
            each = self.passed[index]
            if each.entry.kind == "skipped":
                continue
            start = self.scene.live.settings.url
            before = self.passed[index - 1].entry.url if index else start
            navigates = isinstance(each.step, ExactStep) and each.step.tool == "navigate"
            if each.entry.sent or navigates or address(before) != address(each.entry.url):
                break
            tail.insert(0, each)
        return tail

    def _is_here(self, last: Passed) -> bool:
        here = self.scene.live.secrets.redact(self.scene.live.session.page.url)
        return address(here) == address(last.entry.url)

    async def _holds(self, done: Passed) -> bool | None:
        """Whether the page still has what a step did; None if it does not tell."""
        step, place = done.step, done.place
        if isinstance(step, ExactStep) and step.tool in _HOLDING:
            return await self._filled_in(step, place)
        if step.expect:
            return not await self.holds(place).missing(step.expect)
        return None if isinstance(step, ExactStep | Do) else True

    async def _filled_in(self, step: ExactStep, place: Place) -> bool:
        live = self.scene.live
        exact = Exact(step, place)
        locator = exact.locators()["ref"].to_playwright(live.session.page)
        try:
            seen = await glimpse(live.session, {"e1": locator}, live.secrets.redact)
        except (NotOne, Error):
            return False
        action = exact.action(self.scene.secrets)
        return bool(seen.page.elements) and _as_left(action.model_dump(), seen.page.elements[0])


def _as_left(action: dict[str, object], element: Element) -> bool:
    """Whether a field is as this action left it."""
    if action["action"] == "check":
        return ("checked" in element.states) == bool(action["checked"])
    value = shown_value(element) or ""
    if action["action"] == "type":
        return bool(value)
    if action["action"] == "upload":
        return value == PurePath(str(action["path"])).name
    return same_value(str(action.get("option") or action.get("text") or ""), value)
