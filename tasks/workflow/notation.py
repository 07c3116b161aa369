"""Reading a locator's text: Python's own parser, of which only call chains of literals pass.

Nothing is evaluated. Every error says at which character of the text it goes wrong.
"""

import ast
import re
import warnings
from collections.abc import Mapping
from typing import Any, Literal, get_args

from playwright.async_api import Page

from tasks.workflow.locator import (
    FIND,
    KEYWORDS_ONLY,
    PICK,
    PROPERTIES,
    SIGNATURES,
    Argument,
    Kind,
    LocatorExpression,
    Part,
    Pattern,
)
from tasks.workflow.suggest import meant
from tasks.workflow.templates import TemplateError, mentions

LONGEST = 2000
"""Characters of a locator at most."""

State = Literal["page", "element", "frame"]
"""Where a chain has arrived: at its beginning, at elements, or inside a frame."""


class LocatorError(ValueError):
    """A text is no locator; `offset` is the character of it at which it goes wrong."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.offset = offset


def parse_locator(text: str) -> LocatorExpression:
    """Read a locator in Playwright's Python notation. Raises LocatorError."""
    return _Parser(text).parse()


class _Parser:
    """Reads one text; every error carries the offset of the character it is about."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = text.split("\n")

    def parse(self) -> LocatorExpression:
        if len(self._text) > LONGEST:
            raise LocatorError(f"a locator of more than {LONGEST} characters is none")
        if not self._text.strip():
            raise LocatorError(f"expected a locator, such as {_EXAMPLE}")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # "\d" in a text is no concern of the user's
                tree = ast.parse(self._text.strip("\n"), mode="eval").body
            expression, state = self._chain(tree)
        except SyntaxError as error:
            raise self._unreadable(error) from None
        except (ValueError, RecursionError, MemoryError) as error:
            if isinstance(error, LocatorError):
                raise
            raise LocatorError(f"expected a locator, such as {_EXAMPLE}") from None
        if state == "frame":
            raise LocatorError("a frame alone is nothing to act on: add what is in it", 0)
        return expression

    def _chain(self, node: ast.expr) -> tuple[LocatorExpression, State]:
        links: list[ast.Call | ast.Attribute | ast.Name] = []
        while True:
            head: ast.expr = node.func if isinstance(node, ast.Call) else node
            if isinstance(head, ast.Name):
                if isinstance(node, ast.Call):
                    links.append(node)
                elif head.id != "page" or not links:
                    raise self._wrong(node, f"expected a locator, such as {_EXAMPLE}")
                break
            if not isinstance(head, ast.Attribute):
                raise self._wrong(node, f"expected a locator, such as {_EXAMPLE}")
            links.append(node if isinstance(node, ast.Call) else head)
            node = head.value
        parts: list[Part] = []
        state: State = "page"
        for link in reversed(links):
            part, state = self._part(link, state)
            parts.append(part)
        return LocatorExpression(tuple(parts)), state

    def _part(self, node: ast.Call | ast.Attribute | ast.Name, state: State) -> tuple[Part, State]:
        head = node.func if isinstance(node, ast.Call) else node
        assert isinstance(head, ast.Attribute | ast.Name)
        name = head.attr if isinstance(head, ast.Attribute) else head.id
        if name not in _allowed(state):
            raise self._wrong(head, _no_such(name, state))
        if name in PROPERTIES:
            if isinstance(node, ast.Call):
                raise self._wrong(head, f"{name} takes no parentheses")
            arrives: State = "frame" if name == "content_frame" or state == "frame" else "element"
            return Part(name), arrives
        if not isinstance(node, ast.Call):
            raise self._wrong(head, f"{name} needs parentheses with its arguments")
        in_frame = name == "frame_locator" or (name in PICK and state == "frame")
        return Part(name, self._arguments(name, node)), "frame" if in_frame else "element"

    def _arguments(self, name: str, node: ast.Call) -> tuple[tuple[str, Argument], ...]:
        signature = SIGNATURES[name]
        names = list(signature)
        first = "" if name in KEYWORDS_ONLY else names[0]
        given: dict[str, Any] = {}
        if len(node.args) > (1 if first else 0):
            extra = node.args[1 if first else 0]
            raise self._wrong(extra, f"{name} takes its further arguments by name: {_list(names)}")
        for argument in node.args:
            given[first] = self._argument(argument, signature[first], f"{name}()")
        for keyword in node.keywords:
            key = keyword.arg or "**"
            if key not in signature:
                raise self._wrong(keyword, f"{name} has no {key}{meant(key, names)}")
            if key in given:
                raise self._wrong(keyword, f"{key} is given twice")
            given[key] = self._argument(keyword.value, signature[key], key)
        if first and first not in given:
            raise self._wrong(node.func, f"{name}() needs its {first}")
        if not given:
            raise self._wrong(node.func, f"{name}() needs one of {_list(names)}")
        return tuple((key, given[key]) for key in sorted(given, key=lambda k: k != first))

    def _argument(self, node: ast.expr, kind: Kind, what: str) -> Argument:
        if kind == "locator":
            expression, state = self._chain(node)
            if state == "frame":
                raise self._wrong(node, "a frame alone is nothing: add what is in it")
            return expression
        if kind == "text" and isinstance(node, ast.Call):
            return self._pattern(node)
        value = self._literal(node)
        if kind == "flag" and isinstance(value, bool):
            return value
        if kind == "number" and isinstance(value, int) and not isinstance(value, bool):
            return value
        if kind in ("text", "role", "selector") and isinstance(value, str):
            return self._text_of(value, kind, node)
        raise self._wrong(node, f"{what} takes {_EXPECTED[kind]}")

    def _literal(self, node: ast.expr) -> object:
        negative = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
        inner = node.operand if isinstance(node, ast.UnaryOp) and negative else node
        if not isinstance(inner, ast.Constant):
            raise self._wrong(node, "expected a text in quotes, a number, True or False here")
        if negative and type(inner.value) is int:
            return -inner.value
        return None if negative else inner.value

    def _text_of(self, value: str, kind: Kind, node: ast.expr) -> str:
        try:
            held = mentions(value)
        except TemplateError as error:
            raise self._wrong(node, str(error)) from None
        if kind == "role":
            roles = _roles()
            if value not in roles:
                raise self._wrong(node, f"{value!r} is no ARIA role{meant(value, roles)}")
        elif kind == "selector" and held:
            message = "a selector takes no {{ }}: choose by text instead, as filter(has_text=…)"
            raise self._wrong(node, message)
        return value

    def _pattern(self, node: ast.Call) -> Pattern:
        flags = node.args[1:]
        known = ast.unparse(node.func) == "re.compile" and not node.keywords and node.args
        ignore = [ast.unparse(flag) in ("re.IGNORECASE", "re.I") for flag in flags]
        if not known or len(flags) > 1 or not all(ignore):
            raise self._wrong(node, 'expected a text in quotes or re.compile("…", re.IGNORECASE)')
        source = self._literal(node.args[0])
        if not isinstance(source, str) or "{{" in source:
            raise self._wrong(node.args[0], "expected a pattern in quotes, without {{ }}")
        try:
            re.compile(source)
        except re.error as error:
            raise self._wrong(node.args[0], f"this is no pattern: {error.msg}") from None
        return Pattern(source, bool(flags))

    def _wrong(self, node: ast.expr | ast.keyword, message: str) -> LocatorError:
        line = self._lines[node.lineno - 1] if node.lineno <= len(self._lines) else ""
        column = len(line.encode()[: node.col_offset].decode(errors="ignore"))
        if isinstance(node, ast.Attribute):  # its column is where the chain begins
            end = len(line.encode()[: node.end_col_offset].decode(errors="ignore"))
            column = end - len(node.attr)
        return LocatorError(message, self._offset(node.lineno, column))

    def _unreadable(self, error: SyntaxError) -> LocatorError:
        said = error.msg
        if "never closed" in said or "unexpected EOF" in said:
            said = f"the parenthesis is never closed{_YAML_CUTS}"
        elif "unterminated string" in said:
            said = f"the quotes are never closed{_YAML_CUTS}"
        else:
            said = f"expected a locator, such as {_EXAMPLE}"
        return LocatorError(said, self._offset(error.lineno or 1, max((error.offset or 1) - 1, 0)))

    def _offset(self, line: int, column: int) -> int:
        return sum(len(earlier) + 1 for earlier in self._lines[: line - 1]) + column


_EXAMPLE = 'get_by_role("button", name="Save")'
_YAML_CUTS = (
    ": put the whole locator into quotes, because in YAML a space and # begin a comment, and "
    "within { } a comma ends a text"
)
_EXPECTED: Mapping[Kind, str] = {
    "role": "a role in quotes",
    "text": "a text in quotes",
    "flag": "True or False",
    "number": "a whole number",
    "selector": "a CSS selector in quotes",
    "locator": "a locator",
}


def _allowed(state: State) -> list[str]:
    if state == "page":
        return list(FIND)
    if state == "frame":
        return [*FIND, *PICK, "first", "last"]
    return [*SIGNATURES, *PROPERTIES]


def _no_such(name: str, state: State) -> str:
    if name in SIGNATURES or name in PROPERTIES:
        where = "at the beginning of a locator" if state == "page" else "after a frame"
        return f"{name} cannot stand {where}"
    return f"{name} is no part of a locator{meant(name, _allowed(state))}"


def _list(names: list[str]) -> str:
    return ", ".join(names)


def _roles() -> list[str]:
    """The roles that Playwright knows."""
    return list(get_args(Page.get_by_role.__annotations__["role"]))
