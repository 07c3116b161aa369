"""One step that something else leads, carried out by the loop on the page at hand."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from agent.events import Reflected
from agent.folder import RunFolder
from agent.live import Live
from agent.look import look
from agent.opening import Given, opened
from agent.part import carry_out
from agent.run import RunSettings
from agent.state import Attempt, Limits, RunState, Step
from tests.agent.sensible import sensible
from tests.agent.shop import Shop
from tests.agent.test_run import Told, User
from tests.scripted_model import ScriptedModel, asked_for
from tests.scripted_replies import Json, Reply
from tools.causes import Cause, Verdict

ADD = 'click "Add Funghi"'


@asynccontextmanager
async def at_the_menu(
    shop: Shop, model: ScriptedModel, home: Path, told: Told, **settings: bool
) -> AsyncIterator[Live]:
    """The browser of a run, at the shop's menu."""
    asked = RunSettings(task="Order", url=shop.url, model_url=model.url, home=home, **settings)
    async with opened(RunFolder.create(asked), asked, Given(told), None) as live:
        await live.session.page.goto(shop.url)
        yield live


def part(live: Live, *attempts: Attempt, do: str = ADD) -> RunState:
    plan = [Step(do=do, expect="the basket is shown")]
    return RunState(
        run=live.folder.run, task=do, plan=plan, attempts=[*attempts], limits=Limits(steps=8)
    )


def failed(cause: Cause = Cause.COVERED, evidence: str = "dialog Cookies covers it") -> Attempt:
    verdict = Verdict(cause=cause, evidence=evidence)
    action = {"action": "click", "ref": "[e1]"}
    said = "click button Add Funghi"
    return Attempt(number=1, step=0, action=action, said=said, page="", verdict=verdict)


async def in_the_basket(live: Live) -> str:
    return "" if live.session.page.url.endswith("/basket") else "the address is /basket"


def counting(asked: list[str]) -> Callable[[Json], Reply]:
    def reply(request: Json) -> Reply:
        asked.append(asked_for(request))
        return sensible([ADD])(request)

    return reply


async def test_a_step_is_done_without_a_plan_being_made(tmp_path: Path) -> None:
    asked: list[str] = []
    told = Told()
    with Shop() as shop, ScriptedModel(counting(asked)) as model:
        async with at_the_menu(shop, model, tmp_path, told) as live:
            state = await carry_out(live, part(live), "1", None, lambda _: in_the_basket(live))
    assert state.outcome
    assert state.outcome.status == "done"
    assert asked == ["decide"]


async def test_a_failure_begins_with_a_reflection(tmp_path: Path) -> None:
    told = Told()
    with Shop(banner=True) as shop, ScriptedModel(sensible()) as model:
        async with at_the_menu(shop, model, tmp_path, told) as live:
            begin = part(live, failed())
            page = await look(live, begin)
            begin = begin.model_copy(update={"observation": page})
            state = await carry_out(live, begin, "1", None, lambda _: in_the_basket(live))
    assert state.outcome
    assert state.outcome.status == "done", state.outcome.answer
    (reflected,) = told.of(Reflected)
    assert reflected.evidence == "dialog Cookies covers it"
    assert [a.said for a in state.attempts[1:]] == [
        "click button Accept",
        "click button Add Funghi",
    ]


async def test_what_is_missing_afterwards_is_planned_for_and_then_said(tmp_path: Path) -> None:
    async def never(state: RunState) -> str:
        return "a drone delivers it"

    asked: list[str] = []
    with Shop() as shop, ScriptedModel(counting(asked)) as model:
        async with at_the_menu(shop, model, tmp_path, Told()) as live:
            begin = part(live, do='click "Basket"')
            state = await carry_out(live, begin, "1", None, never)
    assert state.outcome
    assert state.outcome.status == "failed"
    assert "finish" not in asked
    assert "replan" in asked


async def test_an_order_waits_for_the_yes_and_goes_on_under_its_name(tmp_path: Path) -> None:
    with Shop() as shop, ScriptedModel(sensible()) as model:
        async with at_the_menu(shop, model, tmp_path, Told()) as live:
            page = live.session.page
            await page.get_by_text("Add Funghi").click()
            await page.get_by_text("Checkout").click()
            await page.get_by_label("Name").fill("Ann")

            async def thanked(state: RunState) -> str:
                return "" if live.session.page.url.endswith("/thanks") else "it says thanks"

            begin = part(live, do='click "Place order"')
            state = await carry_out(live, begin, "9", None, thanked)
            assert state.outcome
            assert state.outcome.status == "needs_approval"
            assert shop.orders == []
            state = await carry_out(live, begin, "9", User(), thanked)
            assert state.outcome
            assert state.outcome.status == "done"
    assert len(shop.orders) == 1
