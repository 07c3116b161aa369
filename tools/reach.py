"""Whether a pointer can reach an element, and if not, what is in its way.

One question to the page instead of waiting for Playwright to give up: the element is
scrolled into view and the point where a click would land is hit-tested, through open shadow
roots and out through the frames around it.
"""

import re
from typing import TYPE_CHECKING, Any

from playwright.async_api import ElementHandle, Error, Locator
from pydantic import BaseModel, Field

from tools.observation import Element, Observation, clean

if TYPE_CHECKING:
    from playwright.async_api import Frame

CONTAINERS = frozenset(
    "dialog alertdialog alert status region banner navigation complementary contentinfo form "
    "group menu listbox list toolbar tooltip main search table grid tree".split()
)
"""Roles that name what covers an element better than a button or paragraph in it does."""

FOUND_MS = 2_000
"""How long a busy page may take to hand out an element that it has."""

_JS_COMMON = """
const up = n => n.assignedSlot || n.parentElement || (n.getRootNode().host ?? null);
const within = (n, top) => { for (; n; n = up(n)) if (n === top) return true; return false; };
const deepest = (x, y) => {
  let hit = document.elementFromPoint(x, y);
  while (hit && hit.shadowRoot) {
    const inner = hit.shadowRoot.elementFromPoint(x, y);
    if (!inner || inner === hit) break;
    hit = inner;
  }
  return hit;
};
const nameOf = n => {
  const by = (n.getAttribute('aria-labelledby') || '').split(/\\s+/).filter(Boolean)
    .map(id => n.getRootNode().getElementById?.(id)?.textContent || '').join(' ').trim();
  const label = by || n.getAttribute('aria-label') || n.getAttribute('title') || '';
  if (label) return label;
  return n.querySelector?.('h1,h2,h3,h4,[role=heading],legend,caption')?.innerText || '';
};
const ROLES = {DIALOG: 'dialog', NAV: 'navigation', HEADER: 'banner', FOOTER: 'contentinfo',
  ASIDE: 'complementary', SECTION: 'region', FORM: 'form', FIELDSET: 'group', MENU: 'list',
  UL: 'list', OL: 'list', TABLE: 'table', MAIN: 'main'};
const describe = (hit, el) => {
  const chain = [];
  let layer = null;
  for (let n = hit; n && !(el && within(el, n)); n = up(n)) {
    const role = n.getAttribute('role') || ROLES[n.tagName] || '';
    if (role) chain.push({role, name: nameOf(n)});
    if (!layer && /fixed|absolute|sticky/.test(getComputedStyle(n).position)) layer = n;
  }
  const said = n => (n.innerText || n.getAttribute('aria-label') || n.getAttribute('alt') || '');
  const text = said(hit).trim() || (layer ? said(layer).trim() : '');
  return {chain, words: (layer ? said(layer) : '').slice(0, 2000) || text.slice(0, 2000),
    text: text.slice(0, 200),
    tag: hit.tagName.toLowerCase() + (hit.id ? '#' + hit.id : '')};
};
"""

PROBE = (
    """el => {"""
    + _JS_COMMON
    + """
  const control = el.control instanceof HTMLElement ? el.control : el;
  if (!el.isConnected) return {state: 'detached'};
  const off = n => n.matches(':disabled') || !!n.closest('[aria-disabled=true]');
  if (off(control) || off(el)) return {state: 'disabled'};
  const style = getComputedStyle(el);
  if (style.visibility !== 'visible') return {state: 'hidden'};
  const seen = r => r.width > 0 && r.height > 0;
  const boxed = () => [...el.getClientRects()].find(seen) ||
    [...el.querySelectorAll('*')].flatMap(n => [...n.getClientRects()]).find(seen);
  if (!boxed()) return {state: 'hidden'};
  const inView = r => r.left < innerWidth && r.right > 0 && r.top < innerHeight && r.bottom > 0;
  const middle = r => {
    const left = Math.max(r.left, 0), right = Math.min(r.right, innerWidth);
    const top = Math.max(r.top, 0), bottom = Math.min(r.bottom, innerHeight);
    return {x: (left + right) / 2, y: (top + bottom) / 2};
  };
  const mine = hit => hit && within(hit, el);
  const labelled = hit => hit && [...(control.labels || [])].some(label => within(hit, label));
  let rect = boxed(), point = null, hit = null;
  const look = () => {
    rect = boxed();
    point = inView(rect) ? middle(rect) : null;
    hit = point && deepest(point.x, point.y);
    return mine(hit) || labelled(hit);
  };
  if (!look()) {
    for (const block of ['nearest', 'center', 'end', 'start']) {
      el.scrollIntoView({block, inline: 'nearest', behavior: 'instant'});
      if (look()) break;
    }
  }
  if (!point) return {state: 'hidden'};
  if (!mine(hit) && labelled(hit)) return {state: 'label', ...point};
  if (!mine(hit) && hit) return {state: 'covered', ...point, by: describe(hit, el)};
  return {state: 'free', ...point};
}"""
)
"""A function of an element, to a `Reach` with the point where it can be reached in its frame."""

