"""Choosing an option: of a native list, and of the lists that pages build themselves.

A page's own list follows the ARIA patterns: a combobox opens a listbox (named by
aria-controls or anywhere on the page), an editable one filters it while one types, and a
listbox stands open by itself.
"""

from collections.abc import Sequence

from playwright.async_api import Frame, JSHandle, Locator, TimeoutError
from pydantic import BaseModel

from tools.aim import LOOKUP_MS, REACT_MS, Aim
from tools.causes import Cause
from tools.failures import ActionFailed
from tools.locate import ask
from tools.observation import clean

OPEN_MS = 2_000
"""How long a list may take to open, or to show what was typed for."""

_TOLD = 12
"""So many options are named when the wanted one is not among them."""


class Choice(BaseModel):
    """An option as the page has it now; `index` is its place among all options looked at."""

    index: int
    label: str
    disabled: bool = False
    selected: bool = False


async def choose(target: Aim, option: str) -> str:
    """Choose the option; the label that the page gives it, which the list must show now.

    Raises ActionFailed: not_found, disabled, not_visible.
    """
    kind, multiple, native = await ask(target.locator, _KIND, wait_ms=LOOKUP_MS)
    if kind == "native":
        choices = [Choice.model_validate(one) for one in native]
        return await _native(target, option, choices, multiple=multiple)
    if kind == "open":
        options = await target.locator.evaluate_handle(_WITHIN)
        return await _pick(options, target, option)
    return await _from_popup(target, option, editable=kind == "editable")


def match(option: str, choices: Sequence[Choice]) -> Choice | None:
    """The choice that is meant: the same words, or the only one that begins with or has them."""
    wanted = _plain(option)
    labels = [(choice, _plain(choice.label)) for choice in choices]
    for fits in (str.__eq__, str.startswith, str.__contains__):
        found = [choice for choice, label in labels if label and fits(label, wanted)]
        if len(found) == 1 or (found and fits is str.__eq__):
            return next((c for c in found if not c.disabled), found[0])
    return None


async def _native(target: Aim, option: str, choices: list[Choice], *, multiple: bool) -> str:
    choice = _found(option, choices, target)
    kept = [c.index for c in choices if c.selected] if multiple else []
    await target.locator.select_option(index=[*kept, choice.index], timeout=REACT_MS)
    return choice.label


async def _from_popup(target: Aim, option: str, *, editable: bool) -> str:
    """Open the list of a combobox, type for the option where one can, and pick it."""
    field = target.locator
    frame = await _frame(target)
    others: JSHandle | list[str] = []
    if not await field.evaluate(_EXPANDED):
        others = await frame.evaluate_handle(_VISIBLE)
        await field.click(timeout=REACT_MS)
    options = await _opened(field, frame, others)
    if editable and (options is None or match(option, await _choices(options)) is None):
        await _type_for(field, option)
        options = await _opened(field, frame, others, option) or options
    try:
        return await _pick(options, target, option)
    except ActionFailed:
        await field.press("Escape", timeout=LOOKUP_MS)  # leave no list open over the page
        raise


async def _pick(options: JSHandle | None, target: Aim, option: str) -> str:
    choice = _found(option, await _choices(options) if options else [], target)
    already = choice.selected and target.element.role == "listbox"
    if options is not None and not already:
        element = (await options.get_property(str(choice.index))).as_element()
        if element is None:
            raise ActionFailed(Cause.DETACHED, f"option {choice.label} is gone")
        await element.click(timeout=REACT_MS)
    return choice.label


def _found(option: str, choices: Sequence[Choice], target: Aim) -> Choice:
    choice = match(option, choices)
    if choice is None:
        if not choices:
            raise ActionFailed(Cause.NOT_FOUND, f"no option {option}, {target.it} shows none")
        told = ", ".join(clean(c.label) for c in choices[:_TOLD])
        more = f" and {len(choices) - _TOLD} more" if len(choices) > _TOLD else ""
        raise ActionFailed(Cause.NOT_FOUND, f"no option {option}, only {told}{more}")
    if choice.disabled:
        raise ActionFailed(Cause.DISABLED, f"{clean(choice.label)} is disabled")
    return choice


