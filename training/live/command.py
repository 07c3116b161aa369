"""`python -m training replay`: the teacher on live tasks, its conversations in a file."""

import argparse
import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tools.browser import BrowserOptions, open_browser, open_session
from training.conversation import Conversation
from training.curriculum import LONGEST
from training.decontamination.check import require_clean_wording
from training.decontamination.shop import forbidden_words
from training.decontamination.text import words_of
from training.live.families import drawn, made
from training.live.replay import Player, Replayed
from training.mixing import line_of
from training.train import replace_file

Played = tuple[str, Replayed]
"""The name of a family, and what came of a task of it."""

PROGRESS = 50
"""A line is told for so many tasks."""


def replay(options: argparse.Namespace) -> None:
    """Do so many tasks, write what is kept to `options.out`, and tell it as a table."""
    began = time.monotonic()
    played = asyncio.run(_played(options))
    kept = list(dict.fromkeys(fitting(c for _, each in played for c in each.made)))
    require_clean_wording(kept)
    text = "".join(line_of(conversation) for conversation in kept)
    replace_file(options.out, lambda draft: draft.write_text(text, encoding="utf-8"))
    Console(highlight=False).print(table(played))
    minutes = (time.monotonic() - began) / 60
    done = sum(each.kept for _, each in played)
    for why, count in Counter(each.why for _, each in played if each.why).most_common(10):
        print(f"not kept: {count} {why}")
    print(
        f"{options.out}: {len(kept)} conversations of {done} of {len(played)} tasks, "
        f"{len(kept) / minutes:.0f} a minute"
    )


def fitting(conversations: Iterable[Conversation]) -> Iterable[Conversation]:
    """Those that are short enough to train on, and have no word of the demo shop by chance."""
    for conversation in conversations:
        text = "\n".join(turn.content for turn in conversation)
        if len(text) <= LONGEST and forbidden_words().isdisjoint(words_of(text)):
            yield conversation


async def _played(options: argparse.Namespace) -> list[Played]:
    found: list[Played] = []
    seeds = iter(range(options.seed, options.seed + options.count))

    async def work(player: Player) -> None:
        for seed in seeds:
            rng = random.Random(f"replay {seed}")
            name = drawn(rng)
            found.append((name, await player.play(made(name, seed), rng)))
            if len(found) % PROGRESS == 0:
                print(f"{len(found)} of {options.count} tasks", flush=True)

    async with AsyncExitStack() as stack:
        players = [player async for player in _players(stack, options)]
        async with asyncio.TaskGroup() as group:
            for player in players:
                group.create_task(work(player))
    return found


async def _players(stack: AsyncExitStack, options: argparse.Namespace) -> AsyncIterator[Player]:
    browser = await stack.enter_async_context(open_browser(BrowserOptions()))
    for _ in range(options.parallel):
        session = await stack.enter_async_context(open_session(BrowserOptions(), shared=browser))
        player = Player(session, options.trouble)
        await player.ready()
        yield player


def table(played: Sequence[Played]) -> Table:
    """Families with their tasks, those kept, and their conversations."""
    shown = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    shown.add_column("Family", no_wrap=True)
    for name in ("Tasks", "Kept", "Conversations"):
        shown.add_column(name, justify="right")
    for name in sorted({name for name, _ in played}):
        of = [each for family, each in played if family == name]
        numbers = (len(of), sum(e.kept for e in of), sum(len(e.made) for e in of))
        shown.add_row(name, *map(str, numbers))
    return shown
