"""What is sent to an endpoint for one question, in the form that this endpoint takes."""

from dataclasses import dataclass
from typing import Any

import openai

from agent.context import Prompt, follow_up
from agent.model.endpoints import Abilities, request_fields
from agent.model.grammar import grammar
from agent.model.schema import Schema
from agent.model.strict import as_object, response_format

Message = dict[str, str]

_THINKING, _TEXT = 1.0, 0.35
"""Characters of the thinking and of one text for each token of the answer's room. Tokens have
three or four characters: an answer that uses all it may still ends before the room does."""


@dataclass(frozen=True)
class Sampling:
    """How the model picks its words."""

    temperature: float = 0.7
    top_p: float = 0.95


CARDS = {"secondlook-mini": Sampling(temperature=0.0)}
"""What models' cards recommend where it is not Reflection's 0.7 and 0.95."""

LEARNED = {
    "secondlook-mini": frozenset(
        (
            *("click", "fill", "select", "check", "tick", "dialog", "drag", "hover"),
            *("scroll", "press", "wait", "ask", "finish"),
        )
    )
}
"""The actions that a small model was trained for, where those are not all: on a page it is held
to them, and its grammar is half as long."""


class Requests:
    """Builds requests, and learns from refusals which of the usual fields an endpoint lacks."""

    def __init__(self, can: Abilities, sampling: Sampling) -> None:
        self._can = can
        self._sampling = sampling
        self._lacks: set[str] = set()

    def messages(self, prompt: Prompt) -> list[Message]:
        """The question; endpoints that take a JSON schema are told of the object they fill.

        They are told by the system prompt: the question ends as the model's card asks for.
        """
        system = prompt.system
        if self._can.constraint == "json_schema":
            system = f"{system}\n\n{follow_up('as_object')}"
        return [
            {"role": "system", "content": system},
            {"role": "user", "content": prompt.user},
        ]

    def constraint(self, schema: Schema, room: int) -> dict[str, Any]:
        """The fields that hold decoding to this schema; none where the endpoint has no means."""
        match self._can.constraint:
            case "none":
                return {}
            case "json_schema":
                return request_fields("json_schema", "", response_format(as_object(schema)))
            case means:
                text = grammar(schema, thinking=int(room * _THINKING), text=int(room * _TEXT))
                return request_fields(means, text, None)

    def bounded(self, fields: dict[str, Any]) -> bool:
        """Whether these fields bound the length of an answer, as a grammar does."""
        return bool(fields) and self._can.constraint != "json_schema"

    def body(self, messages: list[Message], fields: dict[str, Any], tokens: int) -> dict[str, Any]:
        """The request's arguments."""
        body: dict[str, Any] = {
            "model": self._can.name,
            "messages": messages,
            "extra_body": fields,
        }
        body["max_completion_tokens" if "max_tokens" in self._lacks else "max_tokens"] = tokens
        if "temperature" not in self._lacks:
            body |= {"temperature": self._sampling.temperature, "top_p": self._sampling.top_p}
        if "stream_options" not in self._lacks:
            body["stream_options"] = {"include_usage": True}
        return body

    def learn(self, error: openai.APIStatusError) -> bool:
        """Whether this refusal names a field that can be left out from now on."""
        words = str(error.body or error.message)
        for name in ("max_tokens", "temperature", "stream_options"):
            also = "top_p" if name == "temperature" else name
            if (name in words or also in words) and name not in self._lacks:
                self._lacks.add(name)
                return True
        return False
