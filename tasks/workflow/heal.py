"""What the model does in a workflow: steps in words, reading, and mending a step that failed.

Mending is the loop's own reflection. A step that failed is given to it as a plan of one step,
with the attempt that failed; what it then does is judged by what the step expects. It may never
do more than the step itself might: no further site, no secret, and nothing with an effect outside
the page that the user has not said yes to, unless the step itself was to have one.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from agent.errors import ModelMisconfigured, ModelUnavailable
from agent.events import (
    ActionTaken,
    Base,
    Decided,
    Judged,
    Planned,
    Reflected,
    StepDone,
    StepUndone,
)
from agent.events import Mended as MendedEvent
from agent.live import Live
from agent.look import look
from agent.part import Missing, carry_out
from agent.state import Attempt, Limits, RunState
from agent.state import Step as Line
from tasks.workflow.act import EXPECT_S, Exact, attempt, may_repeat, why_failed
from tasks.workflow.brain import Brain
from tasks.workflow.exact import ExactStep
from tasks.workflow.extract import Asked, Extract
from tasks.workflow.holds import Holds
from tasks.workflow.ledger import Entry
from tasks.workflow.mended import Bounds, Mended, mended_as, provable, wrong_about
from tasks.workflow.patch import StepPatch
from tasks.workflow.place import Place, asked
from tasks.workflow.reading import ask
from tasks.workflow.scene import Scene, Stop, failed
from tasks.workflow.scope import Path as DataPath
from tasks.workflow.step import Step
from tasks.workflow.steps import Do
from tasks.workflow.templates import Value
from tools.causes import Cause

Fixes = dict[tuple[Path, DataPath], StepPatch]
"""Steps that were mended, by file and place."""

ACTIONS_AT_MOST = 12
"""So many actions a step may take in the model's hands."""


