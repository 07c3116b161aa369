"""A live task with a calendar that turns its pages."""

from calendar import month_name, monthrange
from collections.abc import Callable
from itertools import pairwise

from training.chores.desk import Desk
from training.live.panels import task_of
from training.live.task import LiveTask, Rule, acting
from training.pages import Widget

Written = Callable[[int, int, int], str]
"""A date of year, month and day as a page writes it."""

_FORMS: tuple[Written, ...] = (
    lambda year, month, day: f"{month:02d}/{day:02d}/{year}",
    lambda year, month, day: f"{year}-{month:02d}-{day:02d}",
    lambda year, month, day: f"{day}.{month}.{year}",
)
_TURNS = (
    ("Previous", "Next"), ("Prev", "Next"), ("‹", "›"), ("<", ">"), ("Earlier", "Later"),
    ("Last month", "Next month"),
)  # fmt: skip


class Month:
    """One page of a calendar, with the days on it and what turns to the months around it."""

    def __init__(self, number: int, turns: tuple[Widget, Widget], days_are: str) -> None:
        """`number` counts the months since the year 0."""
        self.year, self.month = number // 12, number % 12 + 1
        self.name = f"{month_name[self.month]} {self.year}"
        self.back, self.onward = turns
        count = monthrange(self.year, self.month)[1]
        self.days = [Widget(days_are, str(day + 1)) for day in range(count)]  # type: ignore[arg-type]
        self.page = Widget("box", children=[*turns, Widget("text", text=self.name), *self.days])

    def picks(self, field: Widget, written: Written) -> list[Rule]:
        """A day that is clicked stands in the field, and the calendar is gone."""
        return [
            Rule(w, hide=[self.page], values={field: written(self.year, self.month, day)})
            for day, w in enumerate(self.days, 1)
        ]


def _months(desk: Desk, numbers: range) -> list[Month]:
    rng = desk.rng
    kind, days_are = rng.choice(("button", "link", "clickable")), rng.choice(("button", "link"))
    back, onward = rng.choice(_TURNS)
    return [
        Month(number, (Widget(kind, back), Widget(kind, onward)), days_are)  # type: ignore[arg-type]
        for number in numbers
    ]


def _rules(months: list[Month], field: Widget, written: Written, first: Month) -> list[Rule]:
    """A click on the field opens the first page; from each one gets to those beside it."""
    rules = [rule for month in months for rule in month.picks(field, written)]
    for one, next_ in pairwise(months):
        rules.append(Rule(one.onward, show=[next_.page], hide=[one.page]))
        rules.append(Rule(next_.back, show=[one.page], hide=[next_.page]))
    others = [month.page for month in months if month is not first]
    return [*rules, Rule(field, show=[first.page], hide=others)]


def calendar(desk: Desk) -> LiveTask:
    """A day to be chosen in a calendar that may show another month at first."""
    rng = desk.rng
    year, month, day = rng.randint(2018, 2033), rng.randint(1, 12), rng.randint(1, 28)
    number, away = year * 12 + month - 1, rng.choice((0, 1, -1, 1, -1, 2, -2, 3, 4, -3))
    low = min(number, number + away) - 1
    months = _months(desk, range(low, max(number, number + away) + 2))
    at, goal = number + away - low, number - low
    noun = rng.choice(("day", "date", "start", "departure", "meeting", "appointment"))
    field = Widget("field", desk.label(noun), states={"readonly"})
    written = rng.choice(_FORMS)
    rules = _rules(months, field, written, months[at])
    button = Widget("button", desk.submit())
    end, want = desk.ending(button.name)
    told = rng.choice((written(year, month, day), f"{day} {month_name[month]} {year}",
                       f"{month_name[month]} {day}, {year}"))  # fmt: skip
    form = rng.choice(("Select {d} as the {n}", "Set the {n} to {d}", "Pick {d} as {n}",
                       "Choose {d} for the {n}", "The {n} is {d}: choose it"))  # fmt: skip
    do = f"Set {noun} to {told}"
    acts = [acting(0, do, field, completes=False)]
    while at != goal:
        here, side = months[at], "before" if at > goal else "after"
        why = f"{months[goal].name} is {side} {here.name}: "
        way = here.back if at > goal else here.onward
        acts.append(acting(0, do, way, why=why, completes=False))
        at += -1 if at > goal else 1
    why = f"{months[goal].name}, day {day}: "
    acts += [acting(0, do, months[goal].days[day - 1], why=why), acting(1, want.do, button)]
    pages = [each.page for each in months]
    openers = [widget for page in pages for widget in page.walk()]
    return task_of(desk, form.format(d=told, n=noun) + end, [do, want.do],
                   [field, *pages, button], acts, [button],
                   {field: written(year, month, day)}, rules, pages, openers)  # fmt: skip
