"""An answer comes out in the same parts, whoever has split it, and however it is cut."""

import pytest

from agent.model.protocol import Piece
from server.parts import Parts

THINKING = "I add. <reflection>No, 2 < 3.</reflection> I subtract."
EXPECTED = [("thinking", "I add. "), ("reflection", "No, 2 < 3."), ("thinking", " I subtract.")]


def joined(pieces: list[Piece]) -> list[tuple[str, str]]:
    """Neighbours of one kind put together."""
    found: list[tuple[str, str]] = []
    for piece in pieces:
        if found and found[-1][0] == piece.kind:
            found[-1] = (piece.kind, found[-1][1] + piece.text)
        else:
            found.append((piece.kind, piece.text))
    return found


def read(
    *, reasoning: str = "", content: str = "", size: int = 3, tags_expected: bool = True
) -> tuple[list[tuple[str, str]], bool]:
    parts = Parts(tags_expected=tags_expected)
    pieces = []
    for start in range(0, len(reasoning), size):
        pieces += parts.feed(reasoning[start : start + size], "")
    for start in range(0, len(content), size):
        pieces += parts.feed("", content[start : start + size])
    pieces += parts.finish()
    return joined(pieces), parts.tagless


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("output", ["It is 1.", '{"answer": "1 </output> <reflection>"}'])
def test_tags_in_the_content_or_taken_out_by_the_endpoint(output: str, size: int) -> None:
    tagged = f"<thinking>{THINKING}</thinking>\n<output>{output}</output>"
    expected = ([*EXPECTED, ("output", output)], False)
    assert read(content=tagged, size=size) == expected
    assert read(reasoning=THINKING, content=output, size=size) == expected
    assert read(reasoning=THINKING, content=f"<output>{output}</output>", size=size) == expected


def test_prose_is_the_answer_where_no_tags_were_asked_for() -> None:
    assert read(content="It is 1.", tags_expected=False) == ([("output", "It is 1.")], False)


def test_prose_is_thinking_until_the_end_shows_that_it_was_the_answer() -> None:
    parts = Parts(tags_expected=True)
    assert joined(parts.feed("", "It is 1.")) == [("thinking", "It is 1.")]
    assert joined(parts.finish()) == [("output", "It is 1.")]
    assert parts.tagless


def test_thinking_that_never_ends_has_no_output() -> None:
    assert read(content="<thinking>I add. I a") == ([("thinking", "I add. I a")], False)


def test_the_tag_that_other_models_think_in() -> None:
    found = read(content="<think>Hm.</think>It is 1.", tags_expected=False)
    assert found == ([("thinking", "Hm."), ("output", "It is 1.")], False)
