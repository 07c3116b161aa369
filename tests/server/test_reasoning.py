"""Reasoning and content apart, however the answer is cut into deltas and whatever it lacks."""

import itertools
import json
from typing import Any

import pytest

from agent.model.protocol import Parser
from server.reasoning import Split, Splitter, split, tagged

OUTPUT = '{"actions":[{"action":"click","ref":"[e2]"}]}'


def streamed(text: str, size: int = 1, *, tags_expected: bool = True) -> Split:
    splitter = Splitter(tags_expected=tags_expected)
    deltas = [text[at : at + size] for at in range(0, len(text), size)]
    parts = [splitter.feed(delta) for delta in deltas] + [splitter.finish()]
    reasoning = "".join(part.reasoning for part in parts)
    return Split(reasoning.strip(), "".join(part.content for part in parts).strip())


ANSWERS = [
    (f"<thinking>Add[e2] button</thinking><output>{OUTPUT}</output>", "Add[e2] button", OUTPUT),
    (f"  <thinking>\nA\n</thinking>\n\n<output>\n{OUTPUT}\n</output>\n", "A", OUTPUT),
    (
        "<thinking>a<reflection>b</reflection>c</thinking><output>4</output>",
        "a<reflection>b</reflection>c",
        "4",
    ),
    (f"<THINKING>a</THINKING><Output>{OUTPUT}</Output>", "a", OUTPUT),
    (f"<think>a</think>{OUTPUT}", "a", OUTPUT),
    ("<thinking>a</thinking> The answer is 4.", "a", "The answer is 4."),
    (f"I think so.</thinking><output>{OUTPUT}</output>", "I think so.", OUTPUT),
    (f"I think so.<output>{OUTPUT}</output>", "I think so.", OUTPUT),
    (f"<thinking>a<output>{OUTPUT}</output>", "a", OUTPUT),
    (f"<thinking>a</thinking><output>{OUTPUT}", "a", OUTPUT),
    (f"<output>{OUTPUT}</output> and so on", "", OUTPUT),
    (f"<thinking>a</thinking><output>{OUTPUT}</output></output>", "a", OUTPUT),
    ("<thinking>" + "so on and " * 50, ("so on and " * 50).strip(), ""),
    ("<thinking>a<reflection>no", "a<reflection>no", ""),
    ("<thinking>1 < 2, a <b> and <thin</thinking><output>x <y", "1 < 2, a <b> and <thin", "x <y"),
    (
        '<thinking>a</thinking><output>{"text":"</output>"}</output>',
        "a",
        '{"text":"</output>"}',
    ),
    ("<output>1</output><output>2</output>", "", "1\n2"),
    ("", "", ""),
]


@pytest.mark.parametrize(("text", "reasoning", "content"), ANSWERS)
def test_whole_and_streamed_answers_split_alike(text: str, reasoning: str, content: str) -> None:
    assert split(text) == Split(reasoning, content)
    for size in (1, 2, 3, 7, 1000):
        assert streamed(text, size) == Split(reasoning, content), size


@pytest.mark.parametrize("text", [OUTPUT, '```json\n{"a":1}\n```', "[1,2]"])
def test_data_without_tags_is_content_at_once(text: str) -> None:
    assert split(text) == Split(content=text) == streamed(text)


def test_a_plain_answer_is_content() -> None:
    assert split("Hello there!") == Split(content="Hello there!")
    assert streamed("Hello there!", tags_expected=False) == Split(content="Hello there!")


def test_an_answer_that_was_taken_for_thinking_is_given_as_content_in_the_end() -> None:
    assert streamed("Hello there!") == Split("Hello there!", "Hello there!")


def test_parts_are_handed_on_as_soon_as_they_are_known() -> None:
    splitter = Splitter()
    assert splitter.feed("<thinking>Add") == Split(reasoning="Add")
    assert splitter.feed(" it <") == Split(reasoning=" it ")
    assert splitter.feed("3 </thin") == Split(reasoning="<3 ")
    assert splitter.feed("king><output>4") == Split(content="4")
    assert splitter.feed("2</out") == Split(content="2")
    assert splitter.finish() == Split(content="</out")


@pytest.mark.parametrize(
    ("prompt", "answer", "expected"),
    [
        ("Say hello.<|assistant|>", "Hello!", Split(content="Hello!")),
        ("Think in <thinking> tags.<|assistant|>", "So", Split(reasoning="So")),
        ("Think.<|assistant|><thinking>\n", "So", Split(reasoning="So")),
    ],
)
def test_the_prompt_tells_what_untagged_text_is(prompt: str, answer: str, expected: Split) -> None:
    assert Splitter.after(prompt).feed(answer) == expected


@pytest.mark.parametrize(
    ("text", "reasoning", "content"), [case for case in ANSWERS if case[2].startswith("{")]
)
def test_our_own_client_reads_the_same_output_from_the_parts(
    text: str, reasoning: str, content: str
) -> None:
    """What it acts on must not depend on whether the server has split the answer."""
    apart = Parser(lambda _: None)
    apart.feed_reasoning(reasoning)
    apart.feed(content)
    whole = Parser(lambda _: None)
    whole.feed(text)
    said, meant = apart.finish(), whole.finish()
    assert said.data() == meant.data() == json.loads(content)
    assert said.reflections == meant.reflections


def test_a_constraint_on_the_output_leaves_thinking_free() -> None:
    schema = {"type": "object", "properties": {"a": {"const": 1}}}
    asked: list[dict[str, Any]] = [{"json": schema}, {"json": json.dumps(schema), "regex": None}]
    for constraint in asked:
        tag = json.loads(tagged(constraint) or "")
        thinking, output = tag["format"]["elements"]
        assert (thinking["begin"], thinking["content"]["type"]) == ("<thinking>", "any_text")
        assert (output["begin"], output["end"]) == ("<output>", "</output>")
        assert (output["content"]["type"], output["content"]["json_schema"]) == (
            "json_schema",
            schema,
        )


def test_each_kind_of_constraint_has_its_form() -> None:
    kinds: list[dict[str, Any]] = [{"json_object": True}, {"regex": "a+"}, {"choice": ["x", "y"]}]
    forms = [json.loads(tagged(kind) or "")["format"]["elements"][1]["content"] for kind in kinds]
    assert [form["type"] for form in forms] == ["json_schema", "regex", "or"]


def test_a_grammar_describes_the_whole_answer_already() -> None:
    whole: list[dict[str, Any]] = [{"grammar": 'root ::= "x"'}, {"structural_tag": "{}"}, {}]
    for constraint in whole:
        assert tagged(constraint) is None


def test_every_cut_of_an_answer_gives_the_same() -> None:
    text = "<thinking>a<reflection>b</reflection></thinking><output>{}</output>"
    for first, second in itertools.combinations(range(len(text)), 2):
        splitter = Splitter()
        parts = [splitter.feed(text[:first]), splitter.feed(text[first:second])]
        parts += [splitter.feed(text[second:]), splitter.finish()]
        assert "".join(p.content for p in parts) == "{}"
        assert "".join(p.reasoning for p in parts) == "a<reflection>b</reflection>"
