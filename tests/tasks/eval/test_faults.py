"""Faults happen in the page, by the seed, and a model that looks again gets over them."""

import json
from pathlib import Path

from playwright.async_api import Browser

from tasks.eval.results import Episode
from tests.tasks.eval.episodes import as_told, episode

SHARE = 0.4
SEEDS = (0, 4, 7)
"""With these no action is hit twice on the same page, which the agent rightly gives up."""


async def _episodes(
    browser: Browser, home: Path | None = None, reflection: bool = True
) -> list[Episode]:
    done = []
    for seed in SEEDS:
        given = {"faults": SHARE, "max_actions": 20, "reflection": reflection}
        done.append((await episode(browser, as_told, "press", seed, None, home, **given))[0])
    return done


def _causes(home: Path) -> set[str]:
    """The causes of all actions that failed in the runs that are kept there."""
    events = [
        json.loads(line)
        for file in home.glob("runs/*/events.jsonl")
        for line in file.read_text().splitlines()
    ]
    return {e["verdict"]["cause"] for e in events if e["kind"] == "verdict"} - {None}


async def test_each_kind_happens_and_is_got_over(chromium: Browser, tmp_path: Path) -> None:
    done = await _episodes(chromium, tmp_path)
    assert all(each.success for each in done), done
    kinds = {fault.split(" ")[1] for each in done for fault in each.faults}
    assert kinds == {"banner", "stale", "swallowed"}
    assert all(each.reflections for each in done)
    assert {"covered", "detached", "no_effect"} <= _causes(tmp_path)


async def test_reflection_off_meets_the_same_faults_and_fails(chromium: Browser) -> None:
    on, off = await _episodes(chromium), await _episodes(chromium, reflection=False)
    assert sum(each.success for each in off) < sum(each.success for each in on)
    for one, other in zip(on, off, strict=True):
        assert one.goal == other.goal
        assert one.faults[:1] == other.faults[:1]
