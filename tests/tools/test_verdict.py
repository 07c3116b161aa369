"""The verdict is pure: made from two observations and an outcome, without a browser."""

from typing import Any

import pytest

from tools.causes import Cause
from tools.dispatch import Outcome, parse_action
from tools.observation import Element, Observation, Option
from tools.verdict import judge, same_value

URL = "http://shop.example/menu"


def seen(*elements: Element, url: str = URL, **more: Any) -> Observation:
    numbered = [
        e.model_copy(update={"ref": f"e{n}", "target": e.target or f"t{e.role}{e.name}"})
        for n, e in enumerate(elements, 1)
    ]
    return Observation(url=url, elements=numbered, **{"tabs": ["Menu"], "title": "Menu", **more})


def verdict(name: str, before: Observation, after: Observation, **given: Any) -> str:
    told = {key: given.pop(key) for key in ("expected", "cause", "evidence") if key in given}
    action = parse_action({"action": name, **given})
    return judge(action, Outcome(**told), before, after).line()


ADD = Element(role="button", name="Add", interactive=True)
EMAIL = Element(role="textbox", name="Email", value="", interactive=True)
SIZE = Element(
    role="combobox",
    name="Size",
    value="Small",
    options=(Option(label="Small", selected=True), Option(label="Large")),
    interactive=True,
)
LARGE = SIZE.model_copy(
    update={
        "value": "Large",
        "options": (Option(label="Small"), Option(label="Large", selected=True)),
    }
)
ALERT = Element(role="alert", name="Street is missing")
STATUS = Element(role="status", name="Added")


def test_the_outcome_s_own_cause_wins() -> None:
    line = verdict(
        "click",
        seen(ADD),
        seen(ADD, STATUS),
        ref="[e1]",
        cause=Cause.COVERED,
        evidence="dialog Cookies covers it",
    )
    assert line == "covered, dialog Cookies covers it"


def test_the_value_is_compared_with_what_was_asked() -> None:
    given = {"ref": "[e1]", "option": "Large", "expected": "Large"}
    assert verdict("select", seen(SIZE), seen(LARGE), **given) == (
        "ok, combobox Size: Large (Small | Large)"
    )
    assert verdict("select", seen(SIZE), seen(SIZE), **given) == (
        "wrong_value, combobox Size is Small, not Large"
    )
    sold_out = seen(SIZE, Element(role="alert", name="Large is sold out"))
    assert verdict("select", seen(SIZE), sold_out, **given) == (
        "wrong_value, combobox Size is Small, not Large; alert Large is sold out"
    )


def test_a_field_is_found_again_by_role_and_name_when_it_was_drawn_anew() -> None:
    now = EMAIL.model_copy(update={"value": "ann@x.example", "target": "other"})
    line = verdict(
        "fill", seen(EMAIL), seen(now), ref="[e1]", text="ann@x.example", expected="ann@x.example"
    )
    assert line == "ok, textbox Email: ann@x.example"


def test_an_empty_field() -> None:
    line = verdict("fill", seen(EMAIL), seen(EMAIL), ref="[e1]", text="ann", expected="ann")
    assert line == "wrong_value, textbox Email is empty, not ann"


@pytest.mark.parametrize(
    ("expected", "value", "same"),
    [
        ("5551234", "555-1234", True),
        ("4242424242424242", "4242 4242 4242 4242", True),
        ("Ann", "ann", True),
        ("7", "7.0", True),
        ("{{PIN}}", "••••", True),
        ("secret", "••••••", True),
        ("a long text that goes on", "a long text…", True),
        ("", "", True),
        ("", "Ann", False),
        ("Ann", "", False),
        ("Large", "Small", False),
        ("-5", "5", False),
        ("?!", "!", False),
        ("{{PIN}}", "", False),
    ],
)
def test_the_ways_in_which_pages_write_values(expected: str, value: str, same: bool) -> None:
    assert same_value(expected, value) is same


def test_nothing_changed() -> None:
    assert verdict("click", seen(ADD), seen(ADD), ref="[e1]") == (
        "no_effect, nothing on the page changed"
    )


def test_scrolling_and_focus_on_a_button_are_no_effect() -> None:
    before = seen(ADD.model_copy(update={"states": ("below",)}))
    after = seen(ADD.model_copy(update={"states": ("focused",)}))
    assert verdict("click", before, after, ref="[e1]").startswith("no_effect")


