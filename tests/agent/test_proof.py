"""Which lines show that a task is done: text does, a control only for what was made of it."""

import pytest

from agent.proof import proofs
from agent.state import Attempt, Step
from tests.agent.states import attempt, page, state
from tools.observation import Element

ORDER = [Step(do="Name Ann", done=True), Step(do="Place the order", done=True)]


def shown(line: str | Element, answer: str = "", *attempts: Attempt, plan: list[Step]) -> bool:
    on = page(line)
    return bool(proofs(["[e1]"], answer, state(attempts=list(attempts), plan=plan), on))


def fill(text: str, step: int = 0) -> Attempt:
    action = {"action": "fill", "ref": "[e1]", "text": text}
    return attempt(1, action=action, on=page("textbox Name: "), step=step)


@pytest.mark.parametrize("line", ["heading Thank you", "alert Saved", "text Order 12", "cell 8.50"])
def test_text_shows_what_it_says(line: str) -> None:
    assert shown(line, plan=ORDER)


@pytest.mark.parametrize(
    "line",
    [
        "button Place order",
        "link Menu",
        "textbox Name",
        "textbox Name: Ann",
        "combobox Size: Please choose",
        "checkbox Olives",
    ],
)
def test_a_control_as_it_stands_shows_nothing(line: str) -> None:
    assert not shown(line, "It is done.", plan=ORDER)


def test_a_button_that_offers_to_order_does_not_show_that_it_was_ordered() -> None:
    assert not shown("button Place order", "Place order was clicked.", plan=ORDER)
    pressed = attempt(1, on=page("button Continue"))
    assert not shown("button Continue", "Continue was clicked.", pressed, plan=ORDER)


def test_a_filled_field_shows_nothing_while_the_order_was_to_be_placed() -> None:
    assert not shown("textbox Name: Ann", "Ann ordered.", fill("Ann"), plan=ORDER)


def test_a_filled_field_shows_that_it_is_filled_where_that_was_the_task() -> None:
    assert shown("textbox Name: Ann", "", fill("Ann", step=1), plan=ORDER)
    assert not shown("textbox Name: Bob", "", fill("Ann", step=1), plan=ORDER)


def test_a_setting_that_was_sent_off_is_shown_by_its_field() -> None:
    save = attempt(2, on=page("button Save"), sent=True, step=1)
    assert shown("textbox Name: Ann", "", fill("Ann"), save, plan=ORDER)


def test_a_box_that_was_to_be_unchecked_shows_it() -> None:
    box = page(Element(role="checkbox", name="News", states=("checked",), interactive=True))
    action = {"action": "check", "ref": "[e1]", "checked": False}
    off = attempt(1, action=action, on=box, step=1)
    assert shown("checkbox News", "", off, plan=ORDER)
    assert not shown(
        Element(role="checkbox", name="News", states=("checked",)), "", off, plan=ORDER
    )


def test_a_switch_that_was_clicked_shows_its_state() -> None:
    clicked = attempt(1, on=page("button Dark"), step=1)
    assert shown(Element(role="button", name="Dark", states=("pressed",)), "", clicked, plan=ORDER)


def test_what_was_already_as_wanted_is_shown_by_the_line_that_ticked_the_step() -> None:
    country = "combobox Country: Austria"
    tick = attempt(1, action={"action": "tick", "ref": "[e1]"}, on=page(country), step=1)
    assert shown(country, "", tick, plan=ORDER)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("link Log out", "You are logged in: the page offers Log out."),
        ("link Peace at last", "The first headline is “Peace at last”."),
        ("textbox Email: ann@example.com", "Your address there is ann@example.com."),
    ],
)
def test_a_control_may_be_what_was_to_be_found(line: str, answer: str) -> None:
    assert shown(line, answer, plan=ORDER)
    assert not shown(line, "Done.", plan=ORDER)


def test_a_ref_that_is_not_there_shows_nothing() -> None:
    assert proofs(["[e9]"], "", state(), page("heading Thank you")) == []
