"""The reasoning parser in the real server, as any OpenAI client sees it, streaming and not.

A grammar that allows a single text makes the real model say just that text.
"""

import json

import openai
import pytest

from tasks.model_check import questions
from tests.vllm.conftest import Serving

MODEL = "secondlook-mini"
Parts = tuple[str, str]
"""Reasoning and content."""


@pytest.fixture
def client(vllm: Serving) -> openai.OpenAI:
    return openai.OpenAI(base_url=vllm.url, api_key="none", max_retries=0)


def whole(client: openai.OpenAI, prompt: str, **body: object) -> Parts:
    answer = client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": prompt}], max_tokens=300, extra_body=body
    )
    message = answer.choices[0].message
    extra = message.model_extra or {}
    assert extra.get("reasoning") == extra.get("reasoning_content")
    return extra.get("reasoning_content") or "", message.content or ""


def streamed(client: openai.OpenAI, prompt: str, **body: object) -> tuple[Parts, int]:
    """The parts, and in how many deltas they came."""
    reasoning, content, deltas = "", "", 0
    for chunk in client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": prompt}],
        max_tokens=300,
        stream=True,
        extra_body=body,
    ):
        for choice in chunk.choices:
            reasoning += (choice.delta.model_extra or {}).get("reasoning_content") or ""
            content += choice.delta.content or ""
            deltas += 1
    return (reasoning, content), deltas


def exactly(text: str) -> dict[str, object]:
    return {"structured_outputs": {"grammar": f"root ::= {json.dumps(text)}"}}


def test_real_answers_come_apart(client: openai.OpenAI) -> None:
    for _, _, prompt in questions():
        parts = whole(client, prompt.user)
        again, deltas = streamed(client, prompt.user)
        assert parts == again and deltas > 10
        assert parts[0] and "<thinking>" not in parts[0] and "output>" not in parts[1]
        json.loads(parts[1])


TAGS = "Think inside <thinking> tags, then answer inside <output> tags."


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        (
            "<thinking>One. <reflection>No, two.</reflection></thinking><output>Two</output>",
            ("One. <reflection>No, two.</reflection>", "Two"),
        ),
        ("One, perhaps two.</thinking><output>Two</output>", ("One, perhaps two.", "Two")),
        ("<thinking>One.</thinking>Two", ("One.", "Two")),
        ("<thinking>One.<output>Two", ("One.", "Two")),
        ("<thinking>One, and one, and one", ("One, and one, and one", "")),
    ],
)
def test_tags_that_are_missing(client: openai.OpenAI, said: str, parts: Parts) -> None:
    """Also tags split over deltas: a delta is one token, and tags of this text are several."""
    assert whole(client, TAGS, **exactly(said)) == parts
    assert streamed(client, TAGS, **exactly(said))[0] == parts


def test_a_schema_holds_the_output_and_leaves_the_thinking_free(client: openai.OpenAI) -> None:
    schema = {
        "type": "object",
        "properties": {"size": {"enum": ["Small", "Large"]}, "hot": {"type": "boolean"}},
        "required": ["size", "hot"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "order", "schema": schema}}
    for _, _, prompt in questions():
        for parts in (
            whole(client, prompt.user, response_format=form),
            streamed(client, prompt.user, response_format=form)[0],
        ):
            order = json.loads(parts[1])
            assert order["size"] in ("Small", "Large") and isinstance(order["hot"], bool)
            assert parts[0]


def test_the_announced_sampling_is_the_cards(client: openai.OpenAI) -> None:
    """Who names no temperature gets the model's own, which is 0: always the same answer."""
    prompt = questions()[0][2].user
    assert len({whole(client, prompt) for _ in range(4)}) == 1
