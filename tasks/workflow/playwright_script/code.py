"""Parts of workflows as Python code for Playwright: texts, locators, conditions."""

import json
import keyword
import re
from collections.abc import Callable, Mapping

from tasks.workflow.conditions import (
    All,
    Any_,
    AtUrl,
    Checked,
    Condition,
    Count,
    Enabled,
    HasText,
    HasValue,
    Hidden,
    InputIs,
    Not,
    NoText,
    Visible,
)
from tasks.workflow.locator import (
    KEYWORDS_ONLY,
    PROPERTIES,
    SIGNATURES,
    LocatorExpression,
    Part,
    Pattern,
)
from tasks.workflow.templates import mentions

CHOSEN = 'locator("option:checked")'
"""What a native list shows."""
TAKEN = frozenset(
    "address browser csv dialog download expect json number os page playwright pytest re several "
    "sync_playwright urljoin Iterator Page dict float int len list print set str".split()
)
"""Names that the script has other uses for."""


def identifier(name: str) -> str:
    """A variable's name for an input, secret or extracted value."""
    return f"{name}_" if name in TAKEN or keyword.iskeyword(name) else name


def name_of(variable: str) -> str:
    """The name for which a variable stands: the opposite of `identifier`."""
    name = variable.removesuffix("_")
    return name if identifier(name) == variable else variable


def value_code(path: tuple[str, ...], quote: str = '"') -> str:
    """`size`, or `row["price"]`."""
    first, *rest = path
    return identifier(first) + "".join(f"[{quote}{key}{quote}]" for key in rest)


def text_code(text: str) -> str:
    """A text with templates: a string, a variable, or an f-string."""
    found = mentions(text)
    if not found:
        return string_code(text)
    pieces, at = [], 0
    for mention in found:
        end = text.index("}}", mention.offset) + 2
        pieces += [_braced(text[at : mention.offset]), f"{{{value_code(mention.path, chr(39))}}}"]
        at = end
    pieces.append(_braced(text[at:]))
    if len(found) == 1 and not pieces[0] and not pieces[-1]:
        return value_code(found[0].path)
    return f'f"{"".join(pieces)}"'


