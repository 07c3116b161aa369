"""`python -m training practise`: an agent on live tasks, its runs and chats kept to learn from."""

import argparse
import asyncio
from contextlib import AsyncExitStack

from rich.console import Console

from agent.errors import AgentError
from agent.model.endpoints import configured
from tasks.bundled import bundled_digest, bundled_model, local_name
from tasks.eval.episode import Agent
from tasks.eval.evaluate import evaluate, keys_of
from tasks.eval.progress import Watcher
from tasks.eval.report import report
from tasks.eval.results import Results, Setup
from tools.browser import BrowserOptions
from tools.errors import ToolError
from training.live.families import FAMILIES
from training.live.suite import LivePages

MOST_ACTIONS = 20
MOST_SECONDS = 120


def practise(options: argparse.Namespace) -> None:
    """Do the episodes that `options.json` does not have yet; tell all of them as a table."""
    console = Console(highlight=False)
    try:
        results = asyncio.run(_practised(options, console))
    except (AgentError, ToolError) as error:
        raise SystemExit(str(error)) from error
    console.print(report(results.setup, results.listed(), ()))


async def _practised(options: argparse.Namespace, console: Console) -> Results:
    suite = LivePages()
    tasks = options.families or list(FAMILIES)
    suite.check(tasks)
    endpoint = configured(options.model_url, options.model)
    own = f"{local_name()} {bundled_digest()}"
    setup = Setup(
        suite=suite.name,
        model=f"{endpoint.model} at {endpoint.url}" if endpoint else own,
        temperature=options.temperature,
        faults=options.faults,
        max_actions=MOST_ACTIONS,
        max_seconds=MOST_SECONDS,
    )
    results = Results(setup, options.json)
    keys = keys_of(tasks, range(options.seed, options.seed + options.seeds))
    async with AsyncExitStack() as stack:
        bundled = "" if endpoint else (await stack.enter_async_context(bundled_model())).url
        agent = Agent(
            model_url=options.model_url,
            model_name=options.model,
            bundled_url=bundled,
            home=options.home,
            chats=True,
        )
        watcher = stack.enter_context(Watcher(console, results, keys))
        await evaluate(
            suite, keys, results, agent, BrowserOptions(), options.parallel, watcher.told
        )
    return results
