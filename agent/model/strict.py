"""The answer as one JSON object, for endpoints that take a JSON schema but no grammar.

Thinking and reflection are its first fields, so that they still come before the output.
Strict endpoints want every field required and no free-form objects: what may be left out is
null there, and a free-form object is JSON in a string. `unwrapped` takes both back.
"""

import json
from typing import Any

from agent.model.schema import LEADING, Schema

_UNSUPPORTED = frozenset({LEADING, "description"})


def as_object(schema: Schema) -> Schema:
    """The schema of the whole answer as one object."""
    return {
        "type": "object",
        "properties": {
            "thinking": {"type": "string", "description": "your thinking"},
            "reflection": {
                "type": "string",
                "description": "what you got wrong in it; empty if nothing",
            },
            "output": _strict(schema),
        },
        "required": ["thinking", "reflection", "output"],
        "additionalProperties": False,
    }


def response_format(schema: Schema, name: str = "answer") -> dict[str, Any]:
    """The request's `response_format` that makes an endpoint keep to this schema."""
    return {
        "type": "json_schema",
        "json_schema": {"name": name, "schema": schema, "strict": True},
    }


def unwrapped(schema: Schema, value: Any) -> Any:
    """The value as the plain schema has it: nulls of optional fields and JSON texts undone."""
    if "anyOf" in schema and isinstance(value, dict):
        meant = [o for o in schema["anyOf"] if _meant(o, value)]
        return unwrapped(meant[0], value) if meant else value
    if isinstance(value, list):
        return [unwrapped(schema.get("items", {}), item) for item in value]
    if _free(schema) and isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    if not isinstance(value, dict):
        return value
    fields, required = schema.get("properties", {}), schema.get("required", ())
    return {
        name: unwrapped(fields.get(name, {}), inner)
        for name, inner in value.items()
        if inner is not None or name in required
    }


def _strict(schema: Schema) -> Schema:
    if _free(schema):
        return {"type": "string", "description": "a JSON object"}
    kept = {k: v for k, v in schema.items() if k not in _UNSUPPORTED}
    if "anyOf" in kept:
        kept["anyOf"] = [_strict(option) for option in kept["anyOf"]]
    if "items" in kept:
        kept["items"] = _strict(kept["items"])
    if "properties" in kept:
        required = set(kept.get("required", ()))
        kept["properties"] = {
            name: _strict(inner) if name in required else _or_null(_strict(inner))
            for name, inner in kept["properties"].items()
        }
        kept["required"] = list(kept["properties"])
        kept["additionalProperties"] = False
    return kept


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _free(schema: Schema) -> bool:
    """Whether any object fits; a field without a schema counts as one."""
    return schema.get("type") == "object" and not schema.get("properties")


def _meant(option: Schema, value: dict[str, Any]) -> bool:
    fields = option.get("properties", {})
    return all("const" not in f or value.get(name) == f["const"] for name, f in fields.items())
