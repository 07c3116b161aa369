"""Questions from real runs on the public MiniWoB++ tasks, each with the expert's answer.

The runs are the expert's own, some of them with slips, or the model's: then the expert says what
was right where the model came by its own mistakes (DAgger, Ross et al. 2011, arXiv 1011.0686).
"""

import argparse
import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from agent.chats import read_chats
from agent.errors import AgentError
from agent.folder import RunFolder
from tasks.bundled import bundled_model
from tasks.eval.episode import Agent
from tasks.eval.evaluate import evaluate, keys_of
from tasks.eval.miniwob import MiniWoB, installed_pages
from tasks.eval.miniwob_lists import PUBLIC
from tasks.eval.results import Episode, Results, Setup
from tasks.loopback import served
from tools.browser import BrowserOptions
from tools.errors import ToolError
from training.conversation import Conversation, Turn
from training.expert.answer import answered
from training.expert.question import read_question
from training.expert.serve import NAME, Expert
from training.mixing import line_of
from training.train import replace_file

FIRST_SEED = 100_000
"""Evaluations count their seeds from 0: what is measured is not trained on."""

MOST_ACTIONS = 20


def collect(options: argparse.Namespace) -> None:
    """Run, label, and write the conversations to `options.out`.

    Leaves with one sentence where that cannot be done.
    """
    try:
        _collect(options)
    except (AgentError, ToolError) as error:
        raise SystemExit(str(error)) from error


def _collect(options: argparse.Namespace) -> None:
    unknown = [task for task in options.tasks if task not in PUBLIC]
    if unknown:
        raise SystemExit(f"Not on the public list of MiniWoB++: {', '.join(unknown)}.")
    folder = options.out.with_suffix("")
    setup = Setup(
        suite=MiniWoB.name,
        model=f"student {options.temperature}" if options.student else f"{NAME} {options.slips}",
        temperature=options.temperature if options.student else None,
        faults=options.faults,
        max_actions=MOST_ACTIONS,
        max_seconds=90,
    )
    folder.mkdir(parents=True, exist_ok=True)
    results = Results(setup, folder / "results.jsonl")
    asyncio.run(_run(options, results, folder))
    made = list(dict.fromkeys(labelled(results.listed(), folder)))
    text = "".join(line_of(conversation) for conversation in made)
    replace_file(options.out, lambda draft: draft.write_text(text, encoding="utf-8"))
    print(f"{options.out}: {len(made)} conversations of {len(results.listed())} episodes")


async def _run(options: argparse.Namespace, results: Results, folder: Path) -> None:
    first = FIRST_SEED + options.seed
    keys = keys_of(options.tasks or PUBLIC, range(first, first + options.seeds))
    async with AsyncExitStack() as stack:
        if options.student:
            url = (await stack.enter_async_context(bundled_model())).url
        else:
            expert = Expert(options.slips, options.seed)
            url = f"{await stack.enter_async_context(served(expert.app))}/v1"
        agent = Agent(model_url=url, home=folder, chats=True)
        browser = BrowserOptions()
        suite = MiniWoB(installed_pages())
        await evaluate(suite, keys, results, agent, browser, options.parallel, _told)


def _told(episode: Episode) -> None:
    print(
        f"{episode.task} {episode.seed}: {'done' if episode.success else episode.why}", flush=True
    )


def labelled(episodes: Sequence[Episode], home: Path) -> Iterator[Conversation]:
    """The questions of all these episodes that the expert can answer, with its answers."""
    for episode in episodes:
        chats = RunFolder.find(home, episode.run).chats if episode.run else None
        if chats is None or not chats.exists():
            continue
        for chat in read_chats(chats):
            asked = next(m["content"] for m in chat.messages if m["role"] == "user")
            if answer := answered(read_question(asked)):
                yield (Turn("user", asked), Turn("assistant", answer))
