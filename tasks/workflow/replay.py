"""Carrying a workflow out: its steps in order, loops and calls unfolded as they are reached.

Where the run was before does not matter here: steps that the ledger has are passed over, with
the values that they brought, until the first that is not done.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agent.state import Attempt
from tasks.workflow.act import EXPECT_S, FIND_S, Exact, attempt, may_repeat
from tasks.workflow.exact import EXACT, ExactStep
from tasks.workflow.extract import Asked, Extract
from tasks.workflow.heal import Mender
from tasks.workflow.holds import Holds
from tasks.workflow.inputs import InputError, resolve
from tasks.workflow.ledger import Entry
from tasks.workflow.load import WorkflowFile
from tasks.workflow.mended import Mended
from tasks.workflow.place import Place
from tasks.workflow.reading import NotRead, read
from tasks.workflow.resume import Passed, Return
from tasks.workflow.scene import Scene, Stop, failed
from tasks.workflow.step import Step
from tasks.workflow.steps import Call, Do, ForEach
from tasks.workflow.templates import TemplateError, Value, fill, value_of
from tools.actions.navigate import Navigate
from tools.dispatch import perform
from tools.observation import Observation
from tools.settle import settle


@dataclass
class Replay:
    """One run of a workflow, from its first step or from where an earlier process left it.

    `mended` are the steps that the model mended, in the order of the run.
    """

    scene: Scene
    file: WorkflowFile
    mender: Mender
    mended: list[Mended] = field(default_factory=list)
    _passed: list[Passed] = field(default_factory=list)
    _there: bool = False

    async def run(self, inputs: Mapping[str, Value]) -> dict[str, Value]:
        """Do all steps; the outputs by name. Raises Stop, BrowserGone and the model's errors."""
        workflow = self.file.workflow
        place = Place(self.file, dict(resolve(workflow.inputs, inputs)))
        self.scene.plan = [place.line(step) for step in workflow.steps]
        self.scene.tell_plan()
        await self._steps(workflow.steps, place)
        return _outputs(place)

    async def _steps(
        self, steps: Sequence[Step], place: Place, behind: Sequence[Step] = ()
    ) -> None:
        """Do these steps; `behind` are those that come after the loop that they stand in."""
        for number, step in enumerate(steps):
            here, rest = place.step(number), [*steps[number + 1 :], *behind]
            if isinstance(step, ForEach):
                await self._loop(step, here, rest)
            elif isinstance(step, Call):
                await self._call(step, here)
            else:
                await self._one(step, here, rest)

    async def _one(self, step: Step, here: Place, rest: Sequence[Step]) -> None:
        """A step that is no loop and no call; `rest` are those behind it."""
        if self._was_done(step, here):
            return
        await self._get_there(step, here)
        if self._was_done(step, here):  # it turned out that it had been under way
            return
        await self.scene.pass_gate()
        if here.until < time.monotonic():
            raise failed(f"{self._where(step, here)} was not begun: its time is up.")
        try:
            if step.when and not await self._holds(here).now(step.when):
                entry = Entry(kind="skipped", at=here.at, shown="not needed")
            elif isinstance(step, ExactStep):
                entry = await self._exact(step, here, rest)
            elif isinstance(step, Do):
                entry = await self._do(step, here)
            else:
                assert isinstance(step, Extract), "there are no other steps"
                entry = await self._extract(step, here)
        except TemplateError as error:
            raise failed(f"{self._where(step, here)} failed: {error}.") from error
        self._finish(step, here, entry)

    def _finish(self, step: Step, here: Place, entry: Entry) -> None:
        live = self.scene.live
        url = live.session.page.url
        entry = entry.model_copy(update={"url": live.secrets.redact(url)})
        self._pass(step, here, entry)
        self.scene.ended(entry)

    def _was_done(self, step: Step, here: Place) -> bool:
        ledger = self.scene.ledger
        entry = ledger.ended.get(here.at)
        last = ledger.last(here.at)
        if entry is None and last is not None and last.verdict.ok:
            # It was cut off between the deed and its entry, on the page where it then was.
            entry = Entry(kind="done", at=here.at, shown=last.verdict.evidence, sent=last.sent)
            url = self.scene.live.journal.read().page
            entry = entry.model_copy(update={"url": self.scene.live.secrets.redact(url)})
            ledger.write(entry)
        if entry is None:
            return False
        self._pass(step, here, entry)
        self.scene.ended(entry, again=True)
        return True

    def _pass(self, step: Step, here: Place, entry: Entry) -> None:
        if isinstance(step, Extract) and entry.kind == "done":
            here.values[step.into] = entry.value
            here.read.add(step.into)
        self._passed.append(Passed(step, here, self.scene.step, entry))

    async def _get_there(self, step: Step, here: Place) -> None:
        """Open the page that the run begins on, or was on when it was interrupted."""
        if self._there:
            return
        self._there = True
        if not self.scene.ledger.fresh:
            back = Return(self.scene, self._passed, self._holds)
            for lost in await back.to(step, here):
                await self._again(lost)
        elif url := self.scene.live.settings.url:
            await self._open(url, waits=isinstance(step, ExactStep) and not step.when)

    async def _open(self, url: str, *, waits: bool) -> None:
        """Open an address; `waits`: the first step waits for what it needs. Raises Stop."""
        live = self.scene.live
        hands = replace(live.hands(Observation(url="about:blank")), quick=waits)
        outcome = await perform(Navigate(url=url), hands)
        live.session.check()
        if outcome.cause is not None:
            reason = outcome.evidence.removeprefix(f"{url} cannot be opened")
            raise failed(f"{url} cannot be opened{f': {reason}' if reason else ''}.")

    async def _again(self, lost: Passed) -> None:
        """Do a step once more that the reopened page has lost."""
        now, self.scene.step = self.scene.step, lost.line
        index = self._passed.index(lost)
        before, self._passed = self._passed, self._passed[:index]
        if isinstance(lost.step, ExactStep):
            self._finish(lost.step, lost.place, await self._exact(lost.step, lost.place, []))
        before[index] = self._passed[-1]
        self._passed, self.scene.step = before, now

    async def _exact(self, step: ExactStep, here: Place, rest: Sequence[Step]) -> Entry:
        exact = Exact(step, here, hurried=self.mender.knows(here))
        sent = False
        begun = here.at in self.scene.ledger.parts
        for left in range(step.retry, -1, -1):
            failed_before = self.scene.ledger.last(here.at)
            if begun and failed_before:  # the model had it in hand when the run was interrupted
                made = failed_before
                break
            made = await attempt(self.scene, exact)
            sent = sent or made.sent
            if made.verdict.ok:
                return Entry(kind="done", at=here.at, shown=made.verdict.evidence, sent=sent)
            if not may_repeat(made):
                break
            if left:
                await settle(self.scene.live.session)
        mended = await self._mend(exact, made, here, rest)
        self.mended.append(mended)
        return Entry(kind="done", at=here.at, shown=mended.shown, sent=True, healed=True)

    async def _mend(self, exact: Exact, made: Attempt, here: Place, rest: Sequence[Step]) -> Mended:
        try:
            return await self.mender.mend(self.scene, exact, made, here, rest)
        except Stop as stop:
            if stop.outcome.status != "failed":
                raise
            told = f"{self._where(exact.step, here)} failed: {stop.outcome.answer}"
            raise failed(f"{told.rstrip('.')}. {self.scene.progress()}") from stop

    async def _do(self, step: Do, here: Place) -> Entry:
        for left in range(step.retry, -1, -1):
            try:
                shown = await self.mender.do(self.scene, step, here, self._holds(here))
                return Entry(kind="done", at=here.at, shown=shown, sent=True)
            except Stop as stop:
                if left and stop.outcome.status == "failed":
                    continue
                if stop.outcome.status != "failed":
                    raise
                told = f"{self._where(step, here)} failed: {stop.outcome.answer}"
                raise failed(f"{told.rstrip('.')}. {self.scene.progress()}") from stop
        raise AssertionError("the last try ends it")

    async def _extract(self, step: Extract, here: Place) -> Entry:
        live = self.scene.live
        for left in range(step.retry, -1, -1):
            try:
                if isinstance(step.extract, Asked):
                    value = await self.mender.ask(self.scene, step, here)
                else:
                    seconds = here.seconds(step, FIND_S)
                    value = await read(live.session.page, step, here.values, seconds)
            except NotRead as error:
                if left:
                    await settle(live.session)
                    continue
                why = f"{self._where(step, here)} failed: {error}. {self.scene.progress()}"
                raise failed(why) from error
            value = live.secrets.redact_data(value)
            await self._expect(step, here)
            return Entry(kind="done", at=here.at, shown=_told(value), value=value)
        raise AssertionError("the last try ends it")

    async def _loop(self, step: ForEach, here: Place, rest: Sequence[Step]) -> None:
        if not await self._enter(step, here):
            return
        here = here.within(step)
        entries = self._entries(step, here)
        rounds = [here.round(number, step, entry) for number, entry in entries]
        lines = [each.line(inner) for each in rounds for inner in step.steps]
        if not rounds:
            self._nothing(step, here)
        else:
            self.scene.unfold(lines)
        for each in rounds:
            await self._steps(step.steps, each, rest)
        for name in _extracted(step.steps):
            here.values[name] = _gathered([r.values[name] for r in rounds if name in r.values])
            here.read.add(name)
        await self._leave(step, here)

    def _entries(self, step: ForEach, here: Place) -> Iterator[tuple[int, Value]]:
        try:
            if isinstance(step.over, str):
                found = value_of(step.over, here.values)
            else:
                found = [fill(text, here.values) for text in step.over]
        except TemplateError as error:
            raise failed(f"{self._where(step, here)} failed: {error}.") from error
        return enumerate(found, 1)

    async def _call(self, step: Call, here: Place) -> None:
        if not await self._enter(step, here):
            return
        here = here.within(step)
        callee = here.file.called[step.call]
        workflow = callee.workflow
        try:
            given = {name: _given(value, here.values) for name, value in step.inputs.items()}
            inner = here.inside(step, callee, resolve(workflow.inputs, given))
            start = fill(workflow.url, inner.values)
        except (TemplateError, InputError) as error:
            raise failed(f"{self._where(step, here)} failed: {error}.") from error
        steps = list(workflow.steps)
        opens = [EXACT["navigate"].model_validate({"navigate": start})] if start else []
        self.scene.unfold([inner.line(each) for each in (*opens, *steps)])
        for each in opens:
            await self._one(each, replace(inner, at=f"{here.at}.0"), steps)
        await self._steps(steps, inner)
        if step.into:
            here.values[step.into] = _outputs(inner)
            here.read.add(step.into)
        await self._leave(step, here)

    async def _enter(self, step: Step, here: Place) -> bool:
        """Whether a loop or call is to be done; said in the ledger, so that it is asked once."""
        entry = self.scene.ledger.ended.get(here.at)
        if entry is not None and entry.kind != "skipped":
            return True
        if entry is not None:
            return not self._was_done(step, here)
        if step.when:
            await self._get_there(step, here)
            if not await self._holds(here).now(step.when):
                entry = Entry(kind="skipped", at=here.at, shown="not needed")
                self._finish(step, here, entry)
                return False
        self.scene.ledger.write(Entry(kind="entered", at=here.at))
        return True

    def _nothing(self, step: Step, here: Place) -> None:
        """A loop over nothing is done at once."""
        again = self.scene.ledger.ended[here.at].kind == "done"
        self.scene.ended(Entry(kind="done", at=here.at, shown="nothing to do"), again=again)

    async def _leave(self, step: Step, here: Place) -> None:
        if self.scene.ledger.ended[here.at].kind == "done":
            return
        if step.expect:
            await self._get_there(step, here)
            await self._expect(step, here)
        self.scene.ledger.write(Entry(kind="done", at=here.at))

    async def _expect(self, step: Step, here: Place) -> None:
        """See to it that what a step expects is so. Raises Stop."""
        if not step.expect:
            return
        missing = await self._holds(here).until(step.expect, here.seconds(step, EXPECT_S))
        if missing:
            told = f"{self._where(step, here)} is done, but it is not so that {missing}."
            raise failed(f"{told} {self.scene.progress()}")

    def _holds(self, here: Place) -> Holds:
        return Holds(self.scene.live.session, here.values, self.scene.live.secrets.redact)

    def _where(self, step: Step, here: Place) -> str:
        return f"Step {self.scene.step + 1} ({here.line(step).do}, {here.told})"


def _given(value: str | list[str], values: Mapping[str, Value]) -> Value:
    if isinstance(value, list):
        return [fill(text, values) for text in value]
    return value_of(value, values)


def _outputs(place: Place) -> dict[str, Value]:
    """The outputs of a workflow whose steps are done; None for what was not extracted."""
    found: dict[str, Value] = {}
    for name, output in place.file.workflow.outputs.items():
        try:
            found[name] = value_of(f"{{{{ {output.source or name} }}}}", place.values)
        except TemplateError:
            found[name] = None
    return found


def _extracted(steps: Sequence[Step]) -> Iterator[str]:
    """The names under which steps keep something."""
    for step in steps:
        if isinstance(step, Extract | Call) and step.into:
            yield step.into
        elif isinstance(step, ForEach):
            yield from _extracted(step.steps)


def _gathered(rounds: Sequence[Value]) -> list[Any]:
    """What the rounds of a loop brought, as one list or table."""
    found: list[Any] = []
    for value in rounds:
        found += value if isinstance(value, list) else [value]
    return found


def _told(value: Value) -> str:
    """What was extracted, in a few words."""
    if isinstance(value, list):
        return f"{len(value)} found"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {found}" for name, found in value.items())[:120]
    return str(value)[:120]
