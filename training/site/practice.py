"""Doing a task on the user's own site, and writing down what was asked and what was right.

Questions, history, verdicts and evidence are those of the loop: everything is really done in
the browser, but for the last click. What sends a form, and other buttons without `--act`, are
decided on and not pressed. A decision counts only if its action did its part, or if what came
in its way could not be known.
"""

import random
from dataclasses import dataclass

from agent.answers import Strategy
from agent.context import decide_prompt, finish_prompt, plan_prompt, reflect_prompt
from agent.state import Attempt, Reflection
from tools.actions.pointer import Click
from tools.causes import Cause, Verdict
from tools.dispatch import parse_action
from tools.observation import Element, Observation
from tools.reach import named
from tools.verdict import judge
from training import teacher
from training.conversation import Conversation, Turn
from training.evaluate import output_of
from training.site.faults import Fault, fault_at, lay_over
from training.site.lines import closer_of, find, spot_of, view_of, widget_of
from training.site.tasks import Move, SiteTask
from training.site.visit import Visit
from training.wants import SEND

UNFINISHED = 0.3
"""The share of longer tasks in whose midst it is asked whether they are done."""

MENDS = 3
"""So often a step is mended before it is given up."""

_UNKNOWABLE = (Cause.COVERED, Cause.DETACHED)
"""What comes in the way of a decision that was right."""


@dataclass(frozen=True)
class _Remedy:
    """What a reflection advises, and the decision that does it; no answer: the user is asked.

    After a `closer` took a cover away, the step is still to be done.
    """

    strategy: Strategy
    advice: str
    insight: str
    answer: str = ""
    closer: Element | None = None


