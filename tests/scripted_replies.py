"""What a `ScriptedModel` may reply, and the OpenAI protocol's form of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """A well-formed answer; how it is written depends on what the request asks for."""

    thinking: str
    output: Any
    reflection: str = ""

    def tagged(self) -> str:
        """As `<thinking>…</thinking><output>…</output>`."""
        inner = f"<reflection>{self.reflection}</reflection>" if self.reflection else ""
        output = json.dumps(self.output, ensure_ascii=False, separators=(",", ":"))
        return f"<thinking>{self.thinking}{inner}</thinking><output>{output}</output>"

    def as_object(self) -> str:
        """As one JSON object, for endpoints that take a JSON schema."""
        fields = {"thinking": self.thinking, "reflection": self.reflection, "output": self.output}
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Reasoning:
    """Thinking sent apart from the content, as reasoning parsers do."""

    thinking: str
    content: str
    field: str = "reasoning_content"


@dataclass(frozen=True)
class Endless:
    """The same text without end; stops at the request's max_tokens, one token a repetition."""

    text: str = "so on and "


@dataclass(frozen=True)
class Cut:
    """The text, then finish_reason "length"."""

    text: str


@dataclass(frozen=True)
class Drop:
    """The text, then a broken connection."""

    text: str = ""


@dataclass(frozen=True)
class Status:
    """An HTTP status with headers; `body` defaults to an OpenAI error object."""

    code: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True)
class Html:
    """A web page, as proxies and wrong URLs answer."""

    body: str = "<!doctype html><html><title>Welcome</title></html>"


@dataclass(frozen=True)
class Slow:
    """The reply after some seconds of silence; `between` chunks, too, if given."""

    seconds: float
    reply: "Reply"
    between: float = 0


Reply = str | Answer | Reasoning | Endless | Cut | Drop | Status | Html | Slow


def answer(thinking: str, output: Any, reflection: str = "") -> Answer:
    """A well-formed answer: free thinking, and the output as plain data."""
    return Answer(thinking, output, reflection)


def deltas(reply: Reply, size: int, limit: int) -> Iterator[Json]:
    """The streamed parts of a reply, `size` characters each; an endless one has `limit`."""
    if isinstance(reply, Endless):
        for _ in range(limit):
            yield {"content": reply.text}
        return
    if isinstance(reply, Reasoning):
        yield from ({reply.field: part} for part in _parts(reply.thinking, size))
        yield from ({"content": part} for part in _parts(reply.content, size))
        return
    text = reply if isinstance(reply, str) else getattr(reply, "text", "")
    yield from ({"content": part} for part in _parts(text, size))


def _parts(text: str, size: int) -> Iterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]


def chunk(name: str, delta: Json, finish: str | None = None) -> Json:
    """One event of a stream."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {
        "id": "scripted",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": name,
        "choices": [choice],
    }


def whole(reply: Reply, name: str) -> Json:
    """A reply that is not streamed."""
    text = reply if isinstance(reply, str) else getattr(reply, "text", "")
    message: Json = {"role": "assistant", "content": text}
    if isinstance(reply, Reasoning):
        message = {"role": "assistant", "content": reply.content, reply.field: reply.thinking}
    finish = "length" if isinstance(reply, Cut | Endless) else "stop"
    return {
        "id": "scripted",
        "object": "chat.completion",
        "created": 0,
        "model": name,
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    }
