"""Whole runs: a scripted model over HTTP, real Chromium, a shop on loopback."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from agent.approve import Approval, ApprovalRequest
from agent.errors import AgentError, RunStorageFailed
from agent.events import (
    EVENT,
    AnyEvent,
    ApprovalGiven,
    ApprovalNeeded,
    Base,
    Observed,
    Piece,
    Planned,
    Reflected,
)
from agent.folder import RunFolder
from agent.run import RunSettings, list_runs, load_run, plan_only, resume, start
from agent.state import Limits
from tests.agent.sensible import ORDER, act, sensible
from tests.agent.shop import Shop
from tests.scripted_model import ScriptedModel, asked_for
from tests.scripted_replies import Json, Reply, Slow, Status


class Told(list[AnyEvent]):
    """A listener that keeps everything."""

    def __call__(self, event: AnyEvent) -> None:
        self.append(event)

    def of(self, kind: type[Base]) -> list[Any]:
        return [event for event in self if isinstance(event, kind)]


class User:
    """An approver that says the same each time."""

    def __init__(self, decision: str = "yes", answer: str | None = "Ann") -> None:
        self.decision, self.said = decision, answer
        self.asked: list[ApprovalRequest] = []
        self.questions: list[str] = []

    async def approve(self, request: ApprovalRequest) -> Approval:
        self.asked.append(request)
        return Approval.model_validate({"decision": self.decision, "reason": "I say so"})

    async def answer(self, question: str) -> str | None:
        self.questions.append(question)
        return self.said


def order(shop: Shop, model: ScriptedModel, home: Path, **more: Any) -> RunSettings:
    usual = {"task": "Order a Funghi pizza for Ann", "yes": True, "limits": Limits(steps=20)}
    return RunSettings(url=shop.url, model_url=model.url, home=home, **(usual | more))


async def test_a_pizza_is_ordered(tmp_path: Path) -> None:
    told = Told()
    with Shop() as shop, ScriptedModel(sensible()) as model:
        state = await start(order(shop, model, tmp_path), told)
    assert state.outcome
    assert state.outcome.status == "done", state.outcome.answer
    assert state.outcome.evidence == ["heading Thank you for your order"]
    assert shop.orders == [{"pizzas": ["Funghi"], "name": "Ann"}]
    assert all(step.done and step.evidence for step in state.plan)


async def test_what_covers_is_closed_after_a_reflection(tmp_path: Path) -> None:
    told = Told()
    with Shop(banner=True) as shop, ScriptedModel(sensible()) as model:
        state = await start(order(shop, model, tmp_path), told)
    assert state.outcome
    assert state.outcome.status == "done", state.outcome.answer
    (reflected,) = told.of(Reflected)
    assert reflected.cause == "covered"
    assert "Cookies" in reflected.evidence
    assert [a.said for a in state.attempts][:3] == [
        "click button Add Funghi",
        "click button Accept",
        "click button Add Funghi",
    ]
    assert len(shop.orders) == 1


async def test_with_reflection_off_the_failure_goes_straight_back_to_decide(tmp_path: Path) -> None:
    asked: list[str] = []

    def reply(request: Json) -> Reply:
        asked.append(asked_for(request))
        return sensible()(request)

    with Shop(banner=True) as shop, ScriptedModel(reply) as model:
        state = await start(order(shop, model, tmp_path, reflection=False), Told())
    assert state.outcome
    assert state.outcome.status == "failed"
    assert "reflect" not in asked
    assert shop.orders == []


async def test_the_same_failing_action_is_not_taken_a_third_time(tmp_path: Path) -> None:
    script = sensible(strategy="retry_differently", advice="Click it again.")
    with Shop(banner=True) as shop, ScriptedModel(script) as model:
        state = await start(order(shop, model, tmp_path), Told())
    causes = [a.verdict.cause for a in state.attempts]
    assert causes == ["covered", "covered", *["loop"] * 4]
    assert state.outcome
    assert state.outcome.status == "failed"
    assert "6 attempts in a row failed" in state.outcome.answer
    assert "0 of 5 steps were done" in state.outcome.answer


async def test_giving_up_says_why(tmp_path: Path) -> None:
    script = sensible(strategy="give_up", advice="The shop is covered by a banner.")
    with Shop(banner=True) as shop, ScriptedModel(script) as model:
        state = await start(order(shop, model, tmp_path), Told())
    assert state.outcome
    assert state.outcome.status == "failed"
    assert state.outcome.answer.startswith("The shop is covered by a banner.")


async def test_an_unreached_goal_is_planned_for_and_then_said_honestly(tmp_path: Path) -> None:
    script = sensible(['click "Basket"'], done="Delivered")
    with Shop() as shop, ScriptedModel(script) as model:
        told = Told()
        state = await start(order(shop, model, tmp_path), told)
    assert state.outcome
    assert state.outcome.status in ("failed", "limit")
    assert "not done" in state.outcome.answer or "failed" in state.outcome.answer
    assert 1 <= sum(plan.replanned for plan in told.of(Planned)) <= 3


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(steps=2), "limit of 2 actions"),
        (Limits(tokens=250), "limit of 250 tokens"),
        (Limits(seconds=0.01), "limit of 0.01 seconds"),
    ],
)
async def test_a_limit_ends_the_run_with_a_clear_outcome(
    tmp_path: Path, limits: Limits, words: str
) -> None:
    with Shop() as shop, ScriptedModel(sensible()) as model:
        state = await start(order(shop, model, tmp_path, limits=limits), Told())
        assert state.outcome
        assert state.outcome.status == "limit"
        assert words in state.outcome.answer
        if limits.steps == 2:  # whoever resumes gives the limit once more
            state = await resume(state.run, tmp_path, Told(), changes={"limits": Limits(steps=9)})
            assert state.outcome
            assert state.outcome.status == "done"
            assert len(shop.orders) == 1


async def test_a_model_that_thinks_for_ever_meets_the_time_limit(tmp_path: Path) -> None:
    with Shop() as shop, ScriptedModel(lambda _: Slow(30, "late")) as model:
        state = await start(order(shop, model, tmp_path, limits=Limits(seconds=3)), Told())
    assert state.outcome
    assert state.outcome.status == "limit"


# -- the user -------------------------------------------------------------------------------


async def test_an_order_is_placed_after_the_users_yes(tmp_path: Path) -> None:
    user, told = User(), Told()
    with Shop() as shop, ScriptedModel(sensible()) as model:
        state = await start(order(shop, model, tmp_path, yes=False), told, user)
    assert state.outcome
    assert state.outcome.status == "done"
    (request,) = user.asked
    assert request.said == "click button Place order"
    assert "textbox Name: Ann" in request.what
    assert len(told.of(ApprovalNeeded)) == len(told.of(ApprovalGiven)) == 1
    assert len(shop.orders) == 1


async def test_after_a_no_nothing_is_ordered(tmp_path: Path) -> None:
    with Shop() as shop, ScriptedModel(sensible(strategy="give_up", advice="No.")) as model:
        state = await start(order(shop, model, tmp_path, yes=False), Told(), User("no"))
    assert state.attempts[-1].verdict.line() == "blocked_by_policy, the user said no: I say so"
    assert state.outcome
    assert state.outcome.status == "failed"
    assert shop.orders == []


async def test_without_a_terminal_the_run_waits_for_approval_and_is_resumed(tmp_path: Path) -> None:
    with Shop() as shop, ScriptedModel(sensible()) as model:
        state = await start(order(shop, model, tmp_path, yes=False), Told())
        assert state.outcome
        assert state.outcome.status == "needs_approval"
        assert "click button Place order" in state.outcome.answer
        assert shop.orders == []
        (record,) = list_runs(tmp_path)
        assert record.status == "needs_approval"
        assert record.resumable
        again = await resume(state.run, tmp_path, Told())
        assert again.outcome
        assert again.outcome.status == "needs_approval"
        user = User()
        state = await resume(state.run, tmp_path, Told(), user)
    assert state.outcome
    assert state.outcome.status == "done", state.outcome.answer
    assert len(user.asked) == 1
    assert shop.orders == [{"pizzas": ["Funghi"], "name": "Ann"}]


async def test_a_question_reaches_the_user_and_the_answer_the_model(tmp_path: Path) -> None:
    prompts: list[str] = []
    steps = ['ask "Which pizza?"', *ORDER]

    def reply(request: Json) -> Reply:
        prompt = ScriptedModel.prompt(request)
        prompts.append(prompt)
        if "ask" in prompt.splitlines()[-2] and "The user said: Which pizza? Funghi" in prompt:
            return act({"action": "tick", "ref": "[e1]"})
        return sensible(steps)(request)

    user = User(answer="Funghi")
    with Shop() as shop, ScriptedModel(reply) as model:
        waiting = await start(order(shop, model, tmp_path), Told())
        assert waiting.outcome
        assert waiting.outcome.status == "needs_answer"
        assert waiting.outcome.answer == "Which pizza?"
        state = await resume(waiting.run, tmp_path, Told(), user)
    assert state.outcome
    assert state.outcome.status == "done", state.outcome.answer
    assert user.questions == ["Which pizza?"]
    assert len(shop.orders) == 1


async def test_reflection_may_ask_the_user(tmp_path: Path) -> None:
    script = sensible(strategy="ask_user", advice="May I accept the cookies?")
    user = User(answer="yes")
    with Shop(banner=True) as shop, ScriptedModel(script) as model:
        state = await start(order(shop, model, tmp_path), Told(), user)
    assert user.questions[0] == "May I accept the cookies?"
    assert state.answers[0] == "May I accept the cookies? yes"


# -- answers that are none, and a model that is not there ------------------------------------


async def test_a_malformed_answer_is_a_failure_that_is_reflected_on(tmp_path: Path) -> None:
    spoilt = iter(["not an answer", "<output>{", '<output>{"actions":[]}</output>'])
    good = sensible(strategy="retry_differently", advice="Answer with one action.")

    def reply(request: Json) -> Reply:
        return (
            next(spoilt, "") or good(request) if asked_for(request) == "decide" else good(request)
        )

    told = Told()
    with Shop() as shop, ScriptedModel(reply, kind="plain") as model:
        state = await start(order(shop, model, tmp_path), told)
    assert state.outcome
    assert state.outcome.status == "done", state.outcome.answer
    assert state.attempts[0].verdict.cause == "malformed_answer"
    assert told.of(Reflected)[0].cause == "malformed_answer"
    assert len(shop.orders) == 1


@pytest.mark.parametrize("spoilt", ["plan", "decide", "reflect", "finish"])
async def test_a_model_that_only_talks_nonsense_ends_in_an_honest_failure(
    tmp_path: Path, spoilt: str
) -> None:
    good = sensible()

    def reply(request: Json) -> Reply:
        return "Sure! Here you go:" if asked_for(request) == spoilt else good(request)

    banner = spoilt == "reflect"
    with Shop(banner=banner) as shop, ScriptedModel(reply, kind="plain") as model:
        state = await start(order(shop, model, tmp_path), Told())
    assert state.outcome
    assert state.outcome.status == "failed"
    assert state.outcome.answer.endswith(".")
    assert len(shop.orders) == (spoilt == "finish")


async def test_a_failed_run_is_taken_up_by_a_model_that_makes_sense(tmp_path: Path) -> None:
    def babbles(request: Json) -> Reply:
        return "Sure!" if asked_for(request) in ("decide", "reflect") else sensible()(request)

    with Shop() as shop:
        with ScriptedModel(babbles, kind="plain") as model:
            failed = await start(order(shop, model, tmp_path), Told())
        assert failed.outcome
        assert failed.outcome.status == "failed"
        told = Told()
        with ScriptedModel(sensible()) as model:
            changes = {"model_url": model.url}
            state = await resume(failed.run, tmp_path, told, changes=changes)
    assert state.outcome
    assert state.outcome.status == "done", state.outcome.answer
    assert [step.do for step in told.of(Planned)[0].steps] == ORDER, "the plan it goes on with"
    assert shop.orders == [{"pizzas": ["Funghi"], "name": "Ann"}]


async def test_a_model_that_goes_down_leaves_a_run_that_can_be_resumed(tmp_path: Path) -> None:
    def until_down(request: Json) -> Reply:
        if 'Step 5: click "Place order"' in ScriptedModel.prompt(request):
            return Status(401)
        return sensible()(request)

    with Shop() as shop:
        with ScriptedModel(until_down) as model, pytest.raises(AgentError):
            await start(order(shop, model, tmp_path), Told())
        (record,) = list_runs(tmp_path)
        assert record.status == "stopped"
        assert record.outcome
        assert record.outcome.answer
        with ScriptedModel(sensible()) as model:
            changes = {"model_url": model.url}
            state = await resume(record.run, tmp_path, Told(), changes=changes)
    assert state.outcome
    assert state.outcome.status == "done", state.outcome.answer
    assert shop.orders == [{"pizzas": ["Funghi"], "name": "Ann"}]


async def test_an_address_that_cannot_be_reached_is_one_sentence(tmp_path: Path) -> None:
    with ScriptedModel(sensible()) as model:
        settings = RunSettings(
            task="Order", url="http://127.0.0.1:1/", model_url=model.url, home=tmp_path
        )
        state = await start(settings, Told())
    assert state.outcome
    assert state.outcome.status == "failed"
    assert state.outcome.answer == "http://127.0.0.1:1/ cannot be opened."


async def test_an_empty_task_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(AgentError, match="The task is empty"):
        await start(RunSettings(task="  ", home=tmp_path), Told())
    assert list_runs(tmp_path) == []


# -- what a run leaves behind ----------------------------------------------------------------


async def test_a_run_leaves_its_story(tmp_path: Path) -> None:
    told = Told()
    with Shop() as shop, ScriptedModel(sensible()) as model:
        state = await start(order(shop, model, tmp_path), told)
    left_behind(RunFolder.find(tmp_path, state.run), told)
    assert await load_run(tmp_path, state.run) == state


def left_behind(folder: RunFolder, told: Told) -> None:
    """The story is in the folder just as it was told, and each page state has its picture."""
    lines = folder.events.read_text().splitlines()
    story = [event for event in told if not isinstance(event, Piece)]  # pieces are only streamed
    assert [EVENT.validate_json(line) for line in lines] == story
    pictures = [seen.screenshot for seen in told.of(Observed) if seen.screenshot]
    assert pictures
    assert all(Path(picture).read_bytes()[:2] == b"\xff\xd8" for picture in pictures)
    assert folder.load().status == "done"
    assert folder.load().model == "scripted"


async def test_planning_only_lists_the_steps_and_keeps_nothing(tmp_path: Path) -> None:
    with Shop() as shop, ScriptedModel(sensible()) as model:
        state = await plan_only(order(shop, model, tmp_path), Told())
    assert [step.do for step in state.plan] == ORDER
    assert shop.posts == []
    assert not (tmp_path / "runs").exists()


async def test_a_run_that_has_ended_is_not_resumed(tmp_path: Path) -> None:
    with Shop() as shop, ScriptedModel(sensible()) as model:
        state = await start(order(shop, model, tmp_path), Told())
        with pytest.raises(AgentError, match="is done: nothing is left"):
            await resume(state.run, tmp_path, Told())
    assert len(shop.orders) == 1


async def test_a_run_is_carried_out_by_one_process_at_a_time(tmp_path: Path) -> None:
    with Shop() as shop, ScriptedModel(lambda _: Slow(30, "late")) as model:
        begun = asyncio.Event()
        running = asyncio.create_task(start(order(shop, model, tmp_path), lambda _: begun.set()))
        await begun.wait()
        (record,) = list_runs(tmp_path)
        with pytest.raises(RunStorageFailed, match="in another process"):
            await resume(record.run, tmp_path, Told())
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        (record,) = list_runs(tmp_path)
    assert record.status == "stopped"
    assert record.resumable
