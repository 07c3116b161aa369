"""Filling in forms: text, lists, check boxes."""

import re
from typing import Literal

from playwright.async_api import Error, Locator
from pydantic import Field

from tools.actions.pointer import clickable
from tools.aim import LOOKUP_MS, REACT_MS, Aim, aim, reach
from tools.causes import Cause
from tools.choose import choose
from tools.failures import ActionFailed
from tools.hands import Hands
from tools.locate import ask
from tools.observation import Element
from tools.record import Done, RefAction, tool
from tools.roles import CHECKS, FIELDS, LISTS, TEXT_BOXES
from tools.settle import ANNOUNCES


class Fill(RefAction):
    """Replace the content of a field: text, number, date, colour or slider."""

    action: Literal["fill"] = "fill"
    text: str = Field(description="the whole new content; a date as YYYY-MM-DD")
    submit: bool = Field(default=False, description="press Enter afterwards")


class Type(RefAction):
    """Type text key by key behind what a field holds already."""

    action: Literal["type"] = "type"
    text: str = Field(min_length=1, description="the text to add")


class Select(RefAction):
    """Choose an option of a list."""

    action: Literal["select"] = "select"
    option: str = Field(min_length=1, description="the option, as the page writes it")


class Check(RefAction):
    """Tick a check box, choose a radio button or turn a switch on; or the opposite."""

    action: Literal["check"] = "check"
    checked: bool = Field(default=True, description="false to untick or turn off")

    def said(self, element: Element | None = None) -> str:
        """`check checkbox Olives`, `uncheck checkbox Olives`."""
        words = super().said(element) if self.checked else Check(ref=self.ref).said(element)
        return words if self.checked else f"un{words}"


_SECRET = "{{"

_MAX_STEPS = 500
"""Arrow keys pressed at most to bring a slider to a value."""


@tool(effect="input", roles=FIELDS)
async def fill(args: Fill, hands: Hands) -> Done:
    """Replace the content of any kind of field; secrets are put in at the last moment."""
    target = await aim(args.ref, hands)
    await reach(target, hands)
    await _check_writable(target)
    field = target.locator
    opens = await _announces(target, hands)
    if not (hands.quick and await _takes(field, await _real(args.text, field, hands))):
        field = await _fill_by_kind(target, args.text, hands)
    if args.submit:
        await field.press("Enter", timeout=REACT_MS)
        return Done(locator=target.replay)
    return Done(locator=target.replay, expected=args.text, opens=opens)


@tool(effect="input", roles=TEXT_BOXES)
async def type_text(args: Type, hands: Hands) -> Done:
    """Press the keys of the text one after the other, behind what is there."""
    target = await aim(args.ref, hands)
    await reach(target, hands)
    await _check_writable(target)
    field, _ = await _field(target)
    opens = await _announces(target, hands)
    text = await _real(args.text, field, hands)
    before = await ask(field, _TO_END, wait_ms=REACT_MS)
    await field.press_sequentially(text, timeout=REACT_MS + 20 * len(text))
    known = before is not None and _SECRET not in args.text
    expected = before + args.text if known else None
    return Done(locator=target.replay, expected=expected, opens=opens)


@tool(effect="input", roles=LISTS)
async def select(args: Select, hands: Hands) -> Done:
    """Choose an option of a native list, or of one that the page has built itself."""
    target = await aim(args.ref, hands)
    await reach(target, hands)
    chosen = await choose(target, args.option)
    return Done(locator=target.replay, expected=chosen)


@tool(effect="input", roles=CHECKS)
async def check(args: Check, hands: Hands) -> Done:
    """Bring a check box, radio button or switch into the asked state."""
    target = await aim(args.ref, hands)
    if await _is_on(target, hands) is args.checked:
        return Done(locator=target.replay)
    if not args.checked and target.element.role in ("radio", "menuitemradio"):
        evidence = f"{target.it} is checked; choose another instead"
        raise ActionFailed(Cause.WRONG_VALUE, evidence)
    what = await clickable(target, hands)
    await what.click(timeout=REACT_MS)
    return Done(locator=target.replay)


async def _announces(target: Aim, hands: Hands) -> bool:
    """Whether suggestions will come; asked first: what the field gets may have it redrawn."""
    return not hands.quick and bool(await ask(target.locator, ANNOUNCES, wait_ms=REACT_MS))


async def _check_writable(target: Aim) -> None:
    """Raise ActionFailed for a field that is set by clicking only, such as a date picker's."""
    if "readonly" in target.element.states and not await target.locator.is_editable():
        evidence = f"{target.it} cannot be typed into; a click may open a choice"
        raise ActionFailed(Cause.DISABLED, evidence)


