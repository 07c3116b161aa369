"""`{{ name }}` in a workflow's texts: the only thing that is ever filled in, and always as data.

A name is an input, a loop's variable, an extracted value (`{{ row.price }}` for a record) or, in
texts to be typed, a secret. There are no expressions.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any

Value = Any
"""What a name stands for: text, number, yes or no, a list, a record (dict), or a table."""

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
"""How inputs, secrets, loop variables and extracted values may be called."""

_TEMPLATE = re.compile(rf"\{{\{{\s*({NAME}(?:\.{NAME})?)\s*\}}\}}")


class TemplateError(ValueError):
    """A text holds what is no template, or a value cannot be filled in; `offset` says where."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(frozen=True)
class Mention:
    """One template of a text: `{{ row.price }}` is the path ("row", "price")."""

    path: tuple[str, ...]
    offset: int

    @property
    def name(self) -> str:
        """The name as written, without braces."""
        return ".".join(self.path)


def mentions(text: str) -> list[Mention]:
    """The templates of a text, in order. Raises TemplateError for braces that are none."""
    found = [Mention(tuple(m[1].split(".")), m.start()) for m in _TEMPLATE.finditer(text)]
    rest = _TEMPLATE.sub(lambda m: " " * len(m[0]), text)
    stray = max(rest.find("{{"), rest.find("{%"))
    if stray >= 0:
        raise TemplateError(
            "expected a name in {{ }}, such as {{ size }} or {{ row.price }}: expressions and "
            "commands do not exist here",
            stray,
        )
    return found


def whole(text: str) -> Mention | None:
    """The template that is the whole text, so that its value keeps its type; else None."""
    match = _TEMPLATE.fullmatch(text.strip())
    return Mention(tuple(match[1].split(".")), 0) if match else None


def fill(text: str, values: Mapping[str, Value], secrets: Collection[str] = ()) -> str:
    """The text with values for names; names of `secrets` stay, for `tools.secrets` to fill.

    Raises TemplateError when a name has no value, or a value would itself be read as a template:
    what a page or a table of inputs says must never bring a secret into a text.
    """

    def put(match: re.Match[str]) -> str:
        if match[1] in secrets:
            return f"{{{{{match[1]}}}}}"
        return shown(_look_up(match[1].split("."), values))

    kept = sum(mention.name in secrets for mention in mentions(text))
    filled = _TEMPLATE.sub(put, text)
    if filled.count("{{") > kept:
        raise TemplateError(f"a value in {text} would make {{{{ }}}} of its own, which is refused")
    return filled


def value_of(text: str, values: Mapping[str, Value]) -> Value:
    """The value that a text stands for: that of a whole template as it is, else the filled text.

    Raises TemplateError as `fill` does.
    """
    alone = whole(text)
    return _look_up(alone.path, values) if alone else fill(text, values)


def filler(values: Mapping[str, Value], secrets: Collection[str] = ()) -> Callable[[str], str]:
    """`fill` with the values given already."""
    return lambda text: fill(text, values, secrets)


def shown(value: Value) -> str:
    """A value as it is written into a text: 3 for 3.0, yes and no, dates as YYYY-MM-DD.

    Raises TemplateError for lists and records, which are no text.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, int | date):
        return str(value)
    raise TemplateError("a list or record cannot be written into a text: use for_each, or a field")


def _look_up(path: Collection[str], values: Mapping[str, Value]) -> Value:
    try:
        return reduce(lambda value, key: value[key], path, values)
    except (KeyError, TypeError, IndexError):
        raise TemplateError(f"{'.'.join(path)} has no value here") from None
