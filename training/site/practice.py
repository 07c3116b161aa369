"""Doing a task on the user's own site, and writing down what was asked and what was right.

Questions, history, verdicts and evidence are those of the loop: everything is really done in
the browser, but for the last click. What sends a form, and other buttons without `--act`, are
decided on and not pressed. A decision counts only if its action did its part, or if what came
in its way could not be known.
"""

import random

from agent.answers import Strategy
from agent.state import Reflection
from tools.actions.pointer import Click
from tools.causes import Cause, Verdict
from tools.dispatch import Outcome
from tools.observation import Element, Observation
from tools.reach import named
from tools.record import Action
from training import teacher
from training.acting import Acting, Remedy, uncovered
from training.conversation import Conversation
from training.site.faults import Fault, fault_at, lay_over
from training.site.lines import find, spot_of, view_of, widget_of
from training.site.tasks import Move, SiteTask
from training.site.visit import Visit
from training.wants import SEND

UNFINISHED = 0.3
"""The share of longer tasks in whose midst it is asked whether they are done."""

MENDS = 3
"""So often a step is mended before it is given up."""

_UNKNOWABLE = (Cause.COVERED, Cause.DETACHED)
"""What comes in the way of a decision that was right."""


class Walk:
    """One task, done once."""

    def __init__(self, visit: Visit, task: SiteTask, rng: random.Random) -> None:
        self._visit = visit
        self._task = task
        self._rng = rng
        self._acting = Acting(task.task, task.plan, self._look, Observation(url=task.url))
        self._covered = False  # by a dialog of ours
        asks = len(task.moves) > 1 and rng.random() < UNFINISHED
        self._asks_at = rng.randrange(len(task.moves)) if asks else -1

    async def run(self) -> list[Conversation]:
        """Do it as far as it can be done; the conversations that came of it."""
        task = self._task
        if await self._visit.open(task.url):
            return []
        self._acting.page = await self._look(None)
        self._acting.planned(teacher.planned(task.wants))
        for step, move in enumerate(task.moves):
            if not await self._do(step, move):
                return self._acting.made
        if task.send:
            self._send(len(task.moves))
        else:
            self._finish()
        return self._acting.made

    @property
    def _page(self) -> Observation:
        """The newest look."""
        return self._acting.page

    async def _do(self, step: int, move: Move) -> bool:
        """Whether the step was done, at the first try or after a reflection."""
        element = find(self._page, move.target)
        if element is None or spot_of(move, element).done:
            return False
        if step == self._asks_at:
            answer = teacher.unfinished(view_of(self._page), widget_of(element))
            self._acting.finished(answer)
        if move.action == "click" and not move.follows and not self._may_press(element):
            self._acting.tell(self._acting.decision(step), self._act(move, element))
            return False
        verdict = await self._first_try(step, move, element)
        for _ in range(MENDS):
            remedy = None if verdict.ok else self._remedy(move, verdict)
            if remedy is None:
                break
            mended = await self._mend(step, move, remedy)
            element = find(self._page, move.target)
            if not mended or not remedy.closer or element is None:
                return mended
            verdict = await self._decide(step, move, self._act(move, element))
        return verdict.ok

    async def _first_try(self, step: int, move: Move, element: Element) -> Verdict:
        rng = self._rng
        gone = bool(move.second) and rng.random() < 0.5
        if gone or "disabled" in element.states:
            return await self._attempt(step, move, self._act(move, element, second=not gone))
        fault: Fault = "none"
        if rng.random() < self._visit.options.trouble:
            fault = rng.choice(("cover", "gone"))
        self._covered = fault == "cover"
        if fault == "cover" and rng.random() < 0.5:  # seen, and not heeded
            await lay_over(self._visit.session.page, rng)
            await self._acting.look_again()
            covered = find(self._page, move.target)
            if covered is None:
                return Verdict(cause=Cause.NOT_FOUND)
            return await self._attempt(step, move, self._act(move, covered))
        return await self._decide(step, move, self._act(move, element), fault=fault)

    # --- when it went wrong

    def _remedy(self, move: Move, verdict: Verdict) -> Remedy | None:
        """What to do about a failure; None if we do not know."""
        view, evidence = view_of(self._page), verdict.evidence
        element = find(self._page, move.target)
        if verdict.cause is Cause.COVERED and (way := uncovered(self._page, evidence)):
            return way
        if element is None:
            return None
        other, widget = Strategy.RETRY_DIFFERENTLY, widget_of(element)
        text = move.second or move.text
        advice = f"{named(element)}: {text}" if text else named(element)
        if verdict.cause is Cause.DISABLED and move.second:
            insight = f"The value {move.text} cannot be had, so {move.second}"
        elif verdict.cause is Cause.DISABLED:
            question = f"{named(element)} is disabled. What shall I do instead?"
            return Remedy(Strategy.ASK_USER, question, f"{named(element)} cannot be changed")
        elif verdict.cause is Cause.DETACHED:
            insight = f"Once more {named(element)}"
        else:
            return None
        answer = teacher.advised(view, other, widget, move.action, text, completes=True)
        return Remedy(other, advice, insight, answer)

    async def _mend(self, step: int, move: Move, remedy: Remedy) -> bool:
        """Reflect, and do what the reflection advises; whether that worked."""
        reflection = self._acting.reflected(step, remedy)
        if not remedy.answer:
            return False
        if remedy.closer and not self._covered and not self._may_press(remedy.closer):
            self._acting.tell(self._acting.decision(step, reflection), remedy.answer)
            return False
        return (await self._decide(step, move, remedy.answer, reflection=reflection)).ok

    # --- decisions and actions

    async def _decide(
        self,
        step: int,
        move: Move,
        answer: str,
        *,
        fault: Fault = "none",
        reflection: Reflection | None = None,
    ) -> Verdict:
        """Take the action of an answer; it is a right one if the action did its part."""
        prompt = self._acting.decision(step, reflection)
        verdict = await self._attempt(step, move, answer, fault)
        if verdict.ok or verdict.cause in _UNKNOWABLE:
            self._acting.tell(prompt, answer)
        return verdict

    async def _attempt(self, step: int, move: Move, answer: str, fault: Fault = "none") -> Verdict:
        """Take the action of an answer, while the fault lasts."""

        async def act(action: Action, page: Observation) -> Outcome:
            element = page.element(getattr(action, "ref", ""))
            assert element is not None, "the answer is about this page"
            follows = move.follows and element == find(page, move.target)
            async with fault_at(self._visit.session.page, element.target, fault, self._rng):
                return await self._visit.act(action, page, follows=follows)

        return await self._acting.attempt(step, answer, act)

    def _act(self, move: Move, element: Element, *, second: bool = True) -> str:
        """The decision for a step; without `second` as if the first choice could be had."""
        spot = spot_of(move, element)
        if not second:
            spot.second = ""
        return teacher.act(view_of(self._page), spot)

    def _may_press(self, element: Element) -> bool:
        """Whether a button may really be pressed."""
        click = Click(ref=f"[{element.ref}]")
        return self._visit.options.act and self._visit.harmless(click, element, self._page)

    async def _look(self, previous: Observation | None) -> Observation:
        return await self._visit.look(previous=previous, focus=self._task.task)

    # --- the end

    def _send(self, step: int) -> None:
        """The button that would send it is decided on, and left alone."""
        button = find(self._page, self._task.send) if self._task.send else None
        if button is not None and "disabled" not in button.states:
            answer = teacher.go_on(view_of(self._page), SEND, widget_of(button))
            self._acting.tell(self._acting.decision(step), answer)

    def _finish(self) -> None:
        """The page shows that all is done: by the last field, or as the page that a link opened."""
        last = self._task.moves[-1]
        shown = [e for e in self._page.elements if e.ref in self._page.shown]
        proof = find(self._page, last.target)
        if last.action == "click":
            proof = next((e for e in shown if e.role == "heading"), None)
        if proof is not None:
            answer = teacher.finished(view_of(self._page), widget_of(proof))
            self._acting.finished(answer)
