"""Text of a page can neither command the terminal nor break out of its line."""

import pytest

from tasks.terminal_text import safe


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("a\x1b[31mb\x1b[0mc", "abc"),
        ("a\x1b]0;title\x07b", "ab"),
        ("a\x1b]8;;http://evil.test\x1b\\link\x1b]8;;\x1b\\b", "alinkb"),
        ("a\x9b2Jb", "ab"),
        ("a\x1bPq#0;2;0;0;0\x1b\\b", "ab"),
        ("a\x1bcb", "ab"),
        ("a\x1b", "a"),
        ("a\x07\x08\x7f\x00b", "ab"),
        ("a\r\nb\tc\u2028d\x85e", "a b c d e"),
        ("abc\u202edef\u2066", "abcdef"),
        ("\ud800 half", "\ufffd half"),
        ("家族 👨\u200d👩\u200d👧 é", "家族 👨\u200d👩\u200d👧 é"),
        ("[bold]x[/bold]", "[bold]x[/bold]"),
    ],
)
def test_one_line(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_lines_and_their_indentation_can_be_kept() -> None:
    assert safe("a\n  b\x1b[2J\r\nc \n", keep_lines=True) == "a\n  b\nc"
