"""The state is JSON and comes back as it was; only the newest checkpoints stay."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from langchain_core.runnables import RunnableConfig

from agent.answers import Strategy
from agent.checkpoint import KEPT, open_saver, plain
from agent.errors import RunStorageFailed
from agent.graph import build
from agent.state import Limits, Outcome, RunState, Usage
from tests.agent.states import DONE, FAILED, OK, attempt, intent, page, reflection, state

CONFIG: RunnableConfig = {"configurable": {"thread_id": "r"}}
CLICK = {"action": "click", "ref": "[e1]"}
MENU = page("button Add", "combobox Size: Large", dialog="confirm: Sure?")

STATES = {
    "begun": RunState(run="r", task="Order", started=datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC)),
    "planned": state(observation=None, lessons=["button Add was covered before"]),
    "decided": state(observation=MENU, pending=[CLICK], completes_step=True),
    "about to act": state(
        observation=MENU, pending=[CLICK], intent=intent(MENU, effect="commit"), granted=["a.b"]
    ),
    "acted": state(
        observation=MENU,
        intent=intent(MENU),
        acted={"text": "", "cause": "covered", "evidence": "dialog Cookies covers it"},
    ),
    "failed": state(
        attempts=[attempt(1, FAILED), attempt(2, OK, sent=True, commit=True, unknown=True)],
        reflections=[reflection(Strategy.DO_SOMETHING_FIRST)],
        replanned=[1],
        answers=["Which? Funghi ☕"],
        wanted="http://pay.example/",
    ),
    "ended": state(
        plan=DONE,
        step=2,
        limits=Limits(steps=3, seconds=1.5, tokens=7),
        usage=Usage(steps=3, seconds=1.25, prompt_tokens=5, answer_tokens=2, model_calls=1),
        outcome=Outcome(status="done", answer="Ordered.", evidence=["text Thank you"]),
        taken_up=1,
        resumed=True,
        look="price",
    ),
}


@pytest.mark.parametrize("name", STATES)
async def test_every_state_comes_back_as_it_was(tmp_path: Path, name: str) -> None:
    given = STATES[name]
    data = plain(dict(given))
    assert json.loads(json.dumps(data)) == data
    async with open_saver(tmp_path / "c.sqlite") as saver:
        await build(saver).aupdate_state(CONFIG, data, as_node="act")
    async with open_saver(tmp_path / "c.sqlite") as saver:
        snapshot = await build(saver).aget_state(CONFIG)
    assert RunState.model_validate(snapshot.values) == given


async def test_only_the_newest_checkpoints_stay(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    async with open_saver(path) as saver:
        graph = build(saver)
        for n in range(10):
            await graph.aupdate_state(CONFIG, {"run": "r", "task": f"task {n}"}, as_node="act")
        snapshot = await graph.aget_state(CONFIG)
    assert snapshot.values["task"] == "task 9"
    with sqlite3.connect(path) as kept:
        assert kept.execute("SELECT count(*) FROM checkpoints").fetchone() == (KEPT,)
        assert kept.execute("PRAGMA journal_mode").fetchone() == ("wal",)


async def test_checkpoints_that_cannot_be_written_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "c.sqlite").mkdir()
    with pytest.raises(RunStorageFailed, match=r"c\.sqlite cannot be written"):
        async with open_saver(tmp_path / "c.sqlite"):
            pass


async def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "c.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(RunStorageFailed, match="not a database"):
        async with open_saver(tmp_path / "c.sqlite"):
            pass
