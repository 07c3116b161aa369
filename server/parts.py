"""The parts of an answer from whatever endpoint, told apart while it streams.

Endpoints differ: the tags stand in the content (llama.cpp, hosted ones), or a reasoning parser
has taken them out (`reasoning_parser.py`, others like it) and only `<reflection>` is left. The
answer may also be plain prose, which our own client, who always asks for JSON, takes for
thinking. Here all of them come out the same.
"""

from agent.model.protocol import Parser, Piece
from server.reasoning import Splitter


class Parts:
    """One answer. `feed` it every delta, then `finish`.

    `tags_expected` is whether the prompt asked for tags: prose without any is thinking then,
    until the end shows that it was the answer (`tagless`).
    """

    def __init__(self, *, tags_expected: bool) -> None:
        self.tagless = False
        self._splitter = Splitter(tags_expected=tags_expected)
        self._ready: list[Piece] = []
        self._parser = Parser(self._ready.append)
        self._apart = False
        self._within_output = False

    def feed(self, reasoning: str, content: str) -> list[Piece]:
        """Take one delta; the pieces that are known by now."""
        if reasoning and not self._apart:  # somebody splits it already: content is an answer
            self._apart = True
            self._splitter = Splitter(tags_expected=False)
        self._think(reasoning)
        self._split(content)
        return self._taken()

    def finish(self) -> list[Piece]:
        """Nothing more comes: what was held back."""
        last = self._splitter.finish()
        self._think(last.reasoning)
        self._say(last.content)
        parsed = self._parser.finish()
        self.tagless = not parsed.reflections and parsed.outputs == [parsed.thinking]
        return self._taken()

    def _split(self, content: str) -> None:
        found = self._splitter.feed(content)
        self._think(found.reasoning)
        self._say(found.content)

    def _think(self, text: str) -> None:
        if text:
            self._parser.feed_reasoning(text)
            self._within_output = False

    def _say(self, text: str) -> None:
        if text:
            self._parser.feed(text if self._within_output else f"<output>{text}")
            self._within_output = True

    def _taken(self) -> list[Piece]:
        taken = self._ready.copy()
        self._ready.clear()
        return taken