@dataclass
class Mender:
    """Has the model do what no locator does. `heal`: also what one no longer does.

    `fixes` are done again as they were mended, before the model is asked.
    """

    brain: Brain
    heal: bool = True
    fixes: Fixes = field(default_factory=dict)

    def knows(self, here: Place) -> bool:
        """Whether this step was mended before."""
        return (here.file.path, here.path) in self.fixes

    async def do(self, scene: Scene, step: Do, here: Place, holds: Holds) -> str:
        """Have a sentence done; what shows that it is. Raises Stop."""
        sentence = asked(step.do, here)
        plan = [Line(do=sentence, expect=_expected(scene, step, here))]
        state = _part(scene, sentence, plan, here)

        async def missing(state: RunState) -> str:
            return await holds.until(step.expect, EXPECT_S)

        live = await self._with_model(scene, state)
        ended = await self._carry_out(scene, live, state, here, missing if step.expect else None)
        outcome = ended.outcome
        assert outcome is not None, "a part ends with an outcome"
        if outcome.status != "done":
            raise Stop(outcome)
        return next(iter(outcome.evidence), "") or outcome.answer

    async def ask(self, scene: Scene, step: Extract, here: Place) -> Value:
        """What the model reads from the page. Raises NotRead."""
        assert isinstance(step.extract, Asked), "locators are read without a model"
        state = scene.state()
        live = await self._with_model(scene, state)
        live.began = live.clock()
        state = state.model_copy(update={"observation": await look(live, state)})
        value, usage = await ask(live, state, step, here.marked)
        scene.spend(usage)
        return value

    async def mend(
        self, scene: Scene, exact: Exact, made: Attempt, here: Place, rest: Sequence[Step]
    ) -> Mended:
        """Have a step done that failed, and say how it was done. Raises Stop with why not."""
        step = scene.step
        mended = await self._mend(scene, exact, made, here, rest)
        if mended.patch is not None:
            self.fixes[here.file.path, here.path] = mended.patch
        scene.live.emit(MendedEvent(step=step, why=mended.why, instead=mended.said))
        return mended

    async def _mend(
        self, scene: Scene, exact: Exact, made: Attempt, here: Place, rest: Sequence[Step]
    ) -> Mended:
        why = why_failed(made)
        if not may_repeat(made) or made.verdict.cause is Cause.BLOCKED_BY_POLICY:
            raise failed(why)
        if made.verdict.cause is Cause.NO_EFFECT and made.sent:
            raise failed(f"{why} (something was sent, so it is not tried again)")
        if not self.heal:
            raise failed(f"{why} (nothing is mended, as --no-heal says)")
        if here.at not in scene.ledger.parts and (
            known := await self._as_before(scene, exact, made)
        ):
            return known
        if not provable(exact, rest):
            raise failed(f"{why} (without expect, nothing would show that it was mended rightly)")
        holds = Holds(scene.live.session, here.values, scene.live.secrets.redact)
        begin = await _failed_part(scene, exact, made)
        try:
            live = await self._with_model(scene, begin)
        except (ModelUnavailable, ModelMisconfigured) as error:
            told = str(error).rstrip(".")
            raise failed(f"{why} (no model could be asked: {told})") from error
        live.bounds = Bounds(exact, scene.secrets)

        async def missing(state: RunState) -> str:
            if exact.step.expect:
                return await holds.until(exact.step.expect, EXPECT_S)
            return ""

        with _own_yes(scene, made):
            ended = await self._carry_out(scene, live, begin, here, missing)
        assert ended.outcome is not None, "a part ends with an outcome"
        if ended.outcome.status in ("needs_approval", "needs_answer", "stopped"):
            raise Stop(ended.outcome)
        if ended.outcome.status != "done":
            raise failed(f"{why}; mending it failed: {_why_not(ended)}")
        if wrong := await wrong_about(scene, exact, ended, rest):
            raise failed(f"{why}; what the model did instead is not trusted: {wrong}")
        return mended_as(exact, made, ended)

    async def _as_before(self, scene: Scene, exact: Exact, made: Attempt) -> Mended | None:
        """The step done as it was mended in an earlier round or row, if that still works."""
        fix = self.fixes.get((exact.here.file.path, exact.here.path))
        if fix is None:
            return None
        said = []
        holds = Holds(scene.live.session, exact.here.values, scene.live.secrets.redact)
        with _own_yes(scene, made):
            for step in (*fix.before, fix.step or exact.step):
                assert isinstance(step, ExactStep), "only these are mended"
                if step is not fix.step and step.when and not await holds.now(step.when):
                    continue
                last = await attempt(scene, Exact(step, exact.here))
                if not last.verdict.ok:
                    return None
                said.append(last.said)
        why, shown = why_failed(made), last.verdict.evidence
        return Mended(exact.here.file, exact.here.at, why, said, shown, fix)

    async def _with_model(self, scene: Scene, part: RunState) -> Live:
        """The run's surroundings with the model, and events that tell of the whole run's steps."""
        model = await self.brain.model(scene.live.emit)
        return replace(scene.live, model=model, emit=_Emit(scene, len(part.attempts)))

    async def _carry_out(
        self, scene: Scene, live: Live, state: RunState, here: Place, missing: Missing | None
    ) -> RunState:
        ledger = scene.ledger
        name = ledger.parts.get(here.at, "")
        if not name:
            losses = ledger.losses.get(here.at, 0)
            name = f"{here.at}~{losses}" if losses else here.at
            ledger.write(Entry(kind="part", at=here.at, shown=name))
        known = len(state.attempts)
        ended = await carry_out(live, state, name, scene.approver, missing)
        scene.spend(ended.usage)
        for each in ended.attempts[known:]:
            number = len(scene.attempts) + 1
            each = each.model_copy(update={"number": number, "step": scene.step})
            ledger.write(Entry(kind="attempt", at=here.at, attempt=each))
        ledger.write(Entry(kind="part", at=here.at, shown=name, usage=scene.used()))
        scene.tell_plan()
        return ended


def _why_not(ended: RunState) -> str:
    """What the model made of it, and what it tried last."""
    assert ended.outcome is not None, "a part ends with an outcome"
    made_of = ended.reflections[-1].diagnosis if ended.reflections else ended.outcome.answer
    tries = [each for each in ended.attempts if each.verdict.cause is not Cause.LOOP]
    last = tries[-1] if tries else ended.attempts[-1]
    tried = f" ({last.said}: {last.verdict.line()})" if len(ended.attempts) > 1 else ""
    return f"{made_of.rstrip('.')}{tried}"


