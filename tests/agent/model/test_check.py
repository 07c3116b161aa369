"""What is wrong with an answer, in words that help to mend it."""

from typing import Any

import pytest

from agent.model.check import problem
from agent.model.schema import answer_schema
from tests.agent.model.pages import shop_page

SCHEMA = answer_schema("decide", shop_page())


@pytest.mark.parametrize(
    ("action", "complaint"),
    [
        ({"action": "click", "ref": "[e99]"}, "ref must be one of [e2], "),
        ({"action": "clack"}, "action must be one of click, "),
        ({"ref": "[e2]"}, "not None"),
        ({"action": "select", "ref": "[e2]", "option": "XL"}, "ref must be [e4], not '[e2]'"),
        ({"action": "select", "ref": "[e4]", "option": "XL"}, 'option must be one of Small "S", G'),
        ({"action": "fill", "ref": "[e3]"}, "lacks 'text'"),
        ({"action": "back", "why": "x"}, "must not have 'why'"),
        ({"action": "wait", "seconds": 31}, "seconds is too large: 31"),
        ({"action": "wait", "seconds": 0}, "seconds is too small: 0"),
        ({"action": "check", "ref": "[e5]", "checked": 1}, "checked must be a boolean, not 1"),
        ({"action": "press", "key": ""}, "key must not be empty"),
        ("click", "must be an object, not 'click'"),
    ],
)
def test_complaints(action: Any, complaint: str) -> None:
    found = problem(SCHEMA, {"actions": [action], "completes_step": True})
    assert found.startswith("actions[0]") and complaint in found


def test_the_answer_as_a_whole() -> None:
    back = {"action": "back"}
    assert problem(SCHEMA, {"actions": [back], "completes_step": True}) == ""
    assert problem(SCHEMA, {"actions": [back]}) == "the output lacks 'completes_step'"
    assert "at most 5" in problem(SCHEMA, {"actions": [back] * 6, "completes_step": True})
    assert "must be a boolean" in problem(SCHEMA, {"actions": [back], "completes_step": 1})
    assert "must be an array" in problem(SCHEMA, {"actions": "back", "completes_step": True})


def test_schemas_that_a_page_asks_for_are_checked_too() -> None:
    number = {"type": "object", "properties": {"price": {"type": "number"}}, "required": ["price"]}
    assert problem(number, {"price": 8}) == ""
    assert problem(number, {"price": "8"}) == "price must be a number, not '8'"