async def _type_for(field: Locator, option: str) -> None:
    inner = field.locator("input, textarea")
    box = inner.first if await inner.count() else field
    await box.fill("", timeout=REACT_MS)
    await box.press_sequentially(option, timeout=REACT_MS)


async def _opened(
    field: Locator, frame: Frame, others: "JSHandle | list[str]", wanted: str = ""
) -> JSHandle | None:
    """The options that can be seen now: in the list that the field names, else those that were
    not there before. Waits for them, and for one that says `wanted`; None if none came."""
    name = await field.evaluate(_CONTROLS)
    try:
        return await frame.wait_for_function(
            _NEW, arg=[others, name, wanted.lower()], timeout=OPEN_MS
        )
    except TimeoutError:
        return None


async def _choices(options: JSHandle) -> list[Choice]:
    return [Choice.model_validate(one) for one in await options.evaluate(_TOLD_OF)]


async def _frame(target: Aim) -> Frame:
    handle = await target.locator.element_handle(timeout=LOOKUP_MS)
    frame = await handle.owner_frame()
    if frame is None:
        raise ActionFailed(Cause.DETACHED, f"{target.it} is gone")
    return frame


def _plain(label: str) -> str:
    return clean(label).casefold()


_LOOK = """
const OPTION = '[role=option], [role=menuitemradio], [role=treeitem]';
const seen = o => o.getClientRects().length > 0 && getComputedStyle(o).visibility === 'visible';
const said = o => (o.getAttribute('aria-label') || o.innerText || o.textContent || '').trim();
const collect = (root, all = []) => {
  for (const n of root.querySelectorAll('*')) {
    if (n.matches(OPTION) && seen(n)) all.push(n);
    if (n.shadowRoot) collect(n.shadowRoot, all);
  }
  return all;
};
"""

_KIND = """el => {
  const field = el.control || el;
  if (field.tagName === 'SELECT')
    return ['native', field.multiple, [...field.options].map((o, index) => ({index,
      label: o.label.trim(), selected: o.selected,
      disabled: o.disabled || !!(o.parentElement.tagName === 'OPTGROUP' &&
        o.parentElement.disabled)}))];
  if (field.getAttribute('role') === 'listbox') return ['open', false, []];
  const box = /^(INPUT|TEXTAREA)$/.test(field.tagName) ? field : field.querySelector('input');
  const types = box && !box.readOnly || field.isContentEditable;
  return [types ? 'editable' : 'closed', false, []];
}"""
"""What kind of list it is; of a native one also whether it takes several, and its options."""

_EXPANDED = "el => (el.closest('[aria-expanded]') || el).getAttribute('aria-expanded') === 'true'"

_CONTROLS = """el => {
  for (const n of [el, ...el.querySelectorAll('[aria-controls], [aria-owns]'), el.parentElement])
    for (const name of ['aria-controls', 'aria-owns']) {
      const id = (n && n.getAttribute(name) || '').split(' ')[0];
      if (id) return id;
    }
  return '';
}"""

_VISIBLE = f"() => {{ {_LOOK} return collect(document); }}"

_WITHIN = f"el => {{ {_LOOK} return collect(el); }}"

_NEW = f"""([others, name, wanted]) => {{ {_LOOK}
  const named = name && document.getElementById(name);
  const found = named ? collect(named) : collect(document).filter(o => !others.includes(o));
  if (wanted && !found.some(o => said(o).toLowerCase().includes(wanted))) return null;
  return found.length ? found : null;
}}"""

_TOLD_OF = f"""all => {{ {_LOOK}
  return all.map((o, index) => ({{index, label: said(o),
    selected: o.getAttribute('aria-selected') === 'true',
    disabled: !!o.closest('[aria-disabled=true]')}}));
}}"""