def _part(scene: Scene, task: str, plan: list[Line], here: Place) -> RunState:
    """A state in which the loop has just these steps before it."""
    used, limits = scene.used(), scene.live.settings.limits
    left = min(here.left, limits.seconds - used.seconds)
    return RunState(
        run=scene.live.folder.run,
        task=task,
        start_url=scene.live.settings.url,
        plan=plan,
        limits=Limits(
            steps=used.steps + ACTIONS_AT_MOST,
            seconds=used.seconds + max(left, 1),
            tokens=limits.tokens,
        ),
        usage=used,
    )


async def _failed_part(scene: Scene, exact: Exact, made: Attempt) -> RunState:
    """The failed step as a plan of one, the failed attempt as its first."""
    words = in_words(exact)
    expected = _expected(scene, exact.step, exact.here)
    task = f"{exact.step.name}: {words}" if exact.step.name else words
    state = _part(scene, task, [Line(do=words, expect=expected)], exact.here)
    page = await look(scene.live, state)
    first = made.model_copy(update={"number": 1, "step": 0, "page": page.fingerprint})
    return state.model_copy(update={"attempts": [first], "observation": page})


def in_words(exact: Exact) -> str:
    """What an exact step is to do, in plain words: `Set Size to Large`, `Press Add to basket`."""
    step, here = exact.step, exact.here
    chain = replace(exact, here=replace(here, values=here.marked)).locators().get("ref")
    said = chain.said() if chain else ""
    role, _, name = said.partition(" ")
    known = chain is not None and said.startswith(f"{role} ") and role.islower()
    it = name if known and name else said
    match step.tool:
        case "click":
            return f"Press {it}"
        case "fill" | "type":
            return f"Set {it} to {asked(getattr(step, 'text', ''), here)}"
        case "select":
            return f"Set {it} to {asked(getattr(step, 'option', ''), here)}"
        case "check":
            checked = getattr(exact.action(here.file.secrets), "checked", True)
            return f"Choose {it}" if checked else f"Untick {it}"
    return asked(step.said(), here)


def _expected(scene: Scene, step: Step, here: Place) -> str:
    holds = Holds(scene.live.session, here.marked, scene.live.secrets.redact)
    return " and ".join(map(holds.said, step.expect))


@contextmanager
def _own_yes(scene: Scene, made: Attempt) -> Iterator[None]:
    """While a step is mended, `--yes` covers an effect outside the page only if the step itself
    was to have one; what the file granted covers nothing."""
    policy, asked = scene.live.policy, scene.live.policy.yes
    policy.yes = asked and made.commit
    try:
        yield
    finally:
        policy.yes = asked


class _Emit:
    """Tells the events of a part as those of the whole run: its steps stand in the place of the
    step in hand, its actions count on from what the run had done before."""

    def __init__(self, scene: Scene, begun_with: int) -> None:
        self._emit = scene.live.emit
        self._step = scene.step
        self._known = len(scene.attempts) - begun_with
        self._before = list(scene.plan[: scene.step])
        self._after = list(scene.plan[scene.step + 1 :])
        self._steps = 1

    def __call__(self, event: Base) -> None:
        """Tell one event; that the part's only step is done is told by who leads."""
        if isinstance(event, StepDone | StepUndone) and self._steps == 1:
            return
        changes: dict[str, object] = {}
        if isinstance(event, Planned):
            self._steps = len(event.steps)
            changes["steps"] = [*self._before, *event.steps, *self._after]
        if isinstance(event, Decided | ActionTaken | Judged | StepDone | StepUndone):
            changes["step"] = self._step + event.step
        if isinstance(event, ActionTaken | Judged):
            changes["number"] = self._known + event.number
        if isinstance(event, Reflected):
            changes["attempt"] = self._known + event.attempt
        self._emit(event.model_copy(update=changes))
