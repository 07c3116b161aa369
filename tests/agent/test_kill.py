"""`kill -9` at any moment of an order, then resume: one order each time."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from agent.run import list_runs
from tests.agent.sensible import sensible
from tests.agent.shop import Shop
from tests.scripted_model import ScriptedModel

ROOT = Path(__file__).parents[2]


async def carry_out(home: Path, shop: Shop, model: ScriptedModel, moment: str = "") -> str:
    """Start or resume the one run of this home in a process of its own; what it printed."""
    runs = list_runs(home)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.agent.killed", str(home), shop.url, model.url),
        *(runs[0].run if runs else "", moment),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
    )
    out, errors = await process.communicate()
    if moment:
        assert process.returncode == -signal.SIGKILL, errors.decode()
    else:
        assert process.returncode == 0, errors.decode()
    return out.decode().strip()


MOMENTS = [
    "started",
    "observed:1",
    "planned",
    "decided:1",  # to put it into the basket
    "action:1",
    "observed:2",  # it is in the basket, and no checkpoint knows
    "verdict:1",
    "decided:3",  # the name
    "verdict:3",
    "action:4",
    "verdict:4",  # both fields are filled, and lost with the browser
    "decided:5",  # to place the order
    "action:5",
    "observed:6",  # the order is placed, and no checkpoint knows
    "verdict:5",
    "step_done:5",
    "usage:7",  # the goal is checked
]


@pytest.mark.parametrize("moment", MOMENTS)
async def test_one_order_each_time(tmp_path: Path, moment: str) -> None:
    with Shop() as shop, ScriptedModel(sensible()) as model:
        await carry_out(tmp_path, shop, model, moment)
        said = await carry_out(tmp_path, shop, model)
        assert said.startswith("done"), said
        assert shop.orders == [{"pizzas": ["Funghi"], "name": "Ann"}]
