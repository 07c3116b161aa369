"""One task done in a real browser by the loop's own functions, every question written down.

Prompts, history, verdicts and evidence are those of the loop: what is decided is really done to
the page, and judged by what the page shows then. Who decides is another matter; see
`training.site.practice` and `training.live.replay`.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from agent.answers import Strategy
from agent.context import decide_prompt, finish_prompt, plan_prompt, reflect_prompt
from agent.state import Attempt, Reflection, Step
from tools.causes import Verdict
from tools.dispatch import Outcome, parse_action
from tools.observation import Element, Observation
from tools.reach import named
from tools.record import Action
from tools.verdict import judge
from training import teacher
from training.conversation import Conversation, Turn
from training.evaluate import output_of
from training.site.lines import closer_of, view_of, widget_of

Look = Callable[[Observation | None], Awaitable[Observation]]
"""The page as the model sees it, given the look before it."""

Act = Callable[[Action, Observation], Awaitable[Outcome]]
"""What takes an action on the page that was looked at last."""


@dataclass(frozen=True)
class Remedy:
    """What a reflection advises, and the decision that does it; no answer: the user is asked.

    After a `closer` took a cover away, the step is still to be done.
    """

    strategy: Strategy
    advice: str
    insight: str
    answer: str = ""
    closer: Element | None = None


class Acting:
    """A task in the doing. `made` are the conversations so far, `page` is the newest look."""

    def __init__(self, task: str, plan: Sequence[Step], look: Look, page: Observation) -> None:
        self.made: list[Conversation] = []
        self.attempts: list[Attempt] = []
        self.page = page
        self._task, self._plan, self._look = task, plan, look

    async def look_again(self) -> None:
        """See what has become of the page."""
        self.page = await self._look(self.page)

    async def attempt(self, step: int, answer: str, act: Act) -> Verdict:
        """Take the action of an answer, and judge it as the loop does."""
        (raw,) = output_of(answer)["actions"]
        action, before = parse_action(raw), self.page
        outcome = await act(action, before)
        await self.look_again()
        verdict = judge(action, outcome, before, self.page)
        self.attempts.append(
            Attempt(
                number=len(self.attempts) + 1,
                step=step,
                action=raw,
                said=action.said_on(before),
                page=before.fingerprint,
                verdict=verdict,
            )
        )
        return verdict

    # --- what is asked

    def planned(self, answer: str) -> None:
        """The plan, asked for with the page that is open."""
        self.tell(plan_prompt(self._task, self.page).user, answer)

    def reflected(self, step: int, remedy: Remedy) -> Reflection:
        """What went wrong with the last attempt; the reflection as the loop keeps it."""
        verdict = self.attempts[-1].verdict
        evidence = verdict.evidence or verdict.line()
        self.tell(
            reflect_prompt(self._task, self._plan, step, self.attempts, self.page).user,
            teacher.reflected(evidence, remedy.insight, remedy.strategy, remedy.advice),
        )
        return Reflection(
            attempt=len(self.attempts),
            diagnosis=teacher.diagnosis(evidence),
            strategy=remedy.strategy,
            advice=remedy.advice,
        )

    def finished(self, answer: str) -> None:
        """Whether all is done."""
        prompt = finish_prompt(self._task, self._plan, self.attempts, self.page)
        self.tell(prompt.user, answer)

    def decision(self, step: int, reflection: Reflection | None = None) -> str:
        """The question what to do now."""
        return decide_prompt(
            self._task, self._plan, step, self.attempts, self.page, reflection
        ).user

    def tell(self, prompt: str, answer: str) -> None:
        """Write down a question with its right answer."""
        self.made.append((Turn("user", prompt), Turn("assistant", answer)))


def uncovered(page: Observation, evidence: str) -> Remedy | None:
    """How what covers the page is taken away; None if nothing on it does that."""
    closer = closer_of(page, evidence)
    if closer is None:
        return None
    first = Strategy.DO_SOMETHING_FIRST
    answer = teacher.advised(view_of(page), first, widget_of(closer), "click", completes=False)
    cover = evidence.removesuffix(" covers it")
    insight = f"Close {cover} first: {named(closer)}"
    return Remedy(first, named(closer), insight, answer, closer)
