"""MiniWoB++ as BrowserGym sets it up: the goal only as the task, judged by the raw reward.

The pages are those of the package `miniwob`, of which nothing but its HTML is used. They are
served on loopback. Set-up and judgement follow Le Sellier de Chezelles et al. 2024, "The
BrowserGym Ecosystem for Web Agent Research" (arXiv 2412.05467), and its code: what the page shows
for people (goal, reward, time left) is hidden, the time is not limited, and a raw reward above 0
is a success.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path

from playwright.async_api import BrowserContext, Page
from playwright.async_api import Error as PlaywrightError
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from tasks.eval.miniwob_lists import BROWSERGYM, PUBLIC, UNSEEN
from tasks.eval.problems import EvaluationError
from tasks.eval.suite import Asked, Group, Judgement, Key
from tasks.loopback import served, this_or_a_free_port

PORT = 8790
"""Where the pages are served if nothing else is there: a model reads the address, and the same
pages at the same address can be compared."""

ANSWERS_S = 5
"""So long a page may take to say how its episode stands; one that shows a box says nothing."""

GROUPS = (
    Group("public", frozenset(PUBLIC)),
    Group("unseen", frozenset(UNSEEN)),
    Group("all", frozenset(BROWSERGYM)),
)


def installed_pages() -> Path:
    """The HTML of the package `miniwob`. Raises EvaluationError if it is not installed."""
    found = find_spec("miniwob")
    places = found.submodule_search_locations if found else None
    if not places or not (pages := Path(places[0]) / "html").is_dir():
        raise EvaluationError(
            "The MiniWoB++ pages are not installed: pip install 'secondlook[eval]', or only the "
            "pages with pip install --no-deps miniwob."
        )
    return pages


class MiniWoB:
    """The tasks of a folder of MiniWoB++ pages."""

    name = "miniwob"

    def __init__(self, pages: Path) -> None:
        self._pages = pages
        self._url = ""

    def check(self, tasks: Sequence[str]) -> None:
        """Raise EvaluationError for a task that has no page."""
        known = sorted(file.stem for file in (self._pages / "miniwob").glob("*.html"))
        for task in tasks:
            if task not in known:
                close = get_close_matches(task, known, n=1)
                hint = f"; did you mean {close[0]}?" if close else "."
                raise EvaluationError(f"There is no MiniWoB++ task {task}{hint}")

    @asynccontextmanager
    async def served(self) -> AsyncIterator[None]:
        """The pages on loopback."""
        pages = Starlette(routes=[Mount("/", StaticFiles(directory=self._pages))])
        async with served(pages, this_or_a_free_port(PORT)) as self._url:
            yield

    async def begin(self, window: BrowserContext, key: Key) -> Asked:
        """Open the page and start the episode of this seed."""
        page = await window.new_page()
        await page.goto(f"{self._url}/miniwob/{key.task}.html")
        await page.add_style_tag(content=_HIDDEN)
        return Asked(task=await begin_episode(page, key.seed), url=page.url, yes=True)

    async def over(self, window: BrowserContext) -> bool:
        """Whether the page gave its reward, or was left, which ends the episode as well."""
        stands = await _stands(window)
        return stands is None or stands[0]

    async def judge(self, window: BrowserContext, key: Key) -> Judgement:
        """The page's raw reward; without one the task is not done."""
        stands = await _stands(window)
        if stands is None:
            return Judgement(False, "the page was left")
        done, reward = stands
        if not done:
            return Judgement(False, "the page still waits")
        return Judgement(reward > 0, "" if reward > 0 else f"the page's reward is {reward:g}")


async def begin_episode(page: Page, seed: int) -> str:
    """Start the episode of this seed on a task's open page; its goal."""
    await page.evaluate(_START, seed)
    await page.wait_for_function("() => WOB_TASK_READY")
    return str(await page.evaluate(_GOAL))


async def _stands(window: BrowserContext) -> tuple[bool, float] | None:
    """Whether the episode is done and its raw reward; None if the page was left."""
    try:
        async with asyncio.timeout(ANSWERS_S):
            for page in window.pages:
                if stands := await page.evaluate(_STANDS):
                    return bool(stands[0]), float(stands[1])
    except TimeoutError:
        return False, 0.0
    except PlaywrightError:  # it is just on its way to another page
        return None
    return None


_HIDDEN = """
#reward-display, #click-canvas, #sync-task-cover { display: none !important; }
#query, #query * { visibility: hidden !important; }
"""

_START = """seed => {
  window.secondlookEpisode = true;
  Math.seedrandom(seed);
  core.EPISODE_MAX_TIME = 1000000;
  core.startEpisodeReal();
  core.clearTimer();
  document.body.removeEventListener('click', core.canvasDrawClick);
}"""

_GOAL = """() => {
  const told = core.getUtterance();
  return typeof told === 'string' ? told : told.utterance;
}"""

_STANDS = """() => window.secondlookEpisode ? [WOB_DONE_GLOBAL, WOB_RAW_REWARD_GLOBAL] : null"""
