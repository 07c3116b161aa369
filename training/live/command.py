"""`python -m training replay`: the teacher on live tasks, its conversations in a file."""

import argparse
import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack
from typing import TextIO

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
from training.mixing import line_of, read_conversations
from training.train import replace_file

Played = tuple[str, Replayed]
"""The name of a family, and what came of a task of it."""

PROGRESS = 50
"""A line is told for so many tasks."""

SHOWN = 10
"""So many reasons for which tasks are not kept are told."""


def replay(options: argparse.Namespace) -> None:
    """Do so many tasks, write what is kept to `options.out`, and tell it as a table.

    What is kept is also in a draft beside it at once, so that a run cut short is of use.
    """
    began = time.monotonic()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    draft = options.out.with_name(f"{options.out.name}.draft")
    with draft.open("w", encoding="utf-8") as file:
        played = asyncio.run(_played(options, file))
    kept = list(dict.fromkeys(read_conversations(draft)))
    require_clean_wording(kept)
    text = "".join(line_of(conversation) for conversation in kept)
    replace_file(options.out, lambda new: new.write_text(text, encoding="utf-8"))
    draft.unlink()
    _tell(played)
    minutes = (time.monotonic() - began) / 60
    print(f"{options.out}: {len(kept)} conversations, {len(kept) / minutes:.0f} a minute")


def fitting(conversations: Iterable[Conversation]) -> Iterable[Conversation]:
    """Those that are short enough to train on, and have no word of the demo shop by chance."""
    for conversation in conversations:
        text = "\n".join(turn.content for turn in conversation)
        if len(text) <= LONGEST and forbidden_words().isdisjoint(words_of(text)):
            yield conversation


async def _played(options: argparse.Namespace, file: TextIO) -> list[Played]:
    """Do the tasks, and write down what is kept of each as soon as it is over."""
    found: list[Played] = []
    seeds = iter(range(options.seed, options.seed + options.count))

    async def work(player: Player) -> None:
        for seed in seeds:
            rng = random.Random(f"replay {seed}")
            name = drawn(rng)
            replayed = await player.play(made(name, seed), rng)
            found.append((name, replayed))
            file.write("".join(line_of(c) for c in fitting(replayed.made)))
            file.flush()
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


def _tell(played: Sequence[Played]) -> None:
    """Families with their tasks, those kept, and their conversations; why others were not kept."""
    shown = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    shown.add_column("Family", no_wrap=True)
    for name in ("Tasks", "Kept", "Conversations"):
        shown.add_column(name, justify="right")
    for name in [*sorted({name for name, _ in played}), ""]:
        of = [each for family, each in played if name in (family, "")]
        numbers = (len(of), sum(e.kept for e in of), sum(len(e.made) for e in of))
        shown.add_row(name or "all", *map(str, numbers))
    Console(highlight=False).print(shown)
    for why, count in Counter(each.why for _, each in played if each.why).most_common(SHOWN):
        print(f"not kept: {count} {why}")
