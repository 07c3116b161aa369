"""The reflection protocol, parsed while it streams.

    <thinking> … <reflection> … </reflection> … </thinking><output>{…}</output>

The parser takes the text in any chunks and hands on each part as soon as no later character
can change what it is. It never fails: models forget tags, never close them, repeat them,
write them in capitals, think without tags, or talk on after the output. What such an answer
most likely means is decided here; whether the output is any good is not.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

PieceKind = Literal["thinking", "reflection", "output"]


@dataclass(frozen=True)
class Piece:
    """A bit of a streamed answer. Only `output` is acted on; the rest is shown."""

    kind: PieceKind
    text: str


@dataclass
class Parsed:
    """A whole answer in its parts. `outputs` has more than one only if the model erred."""

    thinking: str = ""
    reflections: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)

    def data(self) -> Any:
        """The JSON of the answer. Raises ValueError, saying in words what is wrong with it."""
        for text in reversed(self.outputs):
            found = last_json(text)
            if found is not None:
                return found
        if self.outputs:
            raise ValueError(_what_is_wrong(self.outputs[-1]))
        found = last_json(self.thinking)
        if found is not None:
            return found
        raise ValueError("there is no <output> with a JSON object in it")


_TAG = re.compile(r"<(/?)\s*(thinking|think|reflection|output)\s*>", re.IGNORECASE)
_NAMES = ("thinking", "think", "reflection", "output")
_LONGEST_TAG = 24
"""Characters after which a `<` can no longer be the start of a tag of ours."""

_Mode = Literal["open", "thinking", "reflection", "output", "done"]
"""open: outside of all tags, before the output; what comes decides what it is."""


class Parser:
    """One answer. Feed it every delta, then `finish`; pieces go to `emit` as they are known."""

    def __init__(self, emit: Callable[[Piece], None]) -> None:
        self._emit = emit
        self._mode: _Mode = "open"
        self._held = ""
        self._parsed = Parsed()
        self._inside: list[str] = []
        self._apart = False

    def feed(self, text: str) -> None:
        """Take the next part of the content."""
        if self._apart and text:
            self._advance(final=True)
            self._enter("open")
            self._apart = False
        self._held += text
        self._advance(final=False)

    def feed_reasoning(self, text: str) -> None:
        """Take thinking that the endpoint sends apart (`reasoning_content` deltas)."""
        if not self._apart and text:
            self._advance(final=True)
            self._enter("thinking")
            self._apart = True
        self._held += text
        self._advance(final=False)

    def finish(self) -> Parsed:
        """Nothing more comes: hand on what was held back, and give the whole."""
        self._advance(final=True)
        self._enter("done")
        return self._parsed

    def _advance(self, *, final: bool) -> None:
        while found := _TAG.search(self._held):
            before = self._held[: found.start()]
            self._held = self._held[found.end() :]
            self._text(before, final=True)
            if self._within_json():
                self._text(found[0], final=True)
            else:
                self._tag(found[2].lower(), closing=bool(found[1]))
        cut = len(self._held) if final else len(self._held) - _possible_tag(self._held)
        ready, kept = self._held[:cut], self._held[cut:]
        self._held = self._text(ready, final=final or bool(kept)) + kept

    def _within_json(self) -> bool:
        """Whether the output has begun as an object that is not closed yet: a tag is text then."""
        text = "".join(self._inside) if self._mode == "output" else ""
        return text.lstrip().startswith("{") and last_json(text) is None

    def _text(self, text: str, *, final: bool) -> str:
        """Hand on text that is free of tags; returns what cannot be told apart yet."""
        if self._mode == "open":
            text = text.lstrip()
            kind = _opens(text, final=final)
            if kind is None:
                return text
            self._enter(kind)
        mode = self._mode
        if text and mode != "open" and mode != "done":
            self._inside.append(text)
            self._emit(Piece(mode, text))
        return ""

    def _tag(self, name: str, *, closing: bool) -> None:
        if name == "output":
            self._enter("done" if closing else "output")
        elif self._mode == "output" and closing:
            pass  # a tag closed that was never open, or a name inside a text
        elif name == "reflection":
            self._enter("thinking" if closing else "reflection")
        elif not closing:
            self._enter("thinking")
        elif self._mode != "done":
            self._enter("open")

    def _enter(self, mode: _Mode) -> None:
        text = "".join(self._inside).strip()
        if self._mode == "thinking" and text:
            self._parsed.thinking = f"{self._parsed.thinking}\n{text}".strip()
        elif self._mode == "reflection" and text:
            self._parsed.reflections.append(text)
        elif self._mode == "output" and text:
            self._parsed.outputs.append(text)
        self._inside.clear()
        self._mode = mode


def _possible_tag(text: str) -> int:
    """How many characters at the end may be the start of a tag."""
    start = text.rfind("<")
    if start < 0 or len(text) - start > _LONGEST_TAG:
        return 0
    inner = text[start + 1 :].removeprefix("/").lstrip().lower()
    bare = inner.rstrip()
    may_be = any(n == bare or (bare == inner and n.startswith(bare)) for n in _NAMES)
    return len(text) - start if may_be else 0


def _opens(text: str, *, final: bool) -> Literal["thinking", "output"] | None:
    """What text outside of all tags is: JSON (perhaps fenced) is output, else it is thinking."""
    if not text:
        return None
    if text[0] == "{":
        if text == "{" and not final:
            return None
        return "thinking" if text.startswith("{{") else "output"
    if "```".startswith(text[:3]) and len(text) < 3 and not final:
        return None
    return "output" if text.startswith("```") else "thinking"


def last_json(text: str) -> Any:
    """The last JSON object in a text, whatever stands around it; None if there is none."""
    found = None
    for value in _objects(text):
        found = value
    return found


def _objects(text: str) -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder(strict=False)
    at = text.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            yield value
        at = text.find("{", end)


def _what_is_wrong(text: str) -> str:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        ends = error.pos >= len(text.rstrip())
        where = "it ends too early" if ends else f"{error.msg} at {text[error.pos :][:20]!r}"
        return f"the output is not valid JSON: {where}"
    except RecursionError:
        return "the output is nested too deeply"
    return f"the output must be a JSON object, not {type(value).__name__}"
