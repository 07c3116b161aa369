"""The fast path to a page's text must be what the eyes see of the same page in Chromium."""

import random

import pytest

pytest.importorskip("wordfreq")
pytest.importorskip("faker")

from tests.tools.looking import see
from tests.training.looking import lines_of
from tools.session import Session
from training.journeys import Journey
from training.markup import to_html
from training.pages import VIEW_HEIGHT, Page, Widget, look
from training.tasks import Drafter

PAGES = 30


def _page(seed: int) -> Page:
    """Some page of a random journey, in the state in which the journey left it."""
    rng = random.Random(seed)
    journey = Journey(rng, Drafter(rng).errand(10), lines=rng.choice((0, 4, 10)), trouble=0.4)
    for _ in journey.moments():
        pass
    page = rng.choice(journey.stops).page
    page.dialog = ""
    for widget in page.walk():
        widget.new = False
    return page


@pytest.mark.parametrize("seed", range(PAGES))
async def test_fast_path_equals_chromium(session: Session, seed: int) -> None:
    page = _page(seed)
    fast = look(page, random.Random(0)).observation
    assert fast.elements
    seen = await see(session, to_html(page))
    assert lines_of(fast) == lines_of(seen)
    assert fast.text.count("\n") == seen.text.count("\n")


async def test_every_kind_of_widget(session: Session) -> None:
    page = Page(
        [
            Widget("nav", children=[Widget("link", "Start"), Widget("link", "Prices & times")]),
            Widget("heading", 'Lamps "by hand"'),
            Widget("text", text="From 8.50 & more"),
            Widget("list", children=[_item("Heron 12.00"), _item("Fox 9.00")]),
            Widget("table", children=[_row("Name", "Price"), _row("Bulb", "1.00", "Take")]),
            Widget("group", "Size", children=[_radio("S"), _radio("L", checked=True)]),
            Widget("field", "Road", required=True, value="Elm 5"),
            Widget("field", "Seats", type="number", value="2", invalid=True),
            Widget("field", "Note", type="area", value="ring twice"),
            Widget("combo", "Glass", options=["-", "Clear", "Dark"], value="Clear", dead={"Dark"}),
            Widget("check", "Wrapped", type="switch", checked=True),
            Widget("frame", "Bank", children=[Widget("field", "Account", value="12")]),
            Widget("alert", text="Seats: too many"),
            Widget("tabs", children=[Widget("tab", "One"), Widget("tab", "Two")]),
            Widget("button", "Onwards", disabled=True),
            Widget("dialog", "News", children=[Widget("button", "Hide")]),
            Widget("field", "Day", states={"readonly"}),
            Widget("field", value="one"),
            Widget("field"),
            Widget("tab", "Near", states={"collapsed"}, children=[Widget("link", "Near")]),
            Widget("tab", "Far", states={"expanded", "selected"}),
            Widget("panel", "Far", children=[Widget("text", text="See"), Widget("link", "it")]),
            Widget("menuitem", "File"),
            Widget("clickable", "Ann Lunch At noon?"),
            Widget("picture", "trash"),
            Widget("button"),
        ]
    )
    fast = look(page, random.Random(0)).observation
    seen = await see(session, to_html(page))
    assert lines_of(fast) == lines_of(seen)


def _item(text: str) -> Widget:
    return Widget("item", text=text, children=[Widget("button", "Get")])


def _row(*cells: str) -> Widget:
    *texts, last = cells
    if last == "Take":
        return Widget("row", cells=texts, children=[Widget("button", last)])
    return Widget("row", cells=list(cells))


def _radio(name: str, *, checked: bool = False) -> Widget:
    return Widget("check", name, type="radio", checked=checked)


def test_scattered_refs_rise_and_stay_below_301() -> None:
    view = look(_page(3), random.Random(1), scattered=True)
    numbers = [int(e.ref[1:]) for e in view.observation.elements]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] <= 300
    assert numbers != list(range(1, len(numbers) + 1))


def test_what_lies_below_the_first_view_is_marked() -> None:
    page = Page([Widget("text", text=f"Line {n}") for n in range(2 * VIEW_HEIGHT // 40)])
    marked = ["below" in e.states for e in look(page, random.Random(0)).observation.elements]
    assert marked == sorted(marked)
    assert marked[0] is False
    assert marked[-1] is True


def test_an_open_dialog_hides_the_page() -> None:
    page = Page([Widget("button", "Go")], dialog="confirm: Sure?")
    observation = look(page, random.Random(0)).observation
    assert observation.text == ""
    assert observation.dialog == "confirm: Sure?"
