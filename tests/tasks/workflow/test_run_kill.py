"""`kill -9` at any moment of a workflow, then resume: one order each time."""

import asyncio
import multiprocessing
import re
import signal
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from agent.settings import RunSettings
from tests.agent.sensible import act
from tests.agent.shop import Shop
from tests.agent.test_run import User
from tests.scripted_model import ScriptedModel, asked_for
from tests.scripted_replies import Json, Reply, answer
from tests.tasks.workflow import orders
from tests.tasks.workflow.orders import ORDER, carry_out, settings, stored

SPAWN = multiprocessing.get_context("forkserver")
SPAWN.set_forkserver_preload(["tests.tasks.workflow.orders"])


def begun(run: RunSettings, moment: str = "") -> tuple[BaseProcess, Connection]:
    """A process that works on the run and is killed at a moment, and what it says at its end."""
    here, there = SPAWN.Pipe(duplex=False)
    process = SPAWN.Process(target=orders.in_a_process, args=(run, moment, there))
    process.start()
    there.close()
    return process, here


async def until(run: RunSettings, moment: str = "") -> str:
    """Work on the run until it is killed, or to its end; how it ended if it did."""
    process, here = begun(run, moment)
    await asyncio.to_thread(process.join)
    assert process.exitcode == (-signal.SIGKILL if moment else 0)
    return "" if moment else str(here.recv())


MOMENTS = [
    "action:1",  # about to put it into the basket
    "verdict:1",  # it is in the basket, but the step has no end
    "action:4",  # the name is filled in, and lost with the browser
    "action:5",  # about to place the order
    "verdict:5",  # it is placed, but the step has no end
]


@pytest.mark.parametrize("moment", MOMENTS)
async def test_one_order_each_time(tmp_path: Path, moment: str) -> None:
    with Shop() as shop:
        run = settings(ORDER, tmp_path, shop.url, yes=True)
        await until(run, moment)
        said = await until(run)
        assert said.startswith("done"), said
        assert shop.orders == [{"pizzas": ["Funghi"], "name": "Ann"}]


async def test_killed_again_while_it_resumes(tmp_path: Path) -> None:
    with Shop() as shop:
        run = settings(ORDER, tmp_path, shop.url, yes=True)
        for moment in ("step_done:2", "action:2", "verdict:1"):
            await until(run, moment)
        said = await until(run)
        assert said.startswith("done"), said
        assert shop.orders == [{"pizzas": ["Funghi"], "name": "Ann"}]


async def test_an_order_that_may_have_been_placed_is_asked_about(tmp_path: Path) -> None:
    """The shop never answers: nothing shows whether it took the order, so nobody orders again."""
    with Shop(slow=30) as shop:
        run = settings(ORDER, tmp_path, shop.url, yes=True)
        process, _ = begun(run)
        while "/order" not in shop.posts:  # noqa: ASYNC110  the shop is in a thread of its own
            await asyncio.sleep(0.02)
        process.kill()
        shop.slow = 0
        said = await until(run)
        assert said.startswith("needs_answer"), said
        assert "Did it take effect" in said
        assert shop.orders == []
        result = await carry_out(stored(tmp_path), approver=User(answer="no"))
        assert result.ok, result.answer
        assert len(shop.orders) == 1


@pytest.mark.parametrize("moment", ["action:5", "verdict:6"])
async def test_killed_while_the_model_has_the_order_in_hand(tmp_path: Path, moment: str) -> None:
    """The button is another one now; the run dies when the model presses it, or just after."""
    text = ORDER.replace('name="Place order")', 'name="Buy it")\n    timeout: 500ms')

    def reply(request: Json) -> Reply:
        if asked_for(request) == "reflect":
            words = {"diagnosis": "Renamed.", "strategy": "retry_differently", "advice": "Go on."}
            return answer("Hm.", words, reflection="It is called something else.")
        found = re.search(r"Place order\[(e\d+)\]", ScriptedModel.prompt(request))
        if found is None:
            return answer(
                "Done already.", {"actions": [{"action": "finish"}], "completes_step": True}
            )
        return act({"action": "click", "ref": f"[{found[1]}]"})

    with Shop() as shop, ScriptedModel(reply) as model:
        run = settings(text, tmp_path, shop.url, yes=True, model_url=model.url)
        await until(run, moment)
        said = await until(run)
        assert said.startswith("done"), said
        assert shop.orders == [{"pizzas": ["Funghi"], "name": "Ann"}]
