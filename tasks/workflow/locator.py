"""Locators as data: Playwright's own Python notation, read without being evaluated.

`get_by_role("row", name="Ann").get_by_role("button", name="Edit")` is what
`locator.normalize()` yields and what people know. It is parsed into a chain of allowed calls
with literal arguments; templates in them are filled in the parsed chain, so that no value can
change what the chain is.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, Union

from playwright.async_api import FrameLocator, Locator, Page

from tasks.workflow.templates import TemplateError

Kind = Literal["role", "text", "flag", "number", "selector", "locator"]
"""What an argument may be. Only `text` may hold templates or be a `re.compile("…")`."""

_TEXT_ONLY: Mapping[str, Kind] = {"text": "text", "exact": "flag"}
_NARROW: Mapping[str, Kind] = {
    "has_text": "text",
    "has_not_text": "text",
    "has": "locator",
    "has_not": "locator",
}
FIND: Mapping[str, Mapping[str, Kind]] = {
    "get_by_role": {
        "role": "role",
        "name": "text",
        "exact": "flag",
        "checked": "flag",
        "disabled": "flag",
        "expanded": "flag",
        "include_hidden": "flag",
        "level": "number",
        "pressed": "flag",
        "selected": "flag",
    },
    "get_by_text": _TEXT_ONLY,
    "get_by_label": _TEXT_ONLY,
    "get_by_placeholder": _TEXT_ONLY,
    "get_by_alt_text": _TEXT_ONLY,
    "get_by_title": _TEXT_ONLY,
    "get_by_test_id": {"test_id": "text"},
    "locator": {"selector": "selector", **_NARROW},
    "frame_locator": {"selector": "selector"},
}
PICK: Mapping[str, Mapping[str, Kind]] = {"nth": {"index": "number"}}
_REFINE: Mapping[str, Mapping[str, Kind]] = {
    "filter": {**_NARROW, "visible": "flag"},
    "and_": {"locator": "locator"},
    "or_": {"locator": "locator"},
}
SIGNATURES: Mapping[str, Mapping[str, Kind]] = {**FIND, **PICK, **_REFINE}
PROPERTIES = ("first", "last", "content_frame")
KEYWORDS_ONLY = frozenset({"filter"})


@dataclass(frozen=True)
class Pattern:
    """A `re.compile("…")` argument."""

    source: str
    ignore_case: bool = False


Argument: TypeAlias = Union[str, bool, int, Pattern, "LocatorExpression"]
"""What stands in the parentheses."""


@dataclass(frozen=True)
class Part:
    """One link of the chain: a call with its arguments by name, or a property (no arguments)."""

    name: str
    arguments: tuple[tuple[str, Argument], ...] = ()


@dataclass(frozen=True)
class LocatorExpression:
    """A locator as a chain of parts; `str()` gives it back in Playwright's notation."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return self.written()

    def written(self, quote: Callable[[str], str] | None = None) -> str:
        """The notation, with `quote` writing the texts (default: in double quotes)."""
        return ".".join(_written(part, quote or _quoted) for part in self.parts)

    def texts(self) -> Iterator[str]:
        """Every text in it that may hold templates, also in locators within it."""
        for part in self.parts:
            for name, value in part.arguments:
                if isinstance(value, LocatorExpression):
                    yield from value.texts()
                elif isinstance(value, str) and SIGNATURES[part.name][name] == "text":
                    yield value

    def filled(self, fill: Callable[[str], str]) -> "LocatorExpression":
        """The same chain with each of its `texts` put through `fill`.

        Raises TemplateError for a text that becomes empty: it would match every element.
        """

        def put(part: Part, name: str, value: Any) -> Any:
            if isinstance(value, LocatorExpression):
                return value.filled(fill)
            is_text = isinstance(value, str) and SIGNATURES[part.name][name] == "text"
            return _not_emptied(value, fill(value)) if is_text else value

        return LocatorExpression(
            tuple(
                replace(part, arguments=tuple((n, put(part, n, v)) for n, v in part.arguments))
                for part in self.parts
            )
        )

    def to_playwright(self, root: Page | Locator | FrameLocator) -> Locator:
        """The live locator on a page, or relative to an element (a row that is read)."""
        page = root if isinstance(root, Page) else _page_of(root)
        target: Any = root
        for part in self.parts:
            if part.name in PROPERTIES:
                target = getattr(target, part.name)
                continue
            given = {name: _live(value, page) for name, value in part.arguments}
            names = list(SIGNATURES[part.name])
            first = [] if part.name in KEYWORDS_ONLY else [given.pop(names[0])]
            target = getattr(target, part.name)(*first, **given)
        located: Locator = target
        return located

    def said(self) -> str:
        """What it means in a few words for people: `button Add to basket`, `Size`."""
        for part in reversed(self.parts):
            given = dict(part.arguments)
            named = next(
                (given[n] for n in ("name", "text", "test_id", "has_text") if n in given), ""
            )
            words = named.source if isinstance(named, Pattern) else str(named)
            if part.name == "get_by_role":
                return f"{given['role']} {words}".strip()
            if words:
                return words
        return str(self)


def _not_emptied(text: str, filled: str) -> str:
    if text.strip() and not filled.strip():
        raise TemplateError(f"{text} is empty here, and an empty text would match every element")
    return filled


def _page_of(root: Locator | FrameLocator) -> Page:
    return root.page if isinstance(root, Locator) else root.owner.page


def _live(value: Any, page: Page) -> Any:
    if isinstance(value, LocatorExpression):
        return value.to_playwright(page)
    if isinstance(value, Pattern):
        return re.compile(value.source, re.IGNORECASE if value.ignore_case else 0)
    return value


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _written(part: Part, quote: Callable[[str], str]) -> str:
    if part.name in PROPERTIES:
        return part.name
    names = list(SIGNATURES[part.name])
    first = "" if part.name in KEYWORDS_ONLY else names[0]
    given = ", ".join(
        _argument(value, quote) if name == first else f"{name}={_argument(value, quote)}"
        for name, value in part.arguments
    )
    return f"{part.name}({given})"


def _argument(value: Any, quote: Callable[[str], str]) -> str:
    if isinstance(value, LocatorExpression):
        return value.written(quote)
    if isinstance(value, Pattern):
        flags = ", re.IGNORECASE" if value.ignore_case else ""
        return f"re.compile({_quoted(value.source)}{flags})"
    return quote(value) if isinstance(value, str) else repr(value)
