"""The answer as one JSON object, taken apart while it streams: thinking, reflection, output.

The counterpart of `agent.model.protocol` for endpoints that take a JSON schema. Strings are
decoded as they come; an answer that is no such object after all is read by its tags.
"""

import json
from collections.abc import Callable, Generator

from agent.model.protocol import Parsed, Parser, Piece, PieceKind

_KINDS: dict[str, PieceKind] = {"thinking": "thinking", "reflection": "reflection"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}

_Reader = Generator[None, str, None]


class ObjectParser:
    """One answer. Feed it every delta, then `finish`; as `Parser` does."""

    def __init__(self, emit: Callable[[Piece], None]) -> None:
        self._emit = emit
        self._whole: list[str] = []
        self._ready: list[str] = []
        self._kind: PieceKind | None = None
        self._reader = self._read()
        next(self._reader)

    def feed(self, text: str) -> None:
        """Take the next part of the content."""
        self._whole.append(text)
        for char in text:
            self._reader.send(char)
        self._flush()

    def feed_reasoning(self, text: str) -> None:
        """Thinking that the endpoint sends apart is shown; the object's own counts as well."""
        if text:
            self._emit(Piece("thinking", text))

    def finish(self) -> Parsed:
        """Nothing more comes: the whole answer."""
        text = "".join(self._whole)
        try:
            value = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict) and "output" in value:
            reflection = str(value.get("reflection") or "").strip()
            return Parsed(
                thinking=str(value.get("thinking") or "").strip(),
                reflections=[reflection] if reflection else [],
                outputs=[json.dumps(value["output"], ensure_ascii=False)],
            )
        parser = Parser(lambda _: None)
        parser.feed(text)
        return parser.finish()

    def _say(self, kind: PieceKind, text: str) -> None:
        if kind != self._kind:
            self._flush()
            self._kind = kind
        self._ready.append(text)

    def _flush(self) -> None:
        if self._ready and self._kind:
            self._emit(Piece(self._kind, "".join(self._ready)))
        self._ready.clear()

    def _read(self) -> _Reader:
        """Follow the object's fields, one character at a time; the output comes last."""
        while (yield from self._next()) != "{":
            pass
        while True:
            name = yield from self._string(None)
            while (yield from self._next()) != ":":
                pass
            if name not in _KINDS:
                break
            yield from self._string(_KINDS[name])
        depth = 0
        while depth >= 0:  # up to the bracket that closes the whole object
            char = yield from self._next()
            depth += (char in "{[") - (char in "}]")
            if depth >= 0:
                self._say("output", char)
            if char == '"':
                yield from self._string("output", raw=True)
        while True:
            yield

    def _next(self) -> Generator[None, str, str]:
        return (yield)

    def _string(self, kind: PieceKind | None, *, raw: bool = False) -> Generator[None, str, str]:
        """A string, handed on as `kind`; `raw` keeps it as JSON, its opening quote read already."""
        found: list[str] = []
        while not raw and (yield from self._next()) != '"':
            pass
        while True:
            char = yield from self._next()
            if char == '"' and not raw:
                return "".join(found)
            text = char
            if char == "\\":
                after = yield from self._next()
                text = char + after if raw else (yield from self._unescaped(after))
            found.append(text)
            if kind:
                self._say(kind, text)
            if char == '"':
                return "".join(found)

    def _unescaped(self, char: str) -> Generator[None, str, str]:
        if char != "u":
            return _ESCAPES.get(char, char)
        digits = ""
        for _ in range(4):
            digits += yield from self._next()
        try:
            found = chr(int(digits, 16))
        except ValueError:
            return ""
        return "" if "\ud800" <= found <= "\udfff" else found  # half a character
