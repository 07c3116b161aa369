"""`secondlook workflow check`, and the schema by which editors check."""

import json
import re
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from tasks.reference import DOCS
from tests.tasks.command import secondlook
from tests.tasks.workflow.samples import LOGIN, NAMES, RIGHT, STEPS


def schema() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(json.loads((DOCS / "workflow.schema.json").read_text()))


class Editor(yaml.SafeLoader):
    """Reads YAML 1.2, as editors do: only true and false are booleans, dates are texts."""


Editor.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if not tag.endswith((":bool", ":timestamp"))]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Editor.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), ["t", "f"])


@pytest.mark.parametrize("text", [RIGHT, LOGIN, f"{NAMES}- back:\n- close_tab:\n- wait: a\n"])
def test_editors_accept_what_is_right(text: str) -> None:
    data = yaml.load(text, Loader=Editor)
    assert [error.message for error in schema().iter_errors(data)] == []


@pytest.mark.parametrize(
    "steps",
    [
        "- clik: a",
        "- back:\n  do: a",
        "- back:\n  retry: 11",
        "- click: button",
        "- back:\n  expect: {txt: a}",
        "- scroll: sideways",
        "- extract: {}\n  as: a",
    ],
)
def test_editors_mark_what_is_wrong(steps: str) -> None:
    assert not schema().is_valid(yaml.safe_load(STEPS + steps))


def test_the_command_says_what_a_file_needs(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(RIGHT.replace("  shop: text", "  shop: {type: text}"))
    done = secondlook("workflow", "check", tmp_path / "good.yaml")
    assert (done.code, done.err) == (0, "")
    first, *needs = done.out.splitlines()
    assert first == f"{tmp_path / 'good.yaml'}: fine, 12 steps (10 exact, 2 for the model)"
    assert "  input size: choice (default No)" in needs
    assert "  input shop: text (required)" in needs
    assert "  secrets CARD" in needs
    assert "  sites {{ shop }}/start, 127.0.0.1:8765, *.example.com" in needs


def test_the_command_says_each_error_on_a_line(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(STEPS + "- clik: a\n- wait: b\n  retry: \x1b[31mtwo\n")
    (tmp_path / "worse.yaml").write_text(STEPS + "- clik: a\n- wait: b\n  retry: two\n")
    done = secondlook("workflow", "check", tmp_path / "worse.yaml", tmp_path / "bad.yaml", tmp_path)
    assert done.code == 2
    assert done.out.splitlines() == [
        f"{tmp_path / 'worse.yaml'}:3:3: clik is no step, did you mean click?",
        f"{tmp_path / 'worse.yaml'}:5:10: expected a whole number, not 'two'",
        f"{tmp_path / 'bad.yaml'}:5:10: a control character stands here, which no YAML file "
        "may hold",
        f"{tmp_path}: cannot be read: Is a directory",
    ]
    told = secondlook("workflow", "check", tmp_path / "worse.yaml", "--json")
    assert told.code == 2
    (line,) = map(json.loads, told.out.splitlines())
    assert (line["fine"], [p["line"] for p in line["problems"]]) == (False, [3, 5])


def test_the_command_prints_the_schema() -> None:
    printed = secondlook("workflow", "check", "--schema").out
    assert printed == (DOCS / "workflow.schema.json").read_text()
    nothing = secondlook("workflow", "check")
    assert (nothing.code, nothing.out) == (2, "")
    assert "secondlook workflow check FILE" in nothing.err
