"""The rates of an evaluation as an SVG picture: a bar a task, with its 95 % interval."""

from collections.abc import Iterable, Sequence
from html import escape

from tasks.eval.intervals import wilson
from tasks.eval.report import totals
from tasks.eval.results import Episode, Setup
from tasks.eval.suite import Group

_ROW, _LEFT, _WIDTH, _TOP = 16, 190, 420, 46
_STYLE = """
text { font: 11px sans-serif; fill: #333 } .title { font-weight: bold }
.group { fill: #1f6feb } .task { fill: #8ab4f8 } .grid { stroke: #ddd } .interval { stroke: #222 }
"""


def svg(setup: Setup, episodes: Sequence[Episode], groups: Iterable[Group]) -> str:
    """The picture's text."""
    tasks = sorted({episode.task for episode in episodes})
    by_task = [(task, [e for e in episodes if e.task == task]) for task in tasks]
    by_task.sort(key=lambda row: -_rate(row[1]))
    rows = [("group", *row) for row in totals(episodes, groups)]
    rows += [("task", *row) for row in by_task]
    height = _TOP + _ROW * len(rows) + 12
    reflection = "on" if setup.reflection else "off"
    title = f"{setup.suite}: {setup.model}, reflection {reflection}, faults {setup.faults:g}"
    bars = [_bar(number, *row) for number, row in enumerate(rows)]
    box = f"0 0 {_LEFT + _WIDTH + 90} {height}"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">',
            f'<style>{_STYLE}</style><rect width="100%" height="100%" fill="white"/>',
            f'<text class="title" x="12" y="18">{escape(title)}</text>',
            *(_grid(share, height) for share in (0, 0.25, 0.5, 0.75, 1)),
            *bars,
            "</svg>\n",
        ]
    )


def _rate(episodes: Sequence[Episode]) -> float:
    return sum(episode.success for episode in episodes) / len(episodes)


def _at(share: float) -> float:
    return _LEFT + share * _WIDTH


def _grid(share: float, height: int) -> str:
    x = _at(share)
    return (
        f'<line class="grid" x1="{x}" x2="{x}" y1="{_TOP - 6}" y2="{height - 8}"/>'
        f'<text x="{x}" y="{_TOP - 10}" text-anchor="middle">{share * 100:.0f} %</text>'
    )


def _bar(number: int, kind: str, name: str, episodes: Sequence[Episode]) -> str:
    y, share = _TOP + _ROW * number, _rate(episodes)
    low, high = wilson(sum(e.success for e in episodes), len(episodes))
    right = sum(e.success for e in episodes)
    return (
        f'<text x="{_LEFT - 8}" y="{y + 10}" text-anchor="end">{escape(name)}</text>'
        f'<rect class="{kind}" x="{_LEFT}" y="{y + 2}" width="{share * _WIDTH}" height="10"/>'
        f'<line class="interval" x1="{_at(low)}" x2="{_at(high)}" y1="{y + 7}" y2="{y + 7}"/>'
        f'<text x="{_LEFT + _WIDTH + 10}" y="{y + 10}">{right} of {len(episodes)}</text>'
    )
