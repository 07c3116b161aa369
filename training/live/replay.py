"""The teacher does a live task in a real browser; what goes wrong there has really gone wrong.

A cover is laid over the page, an element is taken away, a click is swallowed, a wrong tab is
opened on purpose. What is asked on the way is written down with the right answer, and kept if
the page's own check says in the end that the task is done.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Route

from agent.answers import Strategy
from agent.model.tokens import TokenCounter
from agent.state import Reflection
from tools.causes import Cause, Verdict
from tools.dispatch import Hands, Outcome, perform
from tools.observation import Element, Observation
from tools.observe import observe
from tools.policy import Policy
from tools.reach import named
from tools.record import Action
from tools.secrets import Secrets
from tools.session import Session
from training import teacher
from training.acting import Acting, Remedy, uncovered
from training.conversation import Conversation
from training.evaluate import output_of
from training.live.document import STANDS, document
from training.live.sight import view_on
from training.live.task import Act, LiveTask
from training.pages import View
from training.site.faults import Fault, fault_at, lay_over
from training.site.lines import view_of, widget_of

PAGE_TOKENS = 3000
"""Of a page in a prompt, about as many as the bundled model is shown."""

UNFINISHED = 0.08
"""The share of decisions before which it is asked whether the task is done."""

MENDS = 4
"""So often a decision is mended before the task is given up."""

_PASSING = (Cause.DETACHED, Cause.NO_EFFECT, Cause.NOT_VISIBLE, Cause.TIMEOUT, Cause.WRONG_VALUE)
"""What may have passed when the same is done again."""


class Stuck(Exception):
    """The teacher cannot go on; says why."""


@dataclass(frozen=True)
class Replayed:
    """What came of a task: its conversations, none if it is not `kept`, and `why` not."""

    made: tuple[Conversation, ...]
    why: str = ""

    @property
    def kept(self) -> bool:
        """Whether the page said that the task is done."""
        return not self.why


class Player:
    """The teacher at one browser window. `trouble` is the share of decisions that meet some."""

    def __init__(self, session: Session, trouble: float) -> None:
        self._session, self._trouble = session, trouble
        self._count = TokenCounter().count
        self._html = ""

    async def ready(self) -> None:
        """Nothing but the page at hand is loaded, whatever its address."""
        await self._session.context.route("**/*", self._answer)

    async def play(self, task: LiveTask, rng: random.Random) -> Replayed:
        """Do a task from its beginning to its end."""
        self._html = document(task)
        play = _Play(self, task, rng)
        try:
            await self._session.page.goto(task.page.url)
            await play.run()
            stands = await self._session.page.evaluate(STANDS)
        except KeyError:
            return Replayed((), "a line that the answer is about is not shown")
        except Stuck as stuck:
            return Replayed((), str(stuck))
        except PlaywrightError as error:  # a busy machine, mostly
            return Replayed((), str(error).splitlines()[0][:60])
        _, reward, why = stands or (False, 0, "it was left")
        if reward <= 0:
            return Replayed((), f"the page says no: {why}"[:60])
        return Replayed(tuple(play.acting.made))

    async def look(self, previous: Observation | None, focus: str) -> Observation:
        """The page as the model sees it."""
        return await observe(
            self._session, budget=PAGE_TOKENS, count=self._count, previous=previous, focus=focus
        )

    async def act(
        self, action: Action, page: Observation, fault: Fault, rng: random.Random
    ) -> Outcome:
        """Take an action while a fault lasts."""
        element = page.element(getattr(action, "ref", ""))
        assert element is not None, "the answer is about this page"
        hands = Hands(self._session, page, Secrets(), Policy(yes=True))
        async with fault_at(self._session.page, element.target, fault, rng):
            return await perform(action, hands)

    async def cover(self, rng: random.Random) -> None:
        """Lay a dialog over the page."""
        await lay_over(self._session.page, rng)

    async def view(self, task: LiveTask, page: Observation) -> View:
        """Which lines of the page are which widgets."""
        return await view_on(self._session.page, task.page, page)

    def trouble(self, rng: random.Random) -> bool:
        """Whether the next decision meets some."""
        return rng.random() < self._trouble

    async def _answer(self, route: Route) -> None:
        if route.request.is_navigation_request():
            await route.fulfill(body=self._html, content_type="text/html; charset=utf-8")
        else:
            await route.abort()


class _Play:
    """One task in the doing."""

    def __init__(self, player: Player, task: LiveTask, rng: random.Random) -> None:
        self._player, self._task, self._rng = player, task, rng
        self.acting = Acting(task.task, task.plan, self._look, Observation(url=task.page.url))

    async def run(self) -> None:
        """From the plan to the end. Raises Stuck, and KeyError where a line is not shown."""
        self.acting.page = await self._look(None)
        self.acting.planned(teacher.steps(self._task.steps))
        for act in self._task.acts():
            if self._rng.random() < UNFINISHED and act.step:
                element, _ = _aimed(act.reply(await self._view()), self.acting.page)
                self.acting.finished(teacher.unfinished(view_of(self.acting.page),
                                                        widget_of(element)))  # fmt: skip
            await self._do(act)
        view = await self._view()
        if view.shows(self._task.proof):
            self.acting.finished(teacher.finished(view, self._task.proof))

    async def _do(self, act: Act) -> None:
        verdict = await self._first_try(act)
        for _ in range(MENDS):
            if verdict.ok:
                return
            remedy, then = await self._remedy(act, verdict)
            reflection = self.acting.reflected(act.step, remedy)
            verdict = await self._decide(act.step, remedy.answer, reflection=reflection)
            if verdict.ok and then is not None:
                verdict = await self._decide(act.step, then(await self._view()))
        raise Stuck(f"{verdict.line()}"[:60])

    async def _first_try(self, act: Act) -> Verdict:
        """The right decision, or a slip, with or without trouble."""
        answer = act.reply(await self._view())
        if not self._player.trouble(self._rng):
            return await self._decide(act.step, answer)
        slips = [w for w in act.slips if (await self._view()).shows(w)]
        if slips and self._rng.random() < 0.6:
            return await self._slip(act)
        kinds: list[Fault] = ["cover", "gone"]
        if '"action":"click"' in answer:
            kinds.append("swallowed")
        fault = self._rng.choice(kinds)
        if fault == "cover" and self._rng.random() < 0.5:  # seen, and not heeded
            await self._player.cover(self._rng)
            await self.acting.look_again()
            return await self._attempt(act.step, act.reply(await self._view()))
        return await self._decide(act.step, answer, fault)

    async def _slip(self, act: Act) -> Verdict:
        """The wrong one is clicked, which is not learnt; what is right after that, is."""
        view = await self._view()
        wrong = self._rng.choice([widget for widget in act.slips if view.shows(widget)])
        answer = teacher.decided("", teacher.action(view, wrong, "click"), completes=False)
        verdict = await self._attempt(act.step, answer)
        if verdict.ok:
            return await self._decide(act.step, act.reply(await self._view()))
        return verdict

    async def _remedy(
        self, act: Act, verdict: Verdict
    ) -> tuple[Remedy, Callable[[View], str] | None]:
        """What to do about a failure, and what has to be decided once more after that."""
        page = self.acting.page
        if verdict.cause is Cause.COVERED and (way := uncovered(page, verdict.evidence)):
            return way, act.reply
        for alert, mend in self._task.mends.items():
            if alert.text in verdict.evidence:
                first = Strategy.DO_SOMETHING_FIRST
                return _remedy(mend.reply(await self._view()), page, first, mend.insight), act.reply
        differently = Strategy.RETRY_DIFFERENTLY
        if act.instead and verdict.cause in (Cause.WRONG_VALUE, Cause.DISABLED):
            answer = act.instead(await self._view())
            return _remedy(answer, page, differently, act.insight), None
        if verdict.cause not in _PASSING:
            raise Stuck(verdict.line()[:60])
        answer = _once_more(act.reply(await self._view()), page)
        tried, (element, _) = self.acting.attempts[-1], _aimed(answer, page)
        insight = f"Once more {named(element)}"
        if named(element) not in tried.said:
            insight = f"Not {tried.said.partition(' ')[2]}, but {named(element)}"
        return _remedy(answer, page, differently, insight), None

    async def _decide(
        self,
        step: int,
        answer: str,
        fault: Fault = "none",
        *,
        reflection: Reflection | None = None,
    ) -> Verdict:
        """Take the action of a right answer."""
        self.acting.tell(self.acting.decision(step, reflection), answer)
        return await self._attempt(step, answer, fault)

    async def _attempt(self, step: int, answer: str, fault: Fault = "none") -> Verdict:
        async def act(action: Action, page: Observation) -> Outcome:
            return await self._player.act(action, page, fault, self._rng)

        return await self.acting.attempt(step, answer, act)

    async def _view(self) -> View:
        return await self._player.view(self._task, self.acting.page)

    async def _look(self, previous: Observation | None) -> Observation:
        return await self._player.look(previous, self._task.task)


def _aimed(answer: str, page: Observation) -> tuple[Element, dict[str, Any]]:
    """The line that an answer's action is about, and the action."""
    (raw,) = output_of(answer)["actions"]
    element = page.element(str(raw["ref"]))
    assert element is not None, "the answer is about this page"
    return element, raw


def _remedy(answer: str, page: Observation, strategy: Strategy, insight: str) -> Remedy:
    """The remedy that an answer is."""
    element, raw = _aimed(answer, page)
    text = str(raw.get("text") or raw.get("option") or "")
    advice = f"{named(element)}: {text}" if text else named(element)
    return Remedy(strategy, advice, insight, answer)


def _once_more(answer: str, page: Observation) -> str:
    """The same action, in the words that follow a reflection."""
    element, raw = _aimed(answer, page)
    completes = bool(output_of(answer)["completes_step"])
    return teacher.decided(f"Another way: {teacher.quote(element)}", raw, completes=completes)
