"""The one rule for waiting: until what an action caused has arrived, and no longer.

An action may start a navigation, start requests, or change the page a moment later. `settle`
waits for all three by condition: for documents and requests that were asked for since the
action began, and until the page's content has been quiet for a moment. Where the element says
that something is going to open, that is waited for a little longer. What goes on by
itself does not hold it up: requests that repeat between actions, and places of the page that
change over and over (a clock, a ticker, an animation).
"""

import asyncio
import time
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Frame

from tools.session import Session

LIMIT_MS = 3000
"""The longest wait for requests and a quiet page."""

NAVIGATION_MS = 10_000
"""The longest wait for a page that is certainly on its way."""

MAX_FRAMES = 6
"""So many frames are watched for quiet; more than that is advertising."""

# Resolves when nothing has changed for `idle` ms at first, or for `quiet` ms after a change.
# A node that changed three times is taken for one that always changes.
_QUIET = """([idle, quiet, limit, looks]) => new Promise(resolve => {
  const root = document.documentElement;
  if (!root) { resolve(false); return; }
  const counts = new WeakMap();
  let changed = false, timer = 0;
  const done = () => {
    observer.disconnect(); clearTimeout(timer); clearTimeout(last); resolve(changed);
  };
  const observer = new MutationObserver(records => {
    let news = false;
    for (const target of new Set(records.map(r => r.target))) {
      const count = (counts.get(target) || 0) + 1;
      counts.set(target, count);
      if (count <= 3) news = true;
    }
    if (!news) return;
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(done, quiet);
  });
  const last = setTimeout(done, limit);
  timer = setTimeout(done, idle);
  observer.observe(root, {
    subtree: true, childList: true, characterData: true, attributes: true,
    attributeFilter: ["hidden", "open", "aria-expanded", "aria-hidden", ...looks],
  });
})"""

_LOOKS = ["class", "disabled", "value", "aria-invalid", "aria-selected", "aria-checked",
          "aria-busy", "src"]  # fmt: skip
"""Attributes that change with the action itself; what opens is known by others."""

_IDLE_MS, _QUIET_MS, _RESTLESS_MS = 30, 60, 600

_OPENS_MS = 450
"""So long something that is announced may take to open: jQuery UI waits for 300."""

ANNOUNCES = """element => element.matches(
  '[aria-haspopup]:not([aria-haspopup=false]), [role=combobox], [aria-autocomplete=list], ' +
  '[aria-autocomplete=both], input[class*=autocomplete], input[class*=typeahead]')"""
"""Whether something is going to open by this element, as far as its attributes say."""


async def settle(
    session: Session, *, limit_ms: float = LIMIT_MS, quiet: bool = True, opens: bool = False
) -> None:
    """Wait until what the action since `session.activity.begin()` caused has arrived.

    Without `quiet` only what was asked for is waited for, style sheets excepted, and not that
    the page rests. Returns within about 30 ms when nothing happens, after `limit_ms` at the
    latest, or after `NAVIGATION_MS` while a page is on its way. Returns at once when a JavaScript
    dialog is open. Never raises for a page that is going away; raises BrowserGone if the browser
    is.
    """
    began = time.monotonic()
    activity = session.activity
    while session.dialog is None:
        spent = (time.monotonic() - began) * 1000
        limit = NAVIGATION_MS if activity.navigating() else limit_ms
        if spent >= limit:
            break
        if activity.waiting(looks=quiet):
            await session.unless_dialog(activity.change((limit - spent) / 1000))
            continue
        if quiet:
            await session.unless_dialog(_quiet(session, limit - spent, opens))
            opens = False
        if not activity.waiting(looks=quiet):
            break
    activity.end()


async def _quiet(session: Session, limit_ms: float, opens: bool) -> None:
    """Wait until the current page is parsed, and quiet in its first few frames."""
    page = session.page
    idle, looks = (_OPENS_MS, []) if opens else (_IDLE_MS, _LOOKS)
    watch = [idle, _QUIET_MS, min(_RESTLESS_MS, limit_ms), looks]
    try:
        async with asyncio.timeout(limit_ms / 1000):
            await page.wait_for_load_state("domcontentloaded")
            frames = page.frames[:MAX_FRAMES]
            await asyncio.gather(*(_frame_quiet(frame, watch) for frame in frames))
    except TimeoutError:
        return
    except PlaywrightError:
        session.check()


async def _frame_quiet(frame: Frame, watch: list[Any]) -> None:
    try:
        await frame.evaluate(_QUIET, watch)
    except PlaywrightError:  # the frame navigates or is gone: the next look sees what came
        return
