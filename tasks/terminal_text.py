"""Text from pages and models, made harmless for a terminal.

A page may hold escape sequences that recolour, retitle or clear the terminal, and characters
that turn the reading direction around. Everything that is shown goes through `safe`, and
reaches rich as `Text`, never as a markup string, so that `[bold]` stays what it is.
"""

import re
import unicodedata

_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC: titles, links, clipboard
    r"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x9c]*(?:\x1b\\|\x9c)?"  # DCS, SOS, PM, APC
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor, erase
    r"|\x1b[ -/]*[0-~]?"  # everything else that starts with ESC
)
_DIRECTION_MARKS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_BREAKS = frozenset("\n\r\t\v\f\x85\u2028\u2029")


def safe(text: str, *, keep_lines: bool = False) -> str:
    """The text without control characters; one line unless `keep_lines`.

    Escape sequences go as a whole, other control characters one by one; line breaks and tabs
    become spaces. Lone surrogates, which no terminal can be sent, become U+FFFD.
    """
    if keep_lines:
        lines = (_stripped(line).rstrip() for line in text.replace("\r\n", "\n").split("\n"))
        return "\n".join(lines).strip("\n")
    return " ".join(_stripped(text).split())


def _stripped(text: str) -> str:
    return "".join(_harmless(c) for c in _ESCAPE_SEQUENCE.sub("", text))


def _harmless(character: str) -> str:
    if character in _BREAKS:
        return " "
    if character in _DIRECTION_MARKS:
        return ""
    category = unicodedata.category(character)
    if category == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    return "" if category == "Cc" else character
