"""Whether an answer fits its schema, and if not, in words that a model can act on."""

from typing import Any

from agent.model.schema import Schema

_SHOWN = 12
"""Choices listed in a complaint; the page has the rest."""

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}


def problem(schema: Schema, value: Any, where: str = "the output") -> str:
    """What keeps `value` from fitting; "" if it fits."""
    if "const" in schema:
        return "" if _same(value, schema["const"]) else _not_one_of(where, value, [schema["const"]])
    if "enum" in schema:
        allowed = schema["enum"]
        return "" if any(_same(value, a) for a in allowed) else _not_one_of(where, value, allowed)
    if "anyOf" in schema:
        return _none_of(schema["anyOf"], value, where)
    kind = schema.get("type")
    if isinstance(kind, str) and not _is(value, kind):
        return f"{where} must be {_article(kind)}, not {_said(value)}"
    if isinstance(value, dict):
        return _object(schema, value, where)
    if isinstance(value, list):
        return _array(schema, value, where)
    if isinstance(value, str):
        return _text(schema, value, where)
    return _range(schema, value, where)


def _object(schema: Schema, value: dict[str, Any], where: str) -> str:
    known: Schema = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            return f"{where} lacks {name!r}"
    for name, inner in value.items():
        if name in known:
            if found := problem(
                known[name], inner, name if where == "the output" else f"{where}.{name}"
            ):
                return found
        elif known and schema.get("additionalProperties") is False:
            return f"{where} must not have {name!r}, only {', '.join(known)}"
    return ""


def _array(schema: Schema, value: list[Any], where: str) -> str:
    least, most = schema.get("minItems", 0), schema.get("maxItems")
    if len(value) < least:
        return f"{where} must have at least {least} item{'s' if least > 1 else ''}"
    if most is not None and len(value) > most:
        return f"{where} must have at most {most} item{'s' if most > 1 else ''}"
    items = schema.get("items", {})
    found = (problem(items, item, f"{where}[{at}]") for at, item in enumerate(value))
    return next((f for f in found if f), "")


def _text(schema: Schema, value: str, where: str) -> str:
    if len(value) < schema.get("minLength", 0):
        return f"{where} must not be empty"
    most = schema.get("maxLength")
    return f"{where} is longer than {most} characters" if most and len(value) > most else ""


def _range(schema: Schema, value: Any, where: str) -> str:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return ""
    if value < schema.get("minimum", value) or value <= schema.get("exclusiveMinimum", value - 1):
        return f"{where} is too small: {value}"
    if value > schema.get("maximum", value) or value >= schema.get("exclusiveMaximum", value + 1):
        return f"{where} is too large: {value}"
    return ""


def _none_of(options: list[Schema], value: Any, where: str) -> str:
    """The complaint of the option that was meant: the one whose constant fields agree."""
    meant = options
    if isinstance(value, dict):
        for name in ("action", "ref"):
            agreeing = [o for o in meant if _agrees(o, value, name)]
            if not agreeing and name == "action":
                choices = {o["properties"][name]["const"]: 0 for o in options if _const(o, name)}
                if choices:
                    return _not_one_of(f"{where}.{name}", value.get(name), list(choices))
            if not agreeing:
                refs = [o["properties"][name]["const"] for o in meant if _const(o, name)]
                return _not_one_of(f"{where}.{name}", value.get(name), refs)
            meant = agreeing
    complaints = [problem(option, value, where) for option in meant]
    return "" if "" in complaints or not complaints else complaints[0]


def _const(option: Schema, name: str) -> bool:
    return "const" in option.get("properties", {}).get(name, {})


def _agrees(option: Schema, value: dict[str, Any], name: str) -> bool:
    return not _const(option, name) or _same(value.get(name), option["properties"][name]["const"])


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool) and kind != "boolean":
        return False
    return isinstance(value, _TYPES.get(kind, object))


def _same(value: Any, allowed: Any) -> bool:
    return type(value) is type(allowed) and bool(value == allowed)


def _not_one_of(where: str, value: Any, allowed: list[Any]) -> str:
    listed = ", ".join(map(str, allowed[:_SHOWN])) + (", …" if len(allowed) > _SHOWN else "")
    choice = listed if len(allowed) == 1 else f"one of {listed}"
    return f"{where} must be {choice}, not {_said(value)}"


def _said(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeio' else 'a'} {kind}"
