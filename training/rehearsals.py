"""The model's own successes as training data (rejection sampling, docs/tuning.md).

`secondlook eval … --chats` collects its runs; here those that the page called done are told
from the rest, and the shorter ones of them are kept as conversations.
"""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from agent.chats import read_chats
from agent.errors import AgentError
from agent.folder import RunFolder
from tasks.eval.miniwob import MiniWoB
from tasks.eval.miniwob_lists import PUBLIC
from tasks.eval.results import Episode, Results, read_results
from training.conversation import Conversation, Turn
from training.evaluate import output_of
from training.mixing import line_of
from training.train import replace_file

LEARNT = ("plan", "decide", "reflect")
"""The questions whose answers led to the reward; the others came after it or beside it."""


@dataclass(frozen=True)
class Rehearsed:
    """What one task gave: its episodes, and the conversations kept of those that were done."""

    task: str
    episodes: Sequence[Episode]
    kept: Sequence[Conversation]


def write(options: argparse.Namespace) -> None:
    """Write what is kept to `options.out`, and tell it as a table."""
    try:
        found = list(rehearsed(read_results(options.results), options.results, options.home))
    except AgentError as error:
        raise SystemExit(str(error)) from error
    lines = [line_of(conversation) for each in found for conversation in each.kept]
    Console(highlight=False).print(table(found))
    if not lines:
        raise SystemExit(f"{options.results}: no answer can be learnt from; nothing was written.")
    text = "".join(lines)
    replace_file(options.out, lambda draft: draft.write_text(text, encoding="utf-8"))
    print(f"{options.out}: {len(lines)} conversations")


def rehearsed(results: Results, file: Path, home: Path) -> Iterator[Rehearsed]:
    """What each task gives. Raises AgentError where an episode's run is not there.

    Leaves with one sentence if any episode is of a task that is to stay unseen.
    """
    tasks = sorted({episode.task for episode in results.listed()})
    unseen = [task for task in tasks if task not in PUBLIC]
    if results.setup.suite == MiniWoB.name and unseen:
        raise SystemExit(
            f"{file} has episodes of MiniWoB++ tasks that must stay unseen in training "
            f"({', '.join(unseen)}): collect with --list public."
        )
    for task in tasks:
        episodes = [episode for episode in results.listed() if episode.task == task]
        kept = (talk for each in shorter(episodes) for talk in _learnt(each, file, home))
        yield Rehearsed(task, episodes, list(dict.fromkeys(kept)))


def shorter(episodes: Iterable[Episode]) -> list[Episode]:
    """Of a task's episodes those done in at most as many actions as half of the done ones.

    A longer way to the same reward has more wrong turns in it, and teaches them.
    """
    done = [episode for episode in episodes if episode.success and episode.ended != "error"]
    most = median(episode.actions for episode in done) if done else 0
    return [episode for episode in done if episode.actions <= most]


def _learnt(episode: Episode, file: Path, home: Path) -> Iterator[Conversation]:
    """An episode's questions and answers, without the system message, which mini never reads."""
    chats = RunFolder.find(home, episode.run).chats if episode.run else None
    if chats is None or not chats.exists():
        raise SystemExit(
            f"{file}: {episode.task} {episode.seed} has no chats in {home}: "
            "collect with `secondlook eval … --chats --home DIR`."
        )
    for chat in read_chats(chats):
        if chat.question in LEARNT and output_of(chat.answer) is not None:
            asked = [Turn("user", m["content"]) for m in chat.messages if m["role"] == "user"]
            yield (*asked, Turn("assistant", chat.answer))


def table(found: Sequence[Rehearsed]) -> Table:
    """Tasks with their episodes, those done, and the conversations kept."""
    shown = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    shown.add_column("Task", no_wrap=True)
    for name in ("Episodes", "Done", "Kept"):
        shown.add_column(name, justify="right")
    rows = [
        (each.task, len(each.episodes), sum(e.success for e in each.episodes), len(each.kept))
        for each in found
    ]
    for task, *numbers in rows:
        shown.add_row(task, *map(str, numbers))
    shown.add_section()
    totals = (sum(row[at] for row in rows) for at in (1, 2, 3))
    shown.add_row("all", *(str(total) for total in totals), style="bold")
    return shown
