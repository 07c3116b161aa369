"""A run that is held and let go: what is under way ends first, and it goes on with a look."""

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest

from agent.approve import Approval, ApprovalRequest
from agent.events import ActionTaken, AnyEvent, Held, Judged
from agent.folder import RunFolder
from agent.gate import Gate
from agent.run import resume
from agent.state import Limits, RunState
from tests.agent.sensible import sensible
from tests.agent.shop import Shop
from tests.agent.test_run import Told, User, order
from tests.scripted_model import ScriptedModel, asked_for
from tests.scripted_replies import Endless, Json, Reply


class Holder(Told):
    """A listener that holds the run at the first event that fits."""

    def __init__(self, gate: Gate, kind: type, said: str = "") -> None:
        super().__init__()
        self.gate, self.kind, self.said = gate, kind, said
        self.reached = asyncio.Event()

    def __call__(self, event: AnyEvent) -> None:
        super().__call__(event)
        fits = isinstance(event, self.kind) and self.said in getattr(event, "said", "")
        if fits and not self.reached.is_set():
            self.gate.hold("taken_over")
            self.reached.set()


async def done(work: "asyncio.Task[RunState]", shop: Shop) -> None:
    state = await work
    assert state.outcome
    assert state.outcome.status == "done", state.outcome.answer
    assert len(shop.orders) == 1


async def test_an_action_under_way_is_finished_and_judged_first(tmp_path: Path) -> None:
    gate = Gate()
    with Shop() as shop, ScriptedModel(sensible()) as model:
        told = Holder(gate, ActionTaken, "Place order")
        run = RunFolder.create(order(shop, model, tmp_path)).run
        work = asyncio.create_task(resume(run, tmp_path, told, gate=gate))
        await told.reached.wait()
        assert not gate.resting
        await gate.at_rest()
        assert len(shop.orders) == 1
        assert told.of(Judged)[-1].said == "click button Place order"
        assert told.of(Judged)[-1].verdict.cause is None
        gate.release()
        await done(work, shop)
        (held,) = told.of(Held)
        assert held.why == "taken_over"


async def test_a_thought_is_broken_off_and_the_clock_stands_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr("agent.opening.time", SimpleNamespace(monotonic=lambda: now))
    gate, asked = Gate(), asyncio.Event()
    loop, answer = asyncio.get_running_loop(), sensible()

    def reply(request: Json) -> Reply:
        if asked_for(request) == "decide" and not asked.is_set():
            loop.call_soon_threadsafe(asked.set)
            return Endless()
        return answer(request)

    with Shop() as shop, ScriptedModel(reply) as model:
        settings = order(shop, model, tmp_path, limits=Limits(steps=20, seconds=100))
        run = RunFolder.create(settings).run
        work = asyncio.create_task(resume(run, tmp_path, Told(), gate=gate))
        await asked.wait()
        gate.hold("paused")
        assert gate.resting
        await asyncio.to_thread(model.hung_up.wait)
        now += 1000
        gate.release()
        await done(work, shop)


class Silent(User):
    """Somebody who never answers the first time."""

    def __init__(self) -> None:
        super().__init__()
        self.silent = asyncio.Event()

    async def approve(self, request: ApprovalRequest) -> Approval:
        approval = await super().approve(request)
        if len(self.asked) == 1:
            self.silent.set()
            await asyncio.Event().wait()
        return approval


async def test_held_while_it_asks_it_looks_and_asks_again(tmp_path: Path) -> None:
    gate, user = Gate(), Silent()
    with Shop() as shop, ScriptedModel(sensible()) as model:
        run = RunFolder.create(order(shop, model, tmp_path, yes=False)).run
        work = asyncio.create_task(resume(run, tmp_path, Told(), user, gate=gate))
        await user.silent.wait()
        gate.hold("paused")
        gate.release()
        await done(work, shop)
        assert [request.said for request in user.asked] == ["click button Place order"] * 2


async def test_a_held_run_can_be_stopped_and_resumed(tmp_path: Path) -> None:
    gate = Gate()
    with Shop() as shop, ScriptedModel(sensible()) as model:
        told = Holder(gate, ActionTaken, "Ann")
        run = RunFolder.create(order(shop, model, tmp_path)).run
        work = asyncio.create_task(resume(run, tmp_path, told, gate=gate))
        await told.reached.wait()
        await gate.at_rest()
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        await done(asyncio.create_task(resume(run, tmp_path, Told())), shop)
