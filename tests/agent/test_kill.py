"""`kill -9` at any moment of an order, then resume: one order each time."""

import asyncio
import multiprocessing
import signal
from pathlib import Path

import pytest

from agent.run import list_runs, resume
from tests.agent import killed
from tests.agent.sensible import ORDER, sensible
from tests.agent.shop import Shop
from tests.agent.test_run import User
from tests.scripted_model import ScriptedModel, asked_for
from tests.scripted_replies import Json, Reply

SPAWN = multiprocessing.get_context("forkserver")
SPAWN.set_forkserver_preload(["tests.agent.killed"])


async def carry_out(home: Path, shop: Shop, model: ScriptedModel, moment: str = "") -> str:
    """Start or resume the one run of this home in a process of its own; how it ended."""
    runs = list_runs(home)
    here, there = SPAWN.Pipe(duplex=False)
    given = (str(home), shop.url, model.url, runs[0].run if runs else "", moment, there)
    process = SPAWN.Process(target=killed.carry_out, args=given)
    process.start()
    there.close()
    await asyncio.to_thread(process.join)
    assert process.exitcode == (-signal.SIGKILL if moment else 0)
    return "" if moment else str(here.recv())


MOMENTS = [
    "planned",
    "action:1",  # about to put it into the basket
    "observed:2",  # it is in the basket, and no checkpoint knows
    "verdict:4",  # both fields are filled, and lost with the browser
    "action:5",  # about to place the order
    "observed:6",  # the order is placed, and no checkpoint knows
    "verdict:5",
    "usage:7",  # the goal is checked
]


@pytest.mark.parametrize("moment", MOMENTS)
async def test_one_order_each_time(tmp_path: Path, moment: str) -> None:
    with Shop() as shop, ScriptedModel(sensible()) as model:
        await carry_out(tmp_path, shop, model, moment)
        said = await carry_out(tmp_path, shop, model)
        assert said.startswith("done"), said
        assert shop.orders == [{"pizzas": ["Funghi"], "name": "Ann"}]


async def test_an_order_that_was_under_way_is_not_placed_again_unasked(tmp_path: Path) -> None:
    """The shop works on the order when the run dies, and shows no confirmation afterwards: a
    model that then plans the whole order once more does not get it through, `--yes` or not."""
    again = sensible(['click "Menu"', *ORDER])
    first = sensible()

    def reply(request: Json) -> Reply:
        return again(request) if asked_for(request) == "replan" else first(request)

    with Shop(slow=1.5) as shop, ScriptedModel(reply) as model:
        await carry_out(tmp_path, shop, model, "action:5+1")
        said = await carry_out(tmp_path, shop, model)
        assert said.startswith("needs_approval"), said
        assert "may have happened already" in said
        assert len(shop.orders) == 1


async def test_an_order_that_the_page_still_offers_is_asked_about(tmp_path: Path) -> None:
    """The shop failed to answer: only the user can know whether it took the order."""
    with Shop(slow=60) as shop, ScriptedModel(sensible()) as model:
        await carry_out(tmp_path, shop, model, "action:5+2")
        shop.slow = 0
        said = await carry_out(tmp_path, shop, model)
        assert said.startswith("needs_answer"), said
        assert "Did it take effect" in said
        assert shop.orders == []
        (record,) = list_runs(tmp_path)
        state = await resume(record.run, tmp_path, lambda _: None, User(answer="no"))
        assert state.outcome
        assert state.outcome.status == "done", state.outcome.answer
        assert len(shop.orders) == 1


async def test_killed_again_while_it_resumes(tmp_path: Path) -> None:
    with Shop() as shop, ScriptedModel(sensible()) as model:
        for moment in ("verdict:2", "observed:1", "decided:2", "action:3"):
            await carry_out(tmp_path, shop, model, moment)
        said = await carry_out(tmp_path, shop, model)
        assert said.startswith("done"), said
        assert shop.orders == [{"pizzas": ["Funghi"], "name": "Ann"}]
