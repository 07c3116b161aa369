"""All episodes of an evaluation, several at once, each kept as soon as it is over."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence

from tasks.eval.episode import Agent, run_episode
from tasks.eval.results import Episode, Results
from tasks.eval.suite import Key, Suite
from tools.browser import BrowserOptions, open_browser

Told = Callable[[Episode], None]


def keys_of(tasks: Iterable[str], seeds: Sequence[int]) -> list[Key]:
    """All episodes, every task once before any is done again."""
    named = list(dict.fromkeys(tasks))
    return [Key(task, seed) for seed in seeds for task in named]


async def evaluate(
    suite: Suite,
    keys: Sequence[Key],
    results: Results,
    agent: Agent,
    browser: BrowserOptions,
    parallel: int,
    told: Told,
) -> None:
    """Do those of the episodes that `results` does not have yet.

    Raises the errors of the agent and the tools that would meet every episode; what is done is
    kept then.
    """
    waiting = deque(results.missing(keys))

    async def work() -> None:
        while waiting:
            async with open_browser(browser) as opened:
                while waiting and opened.is_connected():
                    key = waiting.popleft()
                    episode = await run_episode(opened, suite, key, results.setup, agent)
                    results.add(episode)
                    told(episode)

    async with suite.served():
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(parallel, len(waiting))):
                    group.create_task(work())
        except ExceptionGroup as several:
            raise several.exceptions[0] from several
