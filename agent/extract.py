"""Having the model make JSON of a page's text, by the schema that it asked for itself."""

import json
from typing import Any

from agent.ask import cut, put
from agent.context import extract_prompt
from agent.errors import MalformedAnswer
from agent.live import Live
from agent.state import RunState, Usage
from tools.actions.extract import Extract
from tools.causes import Cause
from tools.dispatch import Outcome
from tools.observation import clean

_TYPES = frozenset("object array string number integer boolean null".split())


async def extracted(
    live: Live, state: RunState, wanted: Extract, text: str
) -> tuple[Outcome, Usage]:
    """The JSON that the model makes of `text`, as a read's outcome; text too long is cut."""
    schema = as_schema(wanted.fields)
    fields = json.dumps(wanted.fields, ensure_ascii=False)
    lines = "\n".join(clean(line) for line in text.splitlines() if line.strip())
    room = live.model.room(extract_prompt(state.task, wanted.instruction, fields, ""))
    if live.model.count(lines) > room:
        lines = cut(lines, room, live.model.count)
    prompt = extract_prompt(state.task, wanted.instruction, fields, lines)
    try:
        reply, usage = await put(live, state, "extract", prompt, schema)
    except MalformedAnswer as error:
        return Outcome(cause=Cause.MALFORMED_ANSWER, evidence=str(error)), state.usage
    found = json.dumps(reply.output, ensure_ascii=False, separators=(",", ":"))
    return Outcome(text=found), usage


def as_schema(fields: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema that `fields` is, or that it is short for (`{"price": "number"}`)."""
    if fields.get("type") == "object" and isinstance(fields.get("properties"), dict):
        return fields
    if fields.get("type") == "array":
        return _object({"items": fields})
    return _object({name: _field(value) for name, value in fields.items()})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _field(value: object) -> dict[str, Any]:
    if isinstance(value, dict):
        return value if value.get("type") in _TYPES else as_schema(value)
    if isinstance(value, list):
        return {"type": "array", "items": _field(value[0]) if value else {"type": "string"}}
    return {"type": value} if isinstance(value, str) and value in _TYPES else {"type": "string"}