class Walk:
    """One task, done once."""

    def __init__(self, visit: Visit, task: SiteTask, rng: random.Random) -> None:
        self.made: list[Conversation] = []
        self._visit = visit
        self._task = task
        self._rng = rng
        self._attempts: list[Attempt] = []
        self._page = Observation(url=task.url)
        self._covered = False  # by a dialog of ours
        asks = len(task.moves) > 1 and rng.random() < UNFINISHED
        self._asks_at = rng.randrange(len(task.moves)) if asks else -1

    async def run(self) -> list[Conversation]:
        """Do it as far as it can be done; the conversations that came of it."""
        task = self._task
        if await self._visit.open(task.url):
            return []
        self._page = await self._visit.look(focus=task.task)
        self._tell(plan_prompt(task.task, self._page).user, teacher.planned(task.wants))
        for step, move in enumerate(task.moves):
            if not await self._do(step, move):
                return self.made
        if task.send:
            self._send(len(task.moves))
        else:
            self._finish()
        return self.made

    async def _do(self, step: int, move: Move) -> bool:
        """Whether the step was done, at the first try or after a reflection."""
        element = find(self._page, move.target)
        if element is None or spot_of(move, element).done:
            return False
        if step == self._asks_at:
            answer = teacher.unfinished(view_of(self._page), widget_of(element))
            self._tell(self._done_prompt(), answer)
        if move.action == "click" and not move.follows and not self._may_press(element):
            self._tell(self._decide_prompt(step), self._act(move, element))
            return False
        verdict = await self._first_try(step, move, element)
        for _ in range(MENDS):
            remedy = None if verdict.ok else self._remedy(move, verdict)
            if remedy is None:
                break
            mended = await self._mend(step, move, verdict, remedy)
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
            await self._look_again()
            covered = find(self._page, move.target)
            if covered is None:
                return Verdict(cause=Cause.NOT_FOUND)
            return await self._attempt(step, move, self._act(move, covered))
        return await self._decide(step, move, self._act(move, element), fault=fault)

    # --- when it went wrong

    def _remedy(self, move: Move, verdict: Verdict) -> _Remedy | None:
        """What to do about a failure; None if we do not know."""
        view, evidence = view_of(self._page), verdict.evidence
        element = find(self._page, move.target)
        if verdict.cause is Cause.COVERED and (closer := closer_of(self._page, evidence)):
            first = Strategy.DO_SOMETHING_FIRST
            answer = teacher.advised(view, first, widget_of(closer), "click", completes=False)
            cover = evidence.removesuffix(" covers it")
            insight = f"Close {cover} first: {named(closer)}"
            return _Remedy(first, named(closer), insight, answer, closer)
        if element is None:
            return None
        other, widget = Strategy.RETRY_DIFFERENTLY, widget_of(element)
        text = move.second or move.text
        advice = f"{named(element)}: {text}" if text else named(element)
        if verdict.cause is Cause.DISABLED and move.second:
            insight = f"The value {move.text} cannot be had, so {move.second}"
        elif verdict.cause is Cause.DISABLED:
            question = f"{named(element)} is disabled. What shall I do instead?"
            return _Remedy(Strategy.ASK_USER, question, f"{named(element)} cannot be changed")
        elif verdict.cause is Cause.DETACHED:
            insight = f"Once more {named(element)}"
        else:
            return None
        answer = teacher.advised(view, other, widget, move.action, text, completes=True)
        return _Remedy(other, advice, insight, answer)

    async def _mend(self, step: int, move: Move, verdict: Verdict, remedy: _Remedy) -> bool:
        """Reflect, and do what the reflection advises; whether that worked."""
        evidence = verdict.evidence or verdict.line()
        task, plan = self._task.task, self._task.plan
        self._tell(
            reflect_prompt(task, plan, step, self._attempts, self._page).user,
            teacher.reflected(evidence, remedy.insight, remedy.strategy, remedy.advice),
        )
        if not remedy.answer:
            return False
        reflection = Reflection(
            attempt=len(self._attempts),
            diagnosis=teacher.diagnosis(evidence),
            strategy=remedy.strategy,
            advice=remedy.advice,
        )
        if remedy.closer and not self._covered and not self._may_press(remedy.closer):
            self._tell(self._decide_prompt(step, reflection), remedy.answer)
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
        prompt = self._decide_prompt(step, reflection)
        verdict = await self._attempt(step, move, answer, fault)
        if verdict.ok or verdict.cause in _UNKNOWABLE:
            self._tell(prompt, answer)
        return verdict

    async def _attempt(self, step: int, move: Move, answer: str, fault: Fault = "none") -> Verdict:
        """Take the action of an answer, and judge it as the loop does."""
        (raw,) = output_of(answer)["actions"]
        action, before = parse_action(raw), self._page
        element = before.element(raw["ref"])
        assert element is not None, "the answer is about this page"
        follows = move.follows and element == find(before, move.target)
        async with fault_at(self._visit.session.page, element.target, fault, self._rng):
            outcome = await self._visit.act(action, before, follows=follows)
        await self._look_again()
        verdict = judge(action, outcome, before, self._page)
        self._attempts.append(
            Attempt(
                number=len(self._attempts) + 1,
                step=step,
                action=raw,
                said=action.said_on(before),
                page=before.fingerprint,
                verdict=verdict,
            )
        )
        return verdict

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

    async def _look_again(self) -> None:
        self._page = await self._visit.look(previous=self._page, focus=self._task.task)

    # --- the end

    def _send(self, step: int) -> None:
        """The button that would send it is decided on, and left alone."""
        button = find(self._page, self._task.send) if self._task.send else None
        if button is not None and "disabled" not in button.states:
            answer = teacher.go_on(view_of(self._page), SEND, widget_of(button))
            self._tell(self._decide_prompt(step), answer)

    def _finish(self) -> None:
        """The page shows that all is done: by the last field, or as the page that a link opened."""
        last = self._task.moves[-1]
        shown = [e for e in self._page.elements if e.ref in self._page.shown]
        proof = find(self._page, last.target)
        if last.action == "click":
            proof = next((e for e in shown if e.role == "heading"), None)
        if proof is not None:
            answer = teacher.finished(view_of(self._page), widget_of(proof))
            self._tell(self._done_prompt(), answer)

    # --- what is asked

    def _decide_prompt(self, step: int, reflection: Reflection | None = None) -> str:
        task, plan = self._task.task, self._task.plan
        return decide_prompt(task, plan, step, self._attempts, self._page, reflection).user

    def _done_prompt(self) -> str:
        task, plan = self._task.task, self._task.plan
        return finish_prompt(task, plan, self._attempts, self._page).user

    def _tell(self, prompt: str, answer: str) -> None:
        self.made.append((Turn("user", prompt), Turn("assistant", answer)))
