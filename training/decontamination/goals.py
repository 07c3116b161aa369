"""What the tasks of MiniWoB++ say, read from their pages in Chromium as `secondlook eval` does.

Nothing but the checker reads this: the goals of the unseen tasks lie in build/ and nowhere in
the generator's reach.
"""

import asyncio
import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from playwright.async_api import Browser

from tasks.eval.miniwob import MiniWoB, begin_episode, installed_pages
from tasks.eval.miniwob_lists import BROWSERGYM, PUBLIC
from tasks.eval.problems import EvaluationError
from tasks.eval.suite import Key
from tools.browser import BrowserOptions, open_browser
from tools.errors import ToolError

SEEDS = 20
TASKS = tuple(sorted({*BROWSERGYM, *PUBLIC}))


def miniwob_goals(folder: Path) -> dict[str, list[str]]:
    """Each task's goals at `SEEDS` seeds, from `folder` if they were read before.

    Raises SystemExit with one sentence where there are no pages or no browser.
    """
    try:
        pages = installed_pages()
        digest = _digest(pages)
        path = folder / f"miniwob-{digest}.json"
        if not path.exists():
            print(f"decontamination: reading the goals of {len(TASKS)} MiniWoB++ tasks, once")
            read = asyncio.run(_read(MiniWoB(pages), TASKS))
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(".part")
            draft.write_text(json.dumps(read, indent=1, ensure_ascii=False))
            draft.replace(path)
    except (EvaluationError, ToolError) as problem:
        raise SystemExit(f"The goals of MiniWoB++ cannot be read: {problem}") from problem
    goals: dict[str, list[str]] = json.loads(path.read_text())
    return goals


def _digest(pages: Path) -> str:
    """What the goals depend on: the pages, and how many seeds are read."""
    digest = sha256(f"{SEEDS} {TASKS}".encode())
    for page in sorted((pages / "miniwob").glob("*.html")):
        digest.update(page.read_bytes())
    return digest.hexdigest()[:16]


async def _read(suite: MiniWoB, tasks: Sequence[str]) -> dict[str, list[str]]:
    async with suite.served(), open_browser(BrowserOptions()) as browser:
        return {task: await _goals(suite, browser, task) for task in tasks}


async def _goals(suite: MiniWoB, browser: Browser, task: str) -> list[str]:
    """The different goals of a task, in the order in which the seeds bring them."""
    window = await browser.new_context()
    try:
        first = await suite.begin(window, Key(task, 0))
        (page,) = window.pages
        goals = [first.task, *[await begin_episode(page, seed) for seed in range(1, SEEDS)]]
        return list(dict.fromkeys(goals))
    finally:
        await window.close()
