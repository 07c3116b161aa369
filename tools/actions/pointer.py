"""What a mouse does: click, hover, scroll, drag."""

from typing import Literal

from playwright.async_api import ElementHandle, Error, Locator, Position
from pydantic import Field

from tools.aim import LOOKUP_MS, PATIENCE_MS, REACT_MS, Aim, aim, reach
from tools.causes import Cause
from tools.failures import ActionFailed
from tools.hands import Hands
from tools.locate import ask
from tools.observation import Element, Observation
from tools.record import REF_PATTERN, Action, Done, RefAction, tool
from tools.roles import ANY, CLICKABLE
from tools.settle import ANNOUNCES


class Click(RefAction):
    """Click an element."""

    action: Literal["click"] = "click"
    how: Literal["single", "double", "right"] = Field(
        default="single", description="double or right only where the page asks for it"
    )


class Hover(RefAction):
    """Move the pointer over an element, to open what opens on hover."""

    action: Literal["hover"] = "hover"


class Scroll(Action):
    """Scroll the page, or the scrollable area that holds an element."""

    action: Literal["scroll"] = "scroll"
    direction: Literal["up", "down", "left", "right", "top", "bottom"] = Field(
        description="by one view; top and bottom go all the way"
    )
    ref: str | None = Field(
        default=None, pattern=REF_PATTERN, description="an element inside the area to scroll"
    )


class Drag(RefAction):
    """Drag an element and drop it on another."""

    action: Literal["drag"] = "drag"
    to: str = Field(pattern=REF_PATTERN, description="the ref of the element to drop it on")

    def said(self, element: Element | None = None, onto: Element | None = None) -> str:
        """`drag listitem Milk to region Done`."""
        words = ["drag"]
        if element is not None:
            words.append(f"{element.role} {element.name}".strip())
        if onto is not None:
            words.append(f"to {onto.role} {onto.name}".strip())
        return " ".join(words)

    def said_on(self, page: Observation) -> str:
        """Both elements in words."""
        return self.said(page.element(self.ref), page.element(self.to))


@tool(effect="input", roles=CLICKABLE)
async def click(args: Click, hands: Hands) -> Done:
    """Click once, twice, or with the right button."""
    target = await aim(args.ref, hands)
    locator = await clickable(target, hands)
    opens = await _opens(target, hands)
    if args.how == "double":
        await locator.dblclick(timeout=REACT_MS)
    else:
        button: Literal["left", "right"] = "right" if args.how == "right" else "left"
        await locator.click(button=button, timeout=REACT_MS)
    return Done(locator=target.replay, opens=opens)


@tool(effect="input", roles=CLICKABLE)
async def hover(args: Hover, hands: Hands) -> Done:
    """Move the pointer to the middle of the element."""
    target = await aim(args.ref, hands)
    what = await clickable(target, hands)
    opens = await _opens(target, hands)
    await what.hover(timeout=REACT_MS)
    return Done(locator=target.replay, opens=opens)


@tool(effect="read", roles=ANY)
async def scroll(args: Scroll, hands: Hands) -> Done:
    """Scroll by most of a view, or all the way, what holds the element or the page."""
    replay = ""
    if args.ref is None:
        moved = await hands.session.page.evaluate(_SCROLL_PAGE, args.direction)
    else:
        target = await aim(args.ref, hands)
        replay = target.replay
        moved = await target.locator.evaluate(_SCROLL, args.direction, timeout=REACT_MS)
    if not moved:
        ends = {"up": "top", "down": "bottom"}
        end = ends.get(args.direction, args.direction)
        raise ActionFailed(Cause.NO_EFFECT, f"the {end} is reached already")
    return Done(text=f"scrolled {args.direction}", locator=replay)


@tool(effect="input", roles=ANY)
async def drag(args: Drag, hands: Hands) -> Done:
    """Press on the element, move in steps to the other, release; also HTML drag and drop."""
    target = await aim(args.ref, hands)
    onto = await aim(args.to, hands)
    await reach(target, hands)
    drop = await _beyond_the_middle(target.locator, onto.locator)
    await target.locator.drag_to(onto.locator, timeout=REACT_MS, steps=8, target_position=drop)
    return Done(locator=target.replay)


