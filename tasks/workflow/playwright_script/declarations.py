"""Reading what a Playwright script declares: its inputs, its secrets, and its comments."""

import ast
import contextlib
import csv
import io
import json
import re
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter

from tasks.workflow.inputs import AnyInput, Input, TextInput
from tasks.workflow.playwright_script.code import name_of
from tasks.workflow.playwright_script.expressions import Data

_DECLARED = re.compile(r"(?P<type>\w+)(?: (?P<options>\[.*?\]))?(?:: (?P<told>.*))?")
_INPUT: TypeAdapter[Input] = TypeAdapter(AnyInput)
_TYPES = frozenset({"text", "number", "yes_no", "date", "choice", "list", "file"})


@dataclass(frozen=True)
class Comment:
    """A comment; `alone` if nothing else stands in its line."""

    text: str
    alone: bool


def declared(
    statement: ast.stmt, comments: Mapping[int, Comment]
) -> tuple[str, Input | None] | None:
    """Name and input of a variable that is taken from the environment, or of a constant.

    The input is None for a secret; all is None for other statements.
    """
    match statement:
        case ast.Assign(targets=[ast.Name(id=variable)], value=value):
            name, comment = name_of(variable), comments.get(statement.lineno)
        case _:
            return None
    match value:
        case ast.Call(func=ast.Name(id="several"), args=[inner]):
            value = inner
    default: object = None
    match value:
        case ast.Constant(value=str() as text):
            return name, TextInput(default=text)
        case ast.Subscript(value=environ, slice=ast.Constant(value=str())):
            pass
        case ast.Call(func=ast.Attribute(value=environ), args=[_, ast.Constant(value=default)]):
            pass
        case _:
            return None
    if ast.unparse(environ) not in ("os.environ", "os"):
        return None
    told = comment.text if comment else ""
    return name, None if told == "secret" else _input(told, default)


def _input(comment: str, default: object) -> Input:
    """The declared input; its type, options and description stand in the comment."""
    declared = _DECLARED.fullmatch(comment)
    given: Data = {"type": "text"}
    if declared and declared["type"] in _TYPES:
        given["type"] = declared["type"]
        given |= {"description": declared["told"]} if declared["told"] else {}
        given |= {"options": json.loads(declared["options"])} if declared["options"] else {}
    if isinstance(default, str):
        given["default"] = _items(default) if given["type"] == "list" else default
    found: Input = _INPUT.validate_python(given)
    return found


def _items(text: str) -> list[str]:
    row: list[str] = next(csv.reader([text], skipinitialspace=True), [])
    return [item for item in row if item]


def comments(source: str) -> dict[int, Comment]:
    """The comments by line."""
    found = {}
    with contextlib.suppress(tokenize.TokenError, IndentationError):
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                text = token.string.lstrip("#").strip()
                found[token.start[0]] = Comment(
                    text, alone=not token.line[: token.start[1]].strip()
                )
    return found
