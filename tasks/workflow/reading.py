"""Reading values from a page: by locators, or by the model from the page's text."""

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from playwright.async_api import Error, Locator, Page

from agent.extract import extracted
from agent.live import Live
from agent.state import RunState, Usage
from tasks.workflow.extract import Asked, Extract, Fields, Found, OneValue
from tasks.workflow.parts import ValueType
from tasks.workflow.templates import Value, fill, filler
from tools.actions.extract import Extract as ExtractAction
from tools.actions.extract import page_text

ROWS_AT_MOST = 10_000


class NotRead(Exception):
    """A value is not on the page, or is not of its type: one sentence without its end."""


async def read(page: Page, step: Extract, values: Mapping[str, Value], seconds: float) -> Value:
    """The value, record or table that an extract with locators means.

    What it begins with is waited for. Raises NotRead and TemplateError.
    """
    wanted = step.extract
    if isinstance(wanted, OneValue):
        return await _value(page, wanted.value, values, seconds)
    assert isinstance(wanted, Fields), "what the model reads is no locator's"
    if wanted.each is None:
        found = {}
        for name, field in wanted.fields.items():
            found[name] = await _value(page, field, values, seconds)
        return found
    rows = wanted.each.filled(filler(values)).to_playwright(page)
    try:
        await rows.first.wait_for(state="attached", timeout=seconds * 1000)
    except Error:
        return []  # a table without rows is one
    number = min(await rows.count(), ROWS_AT_MOST)
    return [await _record(rows.nth(index), wanted, values) for index in range(number)]


async def ask(
    live: Live, state: RunState, step: Extract, values: Mapping[str, Value]
) -> tuple[Value, Usage]:
    """What the model finds by a sentence, as a record or table of the declared types.

    `values` are what names in the sentence stand for, as the model may read them. Raises NotRead,
    TemplateError, and the errors of the model.
    """
    wanted = step.extract
    assert isinstance(wanted, Asked), "locators are read without a model"
    text = await page_text(live.hands(state.observation)) if state.observation else ""
    action = ExtractAction(instruction=fill(wanted.do, values), fields=wanted.schema_of_answer())
    outcome, usage = await extracted(live, state, action, text)
    if outcome.cause is not None:
        raise NotRead(outcome.evidence)
    found: Any = json.loads(outcome.text)
    if wanted.many:
        return [_typed_record(wanted, record) for record in found["items"]], usage
    return _typed_record(wanted, found), usage


def typed(text: str, kind: ValueType) -> Value:
    """A text of the page as a value: the number in `12.90 €`, a date as `2026-11-24`.

    Dates stay texts, which sort and compare as they are. Raises NotRead.
    """
    said = " ".join(text.split())
    if kind == "number":
        return _number(said)
    if kind == "yes_no":
        word = said.casefold()
        if word in _YES or word in _NO:
            return word in _YES
        raise NotRead(f"{said[:60]!r} is neither yes nor no")
    if kind == "date":
        try:
            return date.fromisoformat(said[:10]).isoformat()
        except ValueError:
            raise NotRead(f"{said[:60]!r} is no date such as 2026-11-24") from None
    return said


_YES = frozenset("yes true on 1 ✓ ✔ x".split())
_NO = frozenset("no false off 0 ✗ ✘ -".split()) | {""}
_NUMBER = re.compile(r"[-−]?\d(?:[\d.,'\u00a0 ]*\d)?")


def _number(said: str) -> float:
    match = _NUMBER.search(said)
    if match is None:
        raise NotRead(f"{said[:60]!r} holds no number")
    digits = re.sub(r"['\u00a0 ]", "", match[0]).replace("−", "-")
    last = max(digits.rfind("."), digits.rfind(","))
    if last >= 0:
        mark, rest = digits[last], digits[last + 1 :]
        groups = digits.count(mark) > 1 or (mark == "," and len(rest) == 3 and "." not in digits)
        whole = re.sub(r"[.,]", "", digits[:last])
        digits = whole + rest if groups else f"{whole}.{rest}"
    return float(digits)


async def _value(
    root: Page | Locator, field: Found, values: Mapping[str, Value], seconds: float
) -> Value:
    locator = field.locator.filled(filler(values)).to_playwright(root)
    try:
        text = await locator.evaluate(_READ, field.attribute, timeout=seconds * 1000)
    except Error as error:
        words = field.locator.said()
        several = "strict mode violation" in str(error)
        raise NotRead(
            f"several elements fit {field.locator}" if several else f"no {words} on the page"
        ) from error
    return typed(str(text), field.type)


async def _record(row: Locator, wanted: Fields, values: Mapping[str, Value]) -> dict[str, Value]:
    """One row; a field that it lacks is empty there."""
    found: dict[str, Value] = {}
    for name, field in wanted.fields.items():
        locator = field.locator.filled(filler(values)).to_playwright(row)
        missing = await locator.count() == 0
        found[name] = None if missing else await _value(row, field, values, 1.0)
    return found


def _typed_record(wanted: Asked, record: Mapping[str, Any]) -> dict[str, Value]:
    kinds = {name: field.type for name, field in wanted.fields.items()}
    return {
        name: typed(record[name], kind) if isinstance(record[name], str) else record[name]
        for name, kind in kinds.items()
    }


_READ = """(el, attribute) => {
  if (attribute === 'href' || attribute === 'src') return el[attribute] || '';
  if (attribute) return el.getAttribute(attribute) || '';
  if (el.type === 'password') return '';
  if (el.tagName === 'SELECT') return [...el.selectedOptions].map(o => o.label).join(', ');
  if (/^(INPUT|TEXTAREA)$/.test(el.tagName))
    return /^(checkbox|radio)$/.test(el.type) ? (el.checked ? 'yes' : 'no') : el.value;
  return el.innerText ?? el.textContent ?? '';
}"""
