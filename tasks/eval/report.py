"""The tables that an evaluation ends with."""

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import fmean, median

from rich.box import SIMPLE_HEAD
from rich.console import Group as Several
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from tasks.eval.intervals import wilson
from tasks.eval.results import Ended, Episode, Setup
from tasks.eval.suite import Group

_ENDINGS: dict[Ended, str] = {
    "page": "the page gave its reward or was left",
    "done": "the agent said done",
    "failed": "the agent gave up",
    "limit": "came to a limit",
    "needs_user": "waited for a person",
    "error": "broke off in an error (the same command does them again)",
}

_COLUMNS = (
    *("Task", "Done", "95 %\nfrom–to", "Actions", "Tokens"),
    *("Seconds/\naction", "False\n“done”"),
)


def report(setup: Setup, episodes: Sequence[Episode], groups: Iterable[Group]) -> RenderableType:
    """Rates by task and by group, what an action costs, and how episodes ended."""
    tasks = sorted({episode.task for episode in episodes})
    table = narrow_table(*_COLUMNS)
    for task in tasks:
        table.add_row(*_row(task, [e for e in episodes if e.task == task]))
    table.add_section()
    for name, members in totals(episodes, groups):
        table.add_row(*_row(name, members), style="bold")
    return Several(_header(setup), table, _endings(episodes))


def totals(episodes: Sequence[Episode], groups: Iterable[Group]) -> list[tuple[str, list[Episode]]]:
    """The episodes of each group that has any; of all together if there are no groups."""
    found = [(g.name, [e for e in episodes if e.task in g.tasks]) for g in groups]
    return [(name, members) for name, members in found if members] or [("all", list(episodes))]


def rate(episodes: Sequence[Episode]) -> str:
    """`7/10  70 %`."""
    right, n = sum(episode.success for episode in episodes), len(episodes)
    return f"{right}/{n} {right / n * 100:3.0f} %"


def narrow_table(*names: str) -> Table:
    """A table for a terminal of 80 columns: first a name, then numbers."""
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=0)
    for number, name in enumerate(names):
        table.add_column(name, justify="right" if number else "left", no_wrap=True)
    return table


def _row(name: str, episodes: Sequence[Episode]) -> list[str]:
    low, high = wilson(sum(e.success for e in episodes), len(episodes))
    steps = [seconds for episode in episodes for seconds in episode.step_seconds]
    false = sum(episode.false_done for episode in episodes)
    return [
        name,
        rate(episodes),
        f"{low * 100:.0f}–{high * 100:.0f}",
        f"{fmean(e.actions for e in episodes):.1f}",
        f"{fmean(e.tokens for e in episodes):,.0f}",
        f"{median(steps):.2f}" if steps else "–",
        str(false) if false else "",
    ]


def _header(setup: Setup) -> Text:
    said = [setup.model, f"reflection {'on' if setup.reflection else 'off'}"]
    if setup.faults:
        said.append(f"faults at {setup.faults * 100:g} % of the actions")
    said.append(f"at most {setup.max_actions} actions and {setup.max_seconds:g} s")
    return Text(", ".join(said))


def _endings(episodes: Sequence[Episode]) -> Text:
    """How those that were not done ended, and which faults there were."""
    missed = Counter(e.ended for e in episodes if not e.success)
    lines = [f"{missed[end]} {words}" for end, words in _ENDINGS.items() if missed[end]]
    told = [f"Not done: {sum(missed.values())}: {'; '.join(lines)}."] if lines else []
    faults = Counter(fault.split(" ")[1] for e in episodes for fault in e.faults)
    if faults:
        told.append(f"Faults: {', '.join(f'{n} {kind}' for kind, n in sorted(faults.items()))}.")
    return Text("\n".join(told))
