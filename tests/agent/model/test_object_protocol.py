"""The answer as one JSON object, streamed: what is shown and what is understood."""

import json

import pytest

from agent.model.object_protocol import ObjectParser
from agent.model.protocol import Piece
from agent.model.schema import answer_schema
from agent.model.strict import as_object, unwrapped
from tests.agent.model.pages import shop_page

ANSWER = json.dumps(
    {
        "thinking": 'Add[e2] "button" ü\n{yes}\\',
        "reflection": "",
        "output": {"actions": [{"action": "click", "ref": "[e2]", "x": '}"]'}]},
    }
)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_thinking_streams_decoded_and_the_output_as_json(size: int) -> None:
    pieces: list[Piece] = []
    parser = ObjectParser(pieces.append)
    for start in range(0, len(ANSWER), size):
        parser.feed(ANSWER[start : start + size])
    parsed = parser.finish()
    shown = {k: "".join(p.text for p in pieces if p.kind == k) for k in ("thinking", "output")}
    assert shown["thinking"] == 'Add[e2] "button" ü\n{yes}\\' == parsed.thinking
    assert json.loads(shown["output"]) == json.loads(ANSWER)["output"] == parsed.data()
    assert parsed.reflections == []


@pytest.mark.parametrize("text", ["", "{", '{"thinking": "cut of', "nonsense", '{"a":1}', "[1]"])
def test_anything_else_never_fails(text: str) -> None:
    parser = ObjectParser(lambda _: None)
    parser.feed(text)
    parser.finish()


def test_tags_are_understood_where_the_endpoint_did_not_hold_to_the_object() -> None:
    parser = ObjectParser(lambda _: None)
    parser.feed('<thinking>x</thinking><output>{"a":1}</output>')
    assert parser.finish().data() == {"a": 1}


def test_strict_schemas_require_every_field_and_unwrapping_takes_it_back() -> None:
    schema = answer_schema("decide", shop_page())
    strict = as_object(schema)["properties"]["output"]
    click = next(
        option
        for option in strict["properties"]["actions"]["items"]["anyOf"]
        if option["properties"]["action"] == {"const": "click"}
    )
    assert click["required"] == ["action", "ref", "how"]
    assert "x-leading" not in json.dumps(strict)
    said = {
        "actions": [
            {"action": "click", "ref": "[e2]", "how": None},
            {"action": "extract", "instruction": "i", "fields": '{"price":"number"}'},
        ],
        "completes_step": True,
    }
    assert unwrapped(schema, said)["actions"] == [
        {"action": "click", "ref": "[e2]"},
        {"action": "extract", "instruction": "i", "fields": {"price": "number"}},
    ]
