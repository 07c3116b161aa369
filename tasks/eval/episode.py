"""One episode: a fresh window, the same agent as in `secondlook run`, and the page's judgement."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from playwright.async_api import Browser, BrowserContext
from playwright.async_api import Error as PlaywrightError

from agent.errors import AgentError, PromptTooLong
from agent.events import AnyEvent, Judged, Planned, Reflected, UsageNow
from agent.folder import RunFolder
from agent.gate import Gate
from agent.run import resume
from agent.settings import RunSettings
from agent.state import Limits, RunState, RunStatus
from tasks.eval.faults import Faults
from tasks.eval.problems import EvaluationError
from tasks.eval.results import Ended, Episode, Setup
from tasks.eval.suite import Asked, Key, Suite
from tools.browser import BrowserOptions
from tools.errors import BrowserGone, ToolError

T = TypeVar("T")

GRACE_S = 60
"""So long a run may take beyond its limit of time before it is broken off."""

_ENDED: dict[RunStatus, Ended] = {
    "done": "done",
    "limit": "limit",
    "needs_approval": "needs_user",
    "needs_answer": "needs_user",
}


class EpisodeOver(EvaluationError):
    """The page has given its reward, so that nothing is left to do."""


class EpisodeGate(Gate):
    """Ends the run between two nodes once its episode is over, and lets faults happen."""

    def __init__(self, over: Callable[[], Awaitable[bool]], faults: Faults | None) -> None:
        super().__init__()
        self._over, self._faults = over, faults

    async def passed(self, name: str, work: Callable[[], Awaitable[T]]) -> T:
        """What the node brings. Raises EpisodeOver; an action taken is judged first."""
        if name not in ("act", "verify") and await self._over():
            raise EpisodeOver("The page says that the episode is over.")
        if name != "act" or self._faults is None:
            return await super().passed(name, work)
        async with self._faults.around_action():
            return await super().passed(name, work)


class Counts:
    """Listens to a run and counts what it took."""

    def __init__(self) -> None:
        self.actions = self.reflections = self.tokens = 0
        self.step_seconds: list[float] = []
        self._mark: datetime | None = None

    def __call__(self, event: AnyEvent) -> None:
        """Count an event."""
        if isinstance(event, Judged):
            self.actions += 1
            if self._mark is not None:
                self.step_seconds.append(round((event.at - self._mark).total_seconds(), 3))
            self._mark = event.at
        elif isinstance(event, Planned):
            self._mark = self._mark or event.at
        elif isinstance(event, Reflected):
            self.reflections += 1
        elif isinstance(event, UsageNow):
            self.tokens = event.usage.prompt_tokens + event.usage.answer_tokens


@dataclass(frozen=True)
class Agent:
    """Who does the tasks: an endpoint as `RunSettings` names it, or where the bundled model
    answers. `home` keeps the runs with their pictures, and with `chats` every question and answer;
    None forgets them."""

    model_url: str = ""
    model_name: str = ""
    bundled_url: str = ""
    home: Path | None = None
    chats: bool = False


async def run_episode(
    browser: Browser, suite: Suite, key: Key, setup: Setup, agent: Agent
) -> Episode:
    """Do a task once and judge it.

    What breaks one episode off is its result (`error`); what would break off all others (no
    model, a full disk) is raised, as AgentError or ToolError.
    """
    counts, began = Counts(), time.monotonic()
    try:
        async with _window(browser) as window:
            came_of_it = await _tried(window, suite, key, setup, agent, counts)
    except BrowserGone as error:
        came_of_it = {"ended": "error", "why": str(error)}
    except (AgentError, ToolError):
        raise
    except Exception as error:  # noqa: BLE001  one broken episode must not end hours of others
        came_of_it = {"ended": "error", "why": f"{type(error).__name__}: {error}".splitlines()[0]}
    return Episode(
        task=key.task,
        seed=key.seed,
        actions=counts.actions,
        reflections=counts.reflections,
        tokens=counts.tokens,
        seconds=round(time.monotonic() - began, 2),
        step_seconds=counts.step_seconds,
        **came_of_it,
    )


@asynccontextmanager
async def _window(browser: Browser) -> AsyncIterator[BrowserContext]:
    width, height = BrowserOptions().viewport
    window = await browser.new_context(viewport={"width": width, "height": height})
    try:
        yield window
    finally:
        with suppress(PlaywrightError):  # it may have gone with the browser
            await window.close()


async def _tried(
    window: BrowserContext, suite: Suite, key: Key, setup: Setup, agent: Agent, counts: Counts
) -> dict[str, Any]:
    """The fields of the episode that its run and the page tell."""
    asked = await suite.begin(window, key)
    forgotten = tempfile.TemporaryDirectory(prefix="secondlook-")
    with nullcontext(str(agent.home)) if agent.home else forgotten as home:
        folder = RunFolder.create(_settings(asked, setup, agent, Path(home)))
        faults = Faults(setup.faults, key, window, folder) if setup.faults else None
        gate = EpisodeGate(partial(suite.over, window), faults)
        work = resume(
            folder.run,
            folder.home,
            counts,
            model_url=agent.bundled_url,
            gate=gate,
            browser=window,
        )
        ended, said = await _ended(work, setup.max_seconds)
    judged = await suite.judge(window, key)
    return {
        "run": folder.run if agent.home else "",
        "goal": asked.task,
        "success": judged.success,
        "claimed": ended == "done",
        "ended": ended,
        "why": "" if judged.success else ". ".join(filter(None, (judged.why, said))),
        "faults": faults.happened if faults else [],
    }


async def _ended(work: Coroutine[Any, Any, RunState], seconds: float) -> tuple[Ended, str]:
    """How the run ended, and what the agent says of it."""
    try:
        async with asyncio.timeout(seconds + GRACE_S):
            outcome = (await work).outcome
    except EpisodeOver:
        return "page", ""
    except PromptTooLong as error:
        return "failed", str(error)
    except TimeoutError:
        return "limit", "The run did not come to its end in time."
    assert outcome is not None, "a run ends with an outcome"
    return _ENDED.get(outcome.status, "failed"), outcome.answer


def _settings(asked: Asked, setup: Setup, agent: Agent, home: Path) -> RunSettings:
    return RunSettings(
        task=asked.task,
        url=asked.url,
        allow=list(asked.allow),
        secrets=list(asked.secrets),
        yes=asked.yes,
        model_url=agent.model_url,
        model_name=agent.model_name,
        temperature=setup.temperature,
        reflection=setup.reflection,
        limits=Limits(steps=setup.max_actions, seconds=setup.max_seconds),
        memory=False,
        screenshots=agent.home is not None,
        chats=agent.chats,
        home=home,
    )