async def _takes(field: Locator, text: str) -> bool:
    """Fill a field in; whether it is one that takes a text just so."""
    try:
        await field.fill(text, timeout=REACT_MS)
    except Error as error:
        if re.search("not an <input>|Malformed value", str(error)):
            return False
        raise
    return True


async def _fill_by_kind(target: Aim, given: str, hands: Hands) -> Locator:
    """Look what kind of field it is and fill it in; the element that took the text."""
    field, kind = await _field(target)
    text = await _real(given, field, hands)
    if kind in ("slider", "spinbutton"):
        await _step_to(field, text, target)
    elif kind == "keys":
        await field.click(timeout=REACT_MS)
        await field.press("ControlOrMeta+a")
        await field.press_sequentially(text)
    else:
        await field.fill(text.lower() if kind == "color" else text, timeout=REACT_MS)
    return field


async def _is_on(target: Aim, hands: Hands) -> bool:
    """Whether a box is ticked, a button chosen or a switch on."""
    if hands.quick:
        return not {"checked", "pressed"}.isdisjoint(target.element.states)
    return bool(await ask(target.locator, _CHECKED, wait_ms=LOOKUP_MS))


async def _field(target: Aim) -> tuple[Locator, str]:
    """The element that takes the text, and how: fill, color, slider, spinbutton or keys.

    Of a wrapper with the role of a field it is the input in it.
    """
    kind = await ask(target.locator, _KIND, wait_ms=REACT_MS)
    if kind != "inner":
        return target.locator, kind
    inner = target.locator.locator("input, textarea, [contenteditable]").first
    return inner, await ask(inner, _KIND, wait_ms=REACT_MS)


async def _real(text: str, field: Locator, hands: Hands) -> str:
    """The text with secrets in the place of their names, if the field's site may have them.

    Raises SecretMissing and PolicyRefused.
    """
    if _SECRET not in text:
        return text
    handle = await field.element_handle(timeout=REACT_MS)
    frame = await handle.owner_frame()
    if frame is None:
        raise ActionFailed(Cause.DETACHED, "its frame is gone")
    while frame.url.startswith("about:") and frame.parent_frame is not None:
        frame = frame.parent_frame  # a frame without an address is its parent's document
    real = hands.secrets.fill(text, frame.url)
    if real != text:
        hands.session.hide(field)
    return real


async def _step_to(field: Locator, text: str, target: Aim) -> None:
    """Bring a slider or number box that is no input to a value, with the arrow keys."""
    try:
        wanted = float(text)
    except ValueError:
        evidence = f"{target.it} does not take {text}"
        raise ActionFailed(Cause.WRONG_VALUE, evidence) from None
    await field.focus(timeout=REACT_MS)
    now = await field.evaluate(_NOW)
    for _ in range(_MAX_STEPS):
        if now is None or now == wanted:
            return
        await field.press("ArrowUp" if now < wanted else "ArrowDown")
        before, now = now, await field.evaluate(_NOW)
        stuck = now == before
        passed = now is not None and (before < wanted) != (now < wanted) and now != wanted
        if stuck or passed:
            return  # as near as it goes; the verdict compares


_KIND = """el => {
  const tag = el.tagName;
  if (tag === 'INPUT') return el.type === 'color' ? 'color' : 'fill';
  if (tag === 'TEXTAREA' || tag === 'SELECT' || el.isContentEditable) return 'fill';
  if (el.control) return 'fill';
  if (el.querySelector('input, textarea, [contenteditable]')) return 'inner';
  if (/slider|spinbutton/.test(el.getAttribute('role') || '')) return el.getAttribute('role');
  return 'keys';
}"""

_NOW = """el => {
  const now = parseFloat(el.getAttribute('aria-valuenow'));
  return Number.isNaN(now) ? null : now;
}"""

_CHECKED = """el => {
  const box = el.control || el;
  if ('checked' in box && typeof box.checked === 'boolean') return box.checked;
  return (box.getAttribute('aria-checked') || box.getAttribute('aria-pressed')) === 'true';
}"""

_TO_END = """el => {
  el.focus();
  if (el.isContentEditable) {
    const range = document.createRange();
    range.selectNodeContents(el);
    range.collapse(false);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    return null;
  }
  if (typeof el.value !== 'string' || el.type === 'password') return null;
  if (/^(text|search|url|tel)$/.test(el.type) || el.tagName === 'TEXTAREA')
    el.setSelectionRange(el.value.length, el.value.length);
  return el.value;
}"""
"""Puts the caret behind the content; the content, or null where it cannot be told."""
