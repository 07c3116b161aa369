"""What `runs` and `show` tell of stored runs."""

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from agent.events import Started
from agent.folder import RunRecord
from agent.settings import RunSettings
from agent.state import Outcome
from tasks.story import listing, story

RUN = "20261124-funghi-x7"
LONG = "Order a Funghi pizza, size Large (or Small if that is sold out), for Ann in Hill Street 1"
DOWN = Outcome(status="stopped", answer="The model at http://127.0.0.1:1/v1 does not answer.")


def record(**more: Any) -> RunRecord:
    return RunRecord(run=RUN, settings=RunSettings(task=LONG), **more)


def printed(*parts: Any, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(*parts, sep="\n")
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_long_task_leaves_the_name_of_its_run_whole(width: int) -> None:
    text = printed(listing([record(status="needs_approval")]), width=width)
    assert all(len(line) <= width for line in text.splitlines())
    assert f"{RUN}  " in text
    assert "Needs your approval  Or" in text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ({"status": "stopped", "outcome": DOWN}, DOWN.answer),
        ({"status": "stopped"}, f"secondlook resume {RUN}"),
        ({"status": "running"}, "It is going on."),
    ],
)
def test_a_run_that_told_no_end_is_said_to_have_none(status: dict[str, Any], words: str) -> None:
    begun = Started(run=RUN, task=LONG, folder="/runs")
    parts = story(record(model="mini", **status), Path("/runs"), [begun], Console(width=80))
    text = printed(*parts)
    assert words in text
    assert "mini" in text
    assert ("To go on" in text) == (status["status"] != "running")
