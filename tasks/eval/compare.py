"""Two evaluations of the same episodes, side by side."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel
from rich.table import Table

from tasks.eval.intervals import mean_interval
from tasks.eval.problems import EvaluationError
from tasks.eval.report import narrow_table, rate, totals
from tasks.eval.results import Episode, Results, Setup
from tasks.eval.suite import Group, Key


class Difference(BaseModel):
    """How much more often the second does a group's tasks, in points, with its 95 % interval.

    `won` are the episodes that only the second does, `lost` those that only the first does.
    """

    group: str
    first: str
    second: str
    points: float
    low: float
    high: float
    won: int
    lost: int


def compare(
    first: Results, second: Results, groups: Sequence[Group], paths: tuple[Path, Path]
) -> list[Difference]:
    """The differences over those episodes that both have, by group.

    Raises EvaluationError if there are none.
    """
    both = [key for key in first.episodes if key in second.episodes and _sound(key, first, second)]
    if not both:
        raise EvaluationError(f"{paths[0]} and {paths[1]} have no episode in common.")
    before = [first.episodes[key] for key in both]
    return [
        _difference(name, members, [second.episodes[member.key] for member in members])
        for name, members in totals(before, groups)
    ]


def _sound(key: Key, *several: Results) -> bool:
    return all(results.episodes[key].ended != "error" for results in several)


def _difference(group: str, first: Sequence[Episode], second: Sequence[Episode]) -> Difference:
    pairs = list(zip(first, second, strict=True))
    steps = [int(b.success) - int(a.success) for a, b in pairs]
    low, high = mean_interval(steps)
    return Difference(
        group=group,
        first=rate(first),
        second=rate(second),
        points=round(100 * sum(steps) / len(steps), 1),
        low=round(100 * low, 1),
        high=round(100 * high, 1),
        won=steps.count(1),
        lost=steps.count(-1),
    )


def differing(first: Setup, second: Setup) -> str:
    """What is different between the setups: `reflection False → True`."""
    old, new = first.model_dump(), second.model_dump()
    changes = [f"{name} {old[name]} → {new[name]}" for name in old if old[name] != new[name]]
    return ", ".join(changes) or "the setups are the same"


def table(differences: Sequence[Difference], paths: tuple[Path, Path]) -> Table:
    """The differences for people."""
    shown = narrow_table(
        "Tasks", *(path.stem for path in paths), "Points", "95 %\nfrom–to", "Won,\nlost"
    )
    shown.padding = (0, 1)
    for each in differences:
        shown.add_row(
            each.group,
            each.first,
            each.second,
            f"{each.points:+.1f}",
            f"{each.low:+.1f} to {each.high:+.1f}",
            f"{each.won}, {each.lost}",
        )
    return shown
