"""What a live task is: a page with its rules, how the task is done, and what it is judged by."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from agent.state import Step
from training import teacher
from training.chores.desk import Desk
from training.pages import Page, View, Widget

Event = Literal["click", "hover", "input", "choose"]
Value = str | bool
"""What a control holds: its text, or whether it is on."""


@dataclass(eq=False)
class Rule:
    """What the page does when something happens to `on`.

    Widgets come and go, fields get `values`, heads open and close. `choose` happens to a list
    when its option `option` is chosen. Where the rule has `rows`, those of them are shown that
    have what stands in `query` in them (at their beginning, with `starts`), and the others are
    hidden.
    """

    on: Widget
    event: Event = "click"
    show: Sequence[Widget] = ()
    hide: Sequence[Widget] = ()
    values: Mapping[Widget, Value] = field(default_factory=dict)
    opens: Sequence[Widget] = ()
    closes: Sequence[Widget] = ()
    option: str = ""
    query: Widget | None = None
    rows: Sequence[Widget] = ()
    starts: bool = False


@dataclass(eq=False)
class Demand:
    """What a field must hold for the task's last click to be accepted; else `alert` comes."""

    field: Widget
    pattern: str
    alert: Widget


@dataclass(eq=False)
class Act:
    """One right decision, in which step it is taken, and what it is about.

    `slips` are what a mistaken hand might click instead, from where the way still leads on.
    `instead` is right where the page has refused what was wanted.
    """

    step: int
    reply: Callable[[View], str]
    slips: Sequence[Widget] = ()
    instead: Callable[[View], str] | None = None
    insight: str = ""


@dataclass(eq=False)
class LiveTask:
    """A task on one page that knows when it is done.

    `hidden` is not there at first. Clicks on `counted` are written down by the page: the task is
    done if they are `clicks`, in this order, and all controls hold `values` then, or else what
    they held at first. `proof` is shown after the last of them, whatever it was.
    """

    task: str
    steps: Sequence[str]
    page: Page
    acts: Callable[[], Iterator[Act]]
    clicks: Sequence[Widget]
    counted: Sequence[Widget]
    proof: Widget
    values: Mapping[Widget, Value] = field(default_factory=dict)
    rules: Sequence[Rule] = ()
    demands: Sequence[Demand] = ()
    hidden: Sequence[Widget] = ()
    mends: Mapping[Widget, Act] = field(default_factory=dict)
    """What to do about an alert, before the refused click is tried again."""

    @property
    def plan(self) -> list[Step]:
        """The steps."""
        return [Step(do=do) for do in self.steps]


Maker = Callable[[Desk], LiveTask]
"""A family: draws a task. Raises KeyError where a draw cannot be done."""


def acting(
    step: int,
    do: str,
    target: Widget,
    kind: str = "click",
    text: str = "",
    *,
    why: str = "",
    completes: bool = True,
    slips: Sequence[Widget] = (),
) -> Act:
    """The decision that does this to a widget; its thought is the step, `why`, and the line."""
    return Act(step, _reply(do, target, kind, text, why, completes), slips)


def on_the_way(step: int, do: str, target: Widget, slips: Sequence[Widget] = ()) -> Act:
    """The step's own target is not on the page yet: what leads to it."""
    return acting(step, do, target, why="not here. Go on: ", completes=False, slips=slips)


def _reply(
    do: str, target: Widget, kind: str, text: str, why: str, completes: bool
) -> Callable[[View], str]:
    def reply(view: View) -> str:
        thinking = f"{do}: {why}{teacher.quote(view.of(target))}"
        return teacher.decided(
            thinking, teacher.action(view, target, kind, text), completes=completes
        )

    return reply
