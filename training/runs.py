"""What an evaluation left to learn from: its episodes, with what the model was asked and wrote."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.box import SIMPLE_HEAD
from rich.table import Table

from agent.chats import Chat, read_chats
from agent.folder import RunFolder
from tasks.eval.miniwob import MiniWoB
from tasks.eval.miniwob_lists import PUBLIC
from tasks.eval.results import Episode, read_results

LEARNT = ("plan", "decide", "reflect")
"""The questions whose answers led to the reward; the others came after it or beside it."""


@dataclass(frozen=True)
class Run:
    """An episode of the results in `file`, whose run is kept in `home`."""

    episode: Episode
    file: Path
    home: Path

    def chats(self) -> Iterator[Chat]:
        """The questions that the reward tells something of, with the answers to them.

        Raises AgentError where there is no such run, and leaves where it kept no chats.
        """
        episode = self.episode
        path = RunFolder.find(self.home, episode.run).chats if episode.run else None
        if path is None or not path.exists():
            raise SystemExit(
                f"{self.file}: {episode.task} {episode.seed} has no chats in {self.home}: "
                "collect with `secondlook eval … --chats --home DIR`."
            )
        return (chat for chat in read_chats(path) if chat.question in LEARNT)


def runs_of(file: Path, home: Path) -> list[Run]:
    """The episodes of an evaluation. Raises AgentError where the file holds none.

    Leaves with one sentence if any episode is of a task that is to stay unseen.
    """
    results = read_results(file)
    unseen = sorted({e.task for e in results.listed() if e.task not in PUBLIC})
    if results.setup.suite == MiniWoB.name and unseen:
        raise SystemExit(
            f"{file} has episodes of MiniWoB++ tasks that must stay unseen in training "
            f"({', '.join(unseen)}): collect with --list public."
        )
    return [Run(episode, file, home) for episode in results.listed()]


def by_task(runs: Sequence[Run]) -> Iterator[tuple[str, list[Run]]]:
    """The runs of each task, in the order of the tasks' names."""
    for task in sorted({run.episode.task for run in runs}):
        yield task, [run for run in runs if run.episode.task == task]


def shorter(runs: Sequence[Run]) -> list[Run]:
    """Of a task's runs those done in at most as many actions as half of the done ones.

    A longer way to the same reward has more wrong turns in it, and teaches them.
    """
    done = [run for run in runs if run.episode.success and run.episode.ended != "error"]
    most = median(run.episode.actions for run in done) if done else 0
    return [run for run in done if run.episode.actions <= most]


def table(made: Sequence[tuple[str, Sequence[Run], int]], name: str) -> Table:
    """Tasks with their episodes, those done, and how much was made of them, under `name`."""
    shown = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    shown.add_column("Task", no_wrap=True)
    for title in ("Episodes", "Done", name):
        shown.add_column(title, justify="right")
    numbers = [(len(runs), sum(r.episode.success for r in runs), n) for _, runs, n in made]
    for (task, _, _), row in zip(made, numbers, strict=True):
        shown.add_row(task, *map(str, row))
    shown.add_section()
    totals = [sum(column) for column in zip(*numbers, strict=True)]
    shown.add_row("all", *map(str, totals), style="bold")
    return shown