async def _beyond_the_middle(source: Locator, onto: Locator) -> Position | None:
    """Where to drop: past the middle as one comes, since a sortable list changes places there.

    None, which is the middle, for what is not seen.
    """
    start, end = await source.bounding_box(), await onto.bounding_box()
    if start is None or end is None:
        return None
    across, down = (_share(start[side], end[side]) for side in ("x", "y"))
    return {"x": end["width"] * across, "y": end["height"] * down}


def _share(start: float, end: float) -> float:
    """How far into the target, from its upper or left edge."""
    if abs(end - start) < 1:
        return 0.5
    return 0.7 if end > start else 0.3


async def _opens(target: Aim, hands: Hands) -> bool:
    """Whether it is an item of a menu that has a menu of its own."""
    if hands.quick or target.element.role != "menuitem":
        return False
    return bool(await ask(target.locator, ANNOUNCES, wait_ms=REACT_MS))


async def clickable(target: Aim, hands: Hands) -> Locator | ElementHandle:
    """What to click for an element: itself, or the label of a check box that is not seen.

    Raises ActionFailed when neither can be reached.
    """
    try:
        seen = await reach(target, hands)
    except ActionFailed as unreached:
        unseen = unreached.cause in (Cause.NOT_VISIBLE, Cause.COVERED)
        label = await _label_of(target.locator) if unseen else None
        if label is None:
            raise
        return label
    label = await _label_of(target.locator) if seen.state == "label" else None
    return label or target.locator


async def _label_of(locator: Locator) -> ElementHandle | None:
    """The label that a pointer reaches in place of a hidden check box, if there is one."""
    found = await locator.evaluate_handle(_LABEL, timeout=LOOKUP_MS)
    label = found.as_element()
    if label is None:
        return None
    try:
        await label.click(trial=True, timeout=PATIENCE_MS)
    except Error:
        return None
    return label


_LABEL = "el => [...(el.labels || [])].find(label => label.getClientRects().length) || null"

_SCROLLER = """
const up = n => n.assignedSlot || n.parentElement || (n.getRootNode().host ?? null);
const across = direction === 'left' || direction === 'right';
const scrolls = n => {
  if (n === document.scrollingElement) return true;
  const style = getComputedStyle(n);
  return across
    ? n.scrollWidth > n.clientWidth + 1 && /auto|scroll|overlay/.test(style.overflowX)
    : n.scrollHeight > n.clientHeight + 1 && /auto|scroll|overlay/.test(style.overflowY);
};
const move = n => {
  const [left, top] = [n.scrollLeft, n.scrollTop];
  const step = across ? n.clientWidth : (n === document.scrollingElement ? innerHeight
    : n.clientHeight);
  const far = n.scrollHeight;
  const [dx, dy] = {up: [0, -0.85 * step], down: [0, 0.85 * step], left: [-0.85 * step, 0],
    right: [0.85 * step, 0], top: [0, -far], bottom: [0, far]}[direction];
  n.scrollBy({left: dx, top: dy, behavior: 'instant'});
  return n.scrollLeft !== left || n.scrollTop !== top;
};
"""

_SCROLL = f"""(el, direction) => {{ {_SCROLLER}
  for (let n = el; n; n = up(n)) if (scrolls(n) && move(n)) return true;
  return false;
}}"""
"""Scrolls the nearest area around the element that can go that way."""

_SCROLL_PAGE = f"""direction => {{ {_SCROLLER}
  const whole = document.scrollingElement;
  const seen = getComputedStyle(document.body).overflowY !== 'hidden';
  if (whole && seen && whole.scrollHeight > innerHeight + 1) return move(whole);
  const size = n => n.clientWidth * n.clientHeight;
  const areas = [...document.querySelectorAll('body *')].filter(scrolls);
  return areas.sort((a, b) => size(b) - size(a)).slice(0, 1).some(move);
}}"""
"""Scrolls the page, or its largest area where the page itself does not scroll."""
