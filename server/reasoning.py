"""An answer in the reflection format, split into reasoning and content while it streams.

    <thinking> … <reflection> … </reflection> … </thinking><output> … </output>

For other clients of the OpenAI protocol than ours: what is thought goes to the reasoning,
with `<reflection>` tags left in it; what stands in `<output>` is the content. Models forget
tags: `</thinking>` without a beginning, an output without a tag, an answer with no tag at
all, thinking that never ends. Our own client reads whatever comes of it with
`agent.model.protocol`. No import of vLLM here; `reasoning_parser.py` is the plugin.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from agent.model.protocol import last_json

_TAG = re.compile(r"<(/?)\s{0,4}(thinking|think|reflection|output)\s{0,4}>", re.IGNORECASE)
_BEGUN = re.compile(r"<(/?)\s{0,4}([a-z]{0,10})\s{0,4}\Z", re.IGNORECASE)
_NAMES = ("thinking", "think", "reflection", "output")

_Mode = Literal["start", "untagged", "reasoning", "between", "content", "done"]
"""start: nothing but space yet; untagged: prose before any tag; between: after the thinking."""


@dataclass(frozen=True)
class Split:
    """A part of an answer, or all of it."""

    reasoning: str = ""
    content: str = ""


class Splitter:
    """One streamed answer: `feed` it every delta, then `finish`.

    `tags_expected` is whether the prompt asked for tags: prose before the first tag is then
    reasoning (the opening tag was forgotten), else content (a plain answer). Prose that was
    taken for reasoning and never met a tag was an answer after all: `finish` gives it again,
    as content.
    """

    def __init__(self, *, tags_expected: bool = True, thinking: bool = False) -> None:
        self._mode: _Mode = "reasoning" if thinking else "start"
        self._tags_expected = tags_expected
        self._held = ""
        self._untagged = ""
        self._content = ""
        self._new: tuple[list[str], list[str]] = ([], [])

    @classmethod
    def after(cls, prompt: str) -> "Splitter":
        """The splitter for the answer to this prompt, as the chat template has written it."""
        asked = any(f"<{name}>" in prompt for name in ("thinking", "output"))
        return cls(tags_expected=asked, thinking=prompt.rstrip().endswith("<thinking>"))

    def feed(self, text: str) -> Split:
        """Take the next part; what is known by now."""
        self._held += text
        while found := _TAG.search(self._held):
            self._text(self._held[: found.start()])
            self._held = self._held[found.end() :]
            if self._within_json():
                self._text(found[0])
            else:
                self._tag(found[2].lower(), found[0], closing=bool(found[1]))
        cut = len(self._held) - _begun(self._held)
        self._text(self._held[:cut])
        self._held = self._held[cut:]
        return self._taken()

    def finish(self) -> Split:
        """Nothing more comes: what was held back."""
        self._text(self._held)
        self._held = ""
        if self._mode == "untagged":
            self._new[1].append(self._untagged)
        return self._taken()

    def _text(self, text: str) -> None:
        """Take text that is free of tags."""
        if self._mode in ("start", "between"):
            text = text.lstrip()
        if not text or self._mode == "done":
            return
        if self._mode == "between":
            self._mode = "content"
        elif self._mode == "start":
            plain = not self._tags_expected or text[0] in "{[`"
            self._mode = "content" if plain else "untagged"
        if self._mode == "content":
            self._content += text
            self._new[1].append(text)
        else:
            self._untagged += text if self._mode == "untagged" else ""
            self._new[0].append(text)

    def _tag(self, name: str, as_written: str, *, closing: bool) -> None:
        if name == "reflection":
            if not closing or self._mode in ("reasoning", "untagged"):
                self._mode = "reasoning"
                self._new[0].append(as_written)
        elif name == "output":
            self._mode = "done" if closing else "content"
            if not closing:
                if self._content:
                    self._new[1].append("\n")  # a second output must not run into the first
                self._content = ""
        elif not closing:
            self._mode = "reasoning"
        elif self._mode != "done":
            self._mode = "between"

    def _within_json(self) -> bool:
        """Whether the content is an object that is not closed yet: a tag is text then."""
        begun = self._mode == "content" and self._content.lstrip().startswith("{")
        return begun and last_json(self._content) is None

    def _taken(self) -> Split:
        reasoning, content = map("".join, self._new)
        self._new = ([], [])
        return Split(reasoning, content)


def split(text: str) -> Split:
    """A whole answer. Without any tag it is all content."""
    if not _TAG.search(text):
        return Split(content=text.strip())
    splitter = Splitter()
    first, last = splitter.feed(text), splitter.finish()
    return Split((first.reasoning + last.reasoning).strip(), (first.content + last.content).strip())


def _begun(text: str) -> int:
    """Characters at the end that may be the beginning of a tag."""
    found = _BEGUN.search(text)
    if not found or not any(name.startswith(found[2].lower()) for name in _NAMES):
        return 0
    return len(found[0])


def tagged(constraint: Mapping[str, Any]) -> str | None:
    """A constraint on the output, in vLLM's fields, as a structural tag (JSON, for xgrammar)
    for a whole answer: free thinking, then the output held to it.

    None for a grammar and for a structural tag, which describe whole answers already.
    """
    output = _output(constraint)
    if output is None:
        return None
    tags = [
        {"type": "tag", "begin": "<thinking>", "content": _FREE, "end": "</thinking>"},
        {"type": "tag", "begin": "<output>", "content": output, "end": "</output>"},
    ]
    return json.dumps({"type": "structural_tag", "format": {"type": "sequence", "elements": tags}})


_FREE = {"type": "any_text"}


def _output(constraint: Mapping[str, Any]) -> dict[str, Any] | None:
    schema = constraint.get("json")
    if schema is not None:
        return _json(json.loads(schema) if isinstance(schema, str) else schema)
    if constraint.get("json_object"):
        return _json({"type": "object"})
    if constraint.get("regex"):
        return {"type": "regex", "pattern": constraint["regex"]}
    if constraint.get("choice"):
        choices = [{"type": "const_string", "value": value} for value in constraint["choice"]]
        return {"type": "or", "elements": choices}
    return None


def _json(schema: Any) -> dict[str, Any]:
    """JSON by a schema; a small model would fill all of its answer with permitted whitespace."""
    return {"type": "json_schema", "json_schema": schema, "max_whitespace_cnt": 2}