_PROBE_FRAME = (
    """(frame, point) => {"""
    + _JS_COMMON
    + """
  const box = frame.getBoundingClientRect();
  const style = getComputedStyle(frame);
  const x = box.left + frame.clientLeft + parseFloat(style.paddingLeft) + point.x;
  const y = box.top + frame.clientTop + parseFloat(style.paddingTop) + point.y;
  const hit = deepest(x, y);
  if (hit && hit !== frame && !within(hit, frame))
    return {state: 'covered', x, y, by: describe(hit, frame)};
  return {state: 'free', x, y};
}"""
)


class Cover(BaseModel):
    """What lies over an element: the landmarks around it, nearest first, and its words."""

    chain: list[dict[str, str]] = Field(default_factory=list)
    words: str = ""
    text: str = ""
    tag: str = ""


class Reach(BaseModel):
    """What stands between the pointer and an element.

    `state` is free, label (its own label is in front of it), covered, hidden, disabled or
    detached.
    """

    state: str
    by: Cover | None = None


async def probe(locator: Locator) -> Reach:
    """Scroll to the element and find out whether a click would land on it.

    Raises playwright's errors when the element or its frame goes away meanwhile.
    """
    handle = await locator.element_handle(timeout=FOUND_MS)
    try:
        seen: dict[str, Any] = await handle.evaluate(PROBE)
        frame = await handle.owner_frame()
        own = seen
        while seen["state"] in ("free", "label") and frame and frame.parent_frame:
            seen = await _in_parent(frame, seen)
            frame = frame.parent_frame
        return Reach.model_validate(own if seen["state"] == "free" else seen)
    finally:
        await _dispose(handle)


async def _in_parent(frame: "Frame", point: dict[str, Any]) -> dict[str, Any]:
    """The same point seen from the document around a frame."""
    around = await frame.frame_element()
    try:
        seen: dict[str, Any] = await around.evaluate(_PROBE_FRAME, point)
        return seen
    finally:
        await _dispose(around)


async def _dispose(handle: ElementHandle) -> None:
    try:
        await handle.dispose()
    except Error:
        return  # it went away with its page, which is all that was wanted


def covering(cover: Cover | None, observation: Observation) -> str:
    """`dialog Cookies covers it`: the covering thing in the words of the page's own lines."""
    if cover is None:
        return "something covers it"
    line = _landmark(cover, observation) or _worded(cover, observation)
    if line is not None:
        return f"{named(line)} covers it"
    if words := _first_words(cover.text):
        return f"text {words} covers it"
    boxes = [e for e in observation.elements if e.role in ("dialog", "alertdialog")]
    if boxes:  # an empty layer: what a dialog puts between itself and the page
        return f"{named(boxes[-1])} covers it"
    return f"{clean(cover.tag)} covers it"


def named(element: Element) -> str:
    """Role and name as on the element's line: `button Add (Funghi)`."""
    words = f"{element.role} {element.name}".strip()
    return f"{words} ({element.context})" if element.context else words


def _landmark(cover: Cover, observation: Observation) -> Element | None:
    for link in cover.chain:
        role, name = link.get("role", ""), clean(link.get("name", ""))
        if role not in CONTAINERS:
            continue
        same = [e for e in observation.elements if e.role == role]
        exact = [e for e in same if name and e.name == name]
        near = [e for e in same if name and (e.name in name or name in e.name) and e.name]
        if exact or near:
            return (exact or near)[0]
        if len(same) == 1 and (not name or not same[0].name):
            return same[0]
    return None


def _worded(cover: Cover, observation: Observation) -> Element | None:
    """The first line that stands in the covering layer: its text holds the line's name."""
    words = clean(cover.words)
    lines = [e for e in observation.elements if len(e.name) > 2 and e.name in words]
    starts = [e for e in lines if words.startswith(e.name)]
    texts = [e for e in lines if not e.interactive]
    ranked = starts or texts or lines
    return ranked[0] if ranked else None


def _first_words(text: str) -> str:
    words = re.split(r"(?<=[.!?])\s", clean(text), maxsplit=1)[0].split()
    return " ".join(words[:8])
