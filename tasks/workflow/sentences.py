"""What pydantic finds wrong with a value, as a sentence for the person who wrote the file."""

from typing import Any

from pydantic_core import ErrorDetails

_EXPECTED = {
    "string_type": "a text",
    "dict_type": "a mapping (keys with values)",
    "model_type": "a mapping (keys with values)",
    "model_attributes_type": "a mapping (keys with values)",
    "list_type": "a list",
    "bool_type": "yes or no",
    "bool_parsing": "yes or no",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "date_type": "a date as YYYY-MM-DD",
    "date_parsing": "a date as YYYY-MM-DD",
    "date_from_datetime_parsing": "a date as YYYY-MM-DD",
    "date_from_datetime_inexact": "a date as YYYY-MM-DD",
}


def sentence(error: ErrorDetails) -> str:
    """What was expected, and what stands there."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "workflow":
        return str(context["message"])
    if kind == "missing":
        return f"{error['loc'][-1]} is missing"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _no_such_kind(error, context)
    given = _shown(error["input"])
    if kind == "literal_error":
        return f"expected {str(context['expected']).replace(chr(39), '')}, not {given}"
    if expected := _EXPECTED.get(kind):
        return f"expected {expected}, not {given}"
    if bound := _bound(kind, context):
        return f"expected {bound}, not {given}"
    return f"{error['msg'][:1].lower()}{error['msg'][1:]}, not {given}"


def _no_such_kind(error: ErrorDetails, context: dict[str, Any]) -> str:
    """A mapping whose kind is told by one of its values, which is none of the known."""
    key = str(context["discriminator"]).strip("'")
    if "tag" not in context:
        return f"{key} is missing"
    known = [word.strip(" '") for word in str(context["expected_tags"]).split(",")]
    return (
        f"expected {key}: {' or '.join((', '.join(known[:-1]), known[-1]))}, not {context['tag']!r}"
    )


def _bound(kind: str, context: dict[str, Any]) -> str:
    limits = {
        "greater_than_equal": "ge",
        "greater_than": "gt",
        "less_than_equal": "le",
        "less_than": "lt",
    }
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    if key := limits.get(kind):
        return f"{words[key]} {context[key]}"
    if kind == "string_too_short":
        return "a text that is not empty"
    if kind == "too_short":
        return "at least one"
    if kind == "too_long":
        return "one"
    return ""


def _shown(value: object) -> str:
    if value is None or value == "":
        return "nothing"
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}" if value else "an empty list"
    text = str(value)
    return repr(text if len(text) <= 60 else f"{text[:59]}…")
