"""The reflection protocol: what each kind of answer means, and that chunking never matters."""

import random
from collections.abc import Sequence

import pytest

from agent.model.protocol import Parsed, Parser, Piece

WELL_FORMED = (
    "<thinking>The dialog covers it.<reflection>I overlooked the banner.</reflection>"
    'Close[e2] first</thinking><output>{"actions":[{"action":"click","ref":"[e2]"}]}</output>'
)

ODD = [
    WELL_FORMED,
    "",
    " \n ",
    "<",
    "<thin",
    '{"a":1}',
    '```json\n{"a":1}\n```',
    "``not a fence",
    "{{NAME}} goes here, I think",
    "no tags at all, a < b and <b>bold</b>",
    "<thinking>never closed",
    '<thinking>not closed either <output>{"a":1}</output>',
    '<THINKING>loud</Thinking>\n<Output>{"a":1}</OUTPUT>',
    "<thinking>one<thinking>two</thinking></thinking><output>{}</output></output>",
    '<thinking>x</thinking>\n\n{"a":"</b>"}\nand so on',
    '<output>{"text":"write <output> and </thinking> here"}</output> goodbye',
    '<thinking>I answer in <output> tags.</thinking><output>{"a":1}</output>',
    '<output>{"broken": </output> again: <output>{"a":1}</output>',
    '<reflection>straight away</reflection><output>{"a":1}',
    '<think>other name</think>{"a":1}',
    '</thinking></output><output>{"a":"\\u00fc ü 🍕"}',
    '< thinking >spaces</ thinking ><output >{"a":1}</output>',
]


def parse(chunks: Sequence[str]) -> tuple[list[tuple[str, str]], Parsed]:
    pieces: list[Piece] = []
    parser = Parser(pieces.append)
    for chunk in chunks:
        parser.feed(chunk)
    parsed = parser.finish()
    return merged(pieces), parsed


def merged(pieces: Sequence[Piece]) -> list[tuple[str, str]]:
    runs: list[tuple[str, str]] = []
    for piece in pieces:
        if runs and runs[-1][0] == piece.kind:
            runs[-1] = (piece.kind, runs[-1][1] + piece.text)
        else:
            runs.append((piece.kind, piece.text))
    return runs


@pytest.mark.parametrize("text", ODD)
def test_every_chunking_gives_the_same(text: str) -> None:
    whole = parse([text])
    assert parse(list(text)) == whole
    for at in range(len(text) + 1):
        assert parse([text[:at], "", text[at:]]) == whole
    rng = random.Random(text)
    for _ in range(100):
        cuts = sorted(rng.sample(range(len(text) + 1), min(len(text) + 1, rng.randint(0, 9))))
        chunks = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        assert parse(chunks) == whole


def test_garbage_of_tags_never_fails_whatever_the_chunking() -> None:
    rng = random.Random(5)
    bits = ["<thinking>", "</thinking>", "<reflection>", "</reflection>", "<output>", "</output>"]
    bits += ["{", "}", '"', '{"a":1}', "<", "</", " ", "\n", "text", "`", "<think>", "{{X}}"]
    for _ in range(500):
        text = "".join(rng.choices(bits, k=rng.randint(1, 12)))
        assert parse(list(text)) == parse([text]), text


def test_a_well_formed_answer_comes_apart() -> None:
    pieces, parsed = parse([WELL_FORMED])
    assert [kind for kind, _ in pieces] == ["thinking", "reflection", "thinking", "output"]
    assert parsed.reflections == ["I overlooked the banner."]
    assert parsed.thinking == "The dialog covers it.\nClose[e2] first"
    assert parsed.data() == {"actions": [{"action": "click", "ref": "[e2]"}]}


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ('{"a":1}', {"a": 1}),
        ('```json\n{"a":1}\n```', {"a": 1}),
        ('<thinking>open <output>{"a":1}', {"a": 1}),
        ('<thinking>x</thinking> So: {"a":1} ok?', {"a": 1}),
        ('I think {"b":2} is wrong, so {"a":1}', {"a": 1}),
        ('<thinking>I use <output> tags</thinking><output>{"a":1}</output>', {"a": 1}),
        ('<output>{"broken": </output><output>{"a":1}</output>', {"a": 1}),
        ('<output>{"a":1}</output> And <thinking>{"a":2}</thinking>', {"a": 1}),
        ('<output>{"a":"</output>"}</output>', {"a": "</output>"}),
        ('<output>{"a":"one\ntwo"}</output>', {"a": "one\ntwo"}),
    ],
)
def test_the_output_is_found(text: str, data: object) -> None:
    assert parse([text])[1].data() == data


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no <output>"),
        ("<thinking>never ends", "no <output>"),
        ('<output>{"a":', "ends too early"),
        ("<output>{a:1}</output>", "not valid JSON"),
        ("<output>[1,2]</output>", "must be a JSON object, not list"),
        ("<output>" + "[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_wrong_is_said_in_words(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse([text])[1].data()


def test_text_is_shown_as_soon_as_it_is_certain() -> None:
    pieces: list[Piece] = []
    parser = Parser(pieces.append)
    parser.feed("<thinking>Add[e3] but")
    assert pieces == [Piece("thinking", "Add[e3] but")]
    parser.feed("ton </thin")
    assert pieces[-1] == Piece("thinking", "ton ")
    parser.feed("ner than 3")
    assert pieces[-1] == Piece("thinking", "</thinner than 3")


def test_reasoning_sent_apart_is_thinking() -> None:
    pieces: list[Piece] = []
    parser = Parser(pieces.append)
    for text in ("The ba", "nner <refl", "ection>I missed it</reflection>", " so close it <out"):
        parser.feed_reasoning(text)
    parser.feed("")
    for text in ("\n", '{"a"', ":1}"):
        parser.feed(text)
    parsed = parser.finish()
    assert merged(pieces)[-1] == ("output", '{"a":1}')
    assert parsed.reflections == ["I missed it"]
    assert parsed.thinking == "The banner\nso close it <out"
    assert parsed.data() == {"a": 1}


def test_reasoning_apart_may_be_followed_by_tags() -> None:
    parser = Parser(lambda _: None)
    parser.feed_reasoning("hm")
    parser.feed('<output>{"a":1}</output>')
    assert parser.finish() == Parsed(thinking="hm", outputs=['{"a":1}'])