def test_an_alert_that_stands_already_is_recalled() -> None:
    assert verdict("click", seen(ADD, ALERT), seen(ADD, ALERT), ref="[e1]") == (
        "no_effect, nothing on the page changed; alert Street is missing"
    )


def test_focus_in_a_text_field_is_an_effect_of_clicking_it() -> None:
    after = seen(EMAIL.model_copy(update={"states": ("focused",)}))
    assert verdict("click", seen(EMAIL), after, ref="[e1]").startswith("ok")


def test_a_notice_a_tab_or_a_dialog_is_an_effect() -> None:
    notice = seen(ADD, notices=["Downloaded menu.pdf"])
    assert verdict("click", seen(ADD), notice, ref="[e1]") == "ok, Downloaded menu.pdf"
    tab = seen(ADD, tabs=["Menu", "Help"], tab=1, title="Help")
    assert verdict("click", seen(ADD), tab, ref="[e1]") == 'ok, opened tab 1 "Help"'
    box = seen(dialog="confirm: Sure?")
    assert verdict("click", seen(ADD), box, ref="[e1]") == "ok, confirm: Sure?"
    assert verdict("check", seen(ADD), box, ref="[e1]") == "dialog_open, confirm: Sure?"


def test_invalid_fields_after_a_click() -> None:
    invalid = EMAIL.model_copy(update={"states": ("invalid",)})
    assert verdict("click", seen(EMAIL, ADD), seen(invalid, ADD), ref="[e2]") == (
        "wrong_value, textbox Email is invalid"
    )
    assert verdict("click", seen(EMAIL, ADD), seen(invalid, ADD, ALERT), ref="[e2]") == (
        "wrong_value, alert Street is missing"
    )


def test_an_alert_alone_is_no_effect_with_more_it_is_fine() -> None:
    assert verdict("click", seen(ADD), seen(ADD, ALERT), ref="[e1]") == (
        "no_effect, alert Street is missing"
    )
    more = seen(ADD, ALERT, Element(role="heading", name="Basket"))
    assert verdict("click", seen(ADD), more, ref="[e1]").startswith("ok")
    assert verdict("click", seen(ADD), seen(ADD, STATUS), ref="[e1]") == "ok, + status Added"


def test_check_compares_the_state() -> None:
    box = Element(role="checkbox", name="Olives", interactive=True)
    on = box.model_copy(update={"states": ("checked",)})
    assert verdict("check", seen(box), seen(on), ref="[e1]") == "ok, checkbox Olives (checked)"
    assert verdict("check", seen(box), seen(box), ref="[e1]") == (
        "wrong_value, checkbox Olives is not checked"
    )
    assert verdict("check", seen(on), seen(on), ref="[e1]", checked=False) == (
        "wrong_value, checkbox Olives is checked"
    )


def test_where_a_click_and_a_navigation_arrived() -> None:
    there = seen(url="http://shop.example/checkout?step=2", title="Address")
    assert verdict("click", seen(ADD), there, ref="[e1]") == (
        'ok, now at /checkout?step=2 "Address"'
    )
    assert verdict("navigate", seen(ADD), there, url="http://shop.example/checkout") == (
        'ok, now at /checkout?step=2 "Address"'
    )
    assert verdict("navigate", seen(ADD), there, url="shop.example/account") == (
        'ok, landed on /checkout?step=2 "Address"'
    )


def test_the_changed_lines_are_bounded() -> None:
    many = [Element(role="listitem", name=f"Pizza {n}") for n in range(40)]
    action = parse_action({"action": "click", "ref": "[e1]"})
    found = judge(action, Outcome(), seen(ADD), seen(ADD, *many)).changed
    assert len(found) == 12
    assert found[-1] == "… 29 more changes"


def test_a_new_order_of_the_same_lines_is_an_effect() -> None:
    other = Element(role="listitem", name="Funghi")
    assert verdict("click", seen(ADD, other, SIZE), seen(ADD, SIZE, other), ref="[e1]") == (
        "ok, the order changed"
    )


def test_a_line_that_says_something_else_now() -> None:
    before = seen(ADD, Element(role="text", name="Total 8.50", target="a"))
    after = seen(ADD, Element(role="text", name="Total 17.00", target="b"))
    assert verdict("click", before, after, ref="[e1]") == "ok, ~ text Total 17.00"
