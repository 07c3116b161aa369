"""The inputs of a workflow: values that fit are taken, others refused in one sentence."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tasks.workflow.inputs import InputError, resolve
from tasks.workflow.load import parse

FILE = """\
workflow: Try
inputs:
  note: {type: text, description: what to write}
  count: {type: number, default: 2}
  express: {type: yes_no, default: no}
  day: {type: date, default: 2026-11-24}
  size: {type: choice, options: [Small, Large], default: Large}
  toppings: {type: list, default: [Olives]}
  photo: {type: file, default: photo.png}
steps: [back: ]
"""


def values(**given: Any) -> dict[str, Any]:
    return resolve(parse(FILE).workflow.inputs, {"note": "hi", **given})


def test_defaults_have_their_types() -> None:
    assert values() == {
        "note": "hi",
        "count": 2.0,
        "express": False,
        "day": date(2026, 11, 24),
        "size": "Large",
        "toppings": ["Olives"],
        "photo": "photo.png",
    }


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("note", "007", "007"),
        ("note", 7, "7"),
        ("count", "2.5", 2.5),
        ("express", "Yes", True),
        ("express", "off", False),
        ("express", True, True),
        ("day", " 2026-01-02 ", date(2026, 1, 2)),
        ("size", "Small", "Small"),
        ("toppings", "Capers, Goat cheese", ["Capers", "Goat cheese"]),
        ("toppings", '"Ham, cooked", Egg', ["Ham, cooked", "Egg"]),
        ("toppings", "", []),
        ("toppings", ["a, b"], ["a, b"]),
    ],
)
def test_values_of_their_type(name: str, given: Any, value: Any) -> None:
    assert values(**{name: given})[name] == value


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("count", "many", "count: expected a number, such as 3 or 2.5, not 'many'"),
        ("count", "nan", "count: expected a number"),
        ("express", "maybe", "express: expected yes or no, not 'maybe'"),
        ("day", "24.11.2026", "day: expected a date as YYYY-MM-DD, not '24.11.2026'"),
        ("size", "small", "size: expected one of Small, Large, not 'small'"),
        ("toppings", 3, "toppings: expected a list"),
        ("photo", "none.png", "photo: there is no file none.png"),
        ("sice", "Large", "sice is no input of this workflow; did you mean size?"),
    ],
)
def test_values_that_do_not_fit(name: str, given: Any, said: str) -> None:
    with pytest.raises(InputError) as caught:
        values(**{name: given})
    assert str(caught.value).startswith(said)


def test_a_missing_value_is_told_with_what_it_is() -> None:
    with pytest.raises(
        InputError, match=r"the input note \(what to write\) has no value: expected a"
    ):
        resolve(parse(FILE).workflow.inputs, {})


def test_a_file_is_given_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.png").touch()
    monkeypatch.chdir(tmp_path)
    assert values(photo="a.png")["photo"] == str(tmp_path / "a.png")