def string_code(text: str) -> str:
    """A Python string in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def locator_code(locator: LocatorExpression, root: str = "page") -> str:
    """`page.get_by_role("button", name="Save")`."""
    return ".".join([root, *map(_part, locator.parts)])


def _part(part: Part) -> str:
    if part.name in PROPERTIES:
        return part.name
    first = "" if part.name in KEYWORDS_ONLY else next(iter(SIGNATURES[part.name]))
    given = [
        _argument(value) if name == first else f"{name}={_argument(value)}"
        for name, value in part.arguments
    ]
    return f"{part.name}({', '.join(given)})"


def _argument(value: object) -> str:
    if isinstance(value, LocatorExpression):
        return locator_code(value)
    if isinstance(value, Pattern):
        flags = ", re.IGNORECASE" if value.ignore_case else ""
        return f"re.compile({string_code(value.source)}{flags})"
    return text_code(value) if isinstance(value, str) else repr(value)


def _braced(text: str) -> str:
    return string_code(text)[1:-1].replace("{", "{{").replace("}", "}}")


def expecting(condition: Condition, chosen: LocatorExpression | None, timeout: str) -> list[str]:
    """Statements that wait until a condition holds, and fail if it never does.

    `chosen` is a list in which an option was just chosen; `timeout` an argument that says how long
    to wait, or "".
    """
    match condition:
        case Visible(visible=locator):
            checks = [(locator_code(locator), "to_be_visible()")]
        case Hidden(hidden=locator):
            checks = [(locator_code(locator), "to_be_hidden()")]
        case HasText(text=text, within=within):
            checks = [(_place(within), f"to_contain_text({text_code(text)}, ignore_case=True)")]
        case NoText(no_text=text, within=within):
            checks = [(_place(within), f"not_to_contain_text({text_code(text)}, ignore_case=True)")]
        case AtUrl(url=url):
            checks = [("page", f"to_have_url(address({text_code(url)}))")]
        case HasValue(value=locator, wanted=wanted):
            field = locator_code(locator)
            if locator == chosen:
                checks = [(f"{field}.{CHOSEN}", f"to_have_text({text_code(wanted)})")]
            else:
                checks = [(field, f"to_have_value({text_code(wanted)})")]
        case Checked(checked=locator, wanted=on):
            checks = [(locator_code(locator), f"{'' if on else 'not_'}to_be_checked()")]
        case Enabled(enabled=locator, wanted=on):
            checks = [(locator_code(locator), f"to_be_{'enabled' if on else 'disabled'}()")]
        case Count():
            checks = _counting(condition)
        case All(all=several):
            return [line for each in several for line in expecting(each, chosen, timeout)]
        case _:
            return [f"assert {holding(condition)}"]
    return [f"expect({what}).{_timed(check, timeout)}" for what, check in checks]


def _counting(condition: Count) -> list[tuple[str, str]]:
    found = locator_code(condition.count)
    checks = []
    if condition.wanted is not None:
        checks.append((found, f"to_have_count({condition.wanted})"))
    if condition.at_least:
        checks.append((f"{found}.nth({condition.at_least - 1})", "to_be_attached()"))
    if condition.at_most is not None:
        checks.append((f"{found}.nth({condition.at_most})", "not_to_be_attached()"))
    return checks


def _timed(check: str, timeout: str) -> str:
    if not timeout:
        return check
    return f"{check[:-1]}{'' if check.endswith('()') else ', '}{timeout})"


def _place(within: LocatorExpression | None) -> str:
    return locator_code(within) if within is not None else 'page.locator("body")'


_QUESTIONS: Mapping[type[Condition], Callable[..., str]] = {
    Visible: lambda c: f"{locator_code(c.visible)}.is_visible()",
    Hidden: lambda c: f"{locator_code(c.hidden)}.is_hidden()",
    HasText: lambda c: f"{_lower(c.text)} in {_place(c.within)}.inner_text().lower()",
    NoText: lambda c: f"{_lower(c.no_text)} not in {_place(c.within)}.inner_text().lower()",
    AtUrl: lambda c: f"address({text_code(c.url)}).match(page.url)",
    HasValue: lambda c: f"{locator_code(c.value)}.input_value() == {text_code(c.wanted)}",
    Checked: lambda c: f"{'' if c.wanted else 'not '}{locator_code(c.checked)}.is_checked()",
    Enabled: lambda c: f"{locator_code(c.enabled)}.is_{'enabled' if c.wanted else 'disabled'}()",
    InputIs: lambda c: f"{value_code(tuple(c.input.split('.')))} == {text_code(c.wanted)}",
    All: lambda c: " and ".join(map(_bracketed, c.all)),
    Any_: lambda c: " or ".join(map(_bracketed, c.any)),
    Not: lambda c: f"not {_bracketed(c.not_)}",
}


def holding(condition: Condition) -> str:
    """An expression: whether a condition holds now."""
    if isinstance(condition, Count):
        number = f"{locator_code(condition.count)}.count()"
        parts = [f"{number} == {condition.wanted}"] if condition.wanted is not None else []
        parts += [f"{number} >= {condition.at_least}"] if condition.at_least is not None else []
        parts += [f"{number} <= {condition.at_most}"] if condition.at_most is not None else []
        return " and ".join(parts)
    return _QUESTIONS[type(condition)](condition)


def _lower(text: str) -> str:
    code = text_code(text)
    return code if text == text.lower() and "{{" not in text else f"{code}.lower()"


def _bracketed(condition: Condition) -> str:
    code = holding(condition)
    plain = re.fullmatch(r"[\w.]+\(.*\)", code) and " and " not in code and " or " not in code
    return code if plain else f"({code})"
