"""The live tasks as a suite, so that agents are run on them and judged by the pages."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from difflib import get_close_matches

from playwright.async_api import BrowserContext
from playwright.async_api import Error as PlaywrightError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tasks.eval.problems import EvaluationError
from tasks.eval.suite import Asked, Judgement, Key
from tasks.loopback import served, this_or_a_free_port
from training.live.document import STANDS, document
from training.live.families import FAMILIES, made

PORT = 8791
"""Where the pages are served if nothing else is there."""


class LivePages:
    """Every family is a task, and its seed draws the page."""

    name = "live"

    def __init__(self) -> None:
        self._url = ""

    def check(self, tasks: Sequence[str]) -> None:
        """Raise EvaluationError for a family that there is not."""
        for task in tasks:
            if task not in FAMILIES:
                close = get_close_matches(task, FAMILIES, n=1)
                hint = f"; did you mean {close[0]}?" if close else "."
                raise EvaluationError(f"There is no family {task}{hint}")

    @asynccontextmanager
    async def served(self) -> AsyncIterator[None]:
        """The pages on loopback."""
        pages = Starlette(routes=[Route("/{family}/{seed:int}", _page)])
        async with served(pages, this_or_a_free_port(PORT)) as self._url:
            yield

    async def begin(self, window: BrowserContext, key: Key) -> Asked:
        """Open the page of this task."""
        page = await window.new_page()
        await page.goto(f"{self._url}/{key.task}/{key.seed}")
        return Asked(task=made(key.task, key.seed).task, url=page.url, yes=True)

    async def over(self, window: BrowserContext) -> bool:
        """Whether the page has given its word, or was left."""
        stands = await _stands(window)
        return stands is None or stands[0]

    async def judge(self, window: BrowserContext, key: Key) -> Judgement:
        """The page's word; without one the task is not done."""
        stands = await _stands(window)
        if stands is None:
            return Judgement(False, "the page was left")
        done, reward, why = stands
        if not done:
            return Judgement(False, "the page still waits")
        return Judgement(reward > 0, f"the page says no: {why}" if reward <= 0 else "")


async def _page(request: Request) -> HTMLResponse:
    family, seed = request.path_params["family"], request.path_params["seed"]
    if family not in FAMILIES:
        return HTMLResponse("There is no such family.", status_code=404)
    return HTMLResponse(document(made(family, seed)))


async def _stands(window: BrowserContext) -> tuple[bool, float, str] | None:
    for page in window.pages:
        try:
            stands = await page.evaluate(STANDS)
        except PlaywrightError:  # it is just on its way to another page
            continue
        if stands:
            return bool(stands[0]), float(stands[1]), str(stands[2])
    return None
