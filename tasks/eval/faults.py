"""Faults in the page, as real sites have them, at a given share of the actions.

Which action is hit, and how, follows from the task, its seed and the action's number alone, so
that two evaluations with the same seeds meet the same faults. They are made in the page by the
evaluation; the agent knows nothing of them but what the page shows.
"""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Literal, get_args

from playwright.async_api import BrowserContext, JSHandle, Locator
from playwright.async_api import Error as PlaywrightError

from agent.folder import RunFolder
from agent.run import load_run
from tasks.eval.suite import Key
from tools.locate import locate

Kind = Literal["banner", "stale", "swallowed"]
"""A dialog that covers the page; the element out of the page while it is to be acted on, as in the
midst of being drawn anew; a click that nothing on the page hears."""

_CLICKS = ("click", "check")
_WAIT_MS = 1000
_BANNERS = (
    ["Cookies", "We use cookies to improve this page.", "Accept"],
    ["Newsletter", "Get our news by e-mail.", "No thanks"],
    ["What is new", "This page has a new look.", "Close"],
)


class Faults:
    """The faults of one episode. `happened` tells them: `2 banner` hit the second action."""

    def __init__(self, share: float, key: Key, window: BrowserContext, folder: RunFolder) -> None:
        """`folder` is the run's, whose newest checkpoint says what is about to be done."""
        self._share, self._key = share, key
        self._window, self._folder = window, folder
        self._actions = 0
        self.happened: list[str] = []

    @asynccontextmanager
    async def around_action(self) -> AsyncIterator[None]:
        """Perhaps a fault before the action; what holds for one action only ends after it."""
        self._actions += 1
        draw = random.Random(f"{self._key.task} {self._key.seed} {self._actions}")
        hit, kinds = draw.random() < self._share, draw.sample(get_args(Kind), k=3)
        undo = await self._first_of(kinds, draw.choice(_BANNERS)) if hit else None
        try:
            yield
        finally:
            if undo is not None:
                with suppress(PlaywrightError):  # the page it was made in has gone
                    await undo.evaluate("undo => undo()")

    async def _first_of(self, kinds: list[Kind], banner: list[str]) -> JSHandle | None:
        """Make the first of these faults that can hit this action; a function that ends it."""
        action, target = await self._about_to_act()
        for kind in kinds:
            if kind == "swallowed" and action not in _CLICKS:
                continue
            with suppress(PlaywrightError):  # the page changes by itself just now
                if kind == "banner":
                    undo = await self._window.pages[-1].evaluate_handle(BANNER, banner)
                elif target is not None:
                    undo = await target.evaluate_handle(ON_TARGET[kind], timeout=_WAIT_MS)
                else:
                    continue
                if await undo.evaluate("undo => undo !== null"):
                    self.happened.append(f"{self._actions} {kind}")
                    return undo
        return None

    async def _about_to_act(self) -> tuple[str, Locator | None]:
        """The action that the guard has just allowed, and the element that it is for."""
        state = await load_run(self._folder.home, self._folder.run)
        assert state.intent is not None, "it is written down before each action"
        action, page = state.intent.action, state.observation
        element = page.element(action.get("ref") or "") if page else None
        where = locate(self._window.pages[-1], element.target) if element else None
        return str(action["action"]), where


BANNER = """([title, text, close]) => {
  if (document.querySelector('[data-secondlook-fault]')) return null;
  const cover = document.createElement('div');
  cover.dataset.secondlookFault = '';
  cover.setAttribute('role', 'dialog');
  cover.setAttribute('aria-label', title);
  cover.style.cssText =
    'position: fixed; inset: 0; z-index: 2147483647; background: white; padding: 2em';
  const words = document.createElement('p');
  words.textContent = text;
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = close;
  button.onclick = () => cover.remove();
  cover.append(words, button);
  for (const kind of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click'])
    cover.addEventListener(kind, event => event.stopPropagation());
  document.body.append(cover);
  return () => {};
}"""
"""A dialog over everything, which its only button takes away; null if there is one already."""

ON_TARGET = {
    "stale": """element => {
  const holdsThePage = 'html, body, [data-secondlook-fault], [data-secondlook-fault] *';
  if (element.matches(holdsThePage) || element.querySelector('iframe')) return null;
  const place = element.cloneNode(true);
  place.style.setProperty('visibility', 'hidden', 'important');
  element.replaceWith(place);
  return () => place.replaceWith(element);
}""",
    "swallowed": """element => {
  const view = element.ownerDocument.defaultView;
  const kinds = ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click'];
  const swallow = event => {
    event.stopImmediatePropagation();
    event.preventDefault();
    if (event.type === 'click') stop();
  };
  const stop = () => kinds.forEach(kind => view.removeEventListener(kind, swallow, true));
  kinds.forEach(kind => view.addEventListener(kind, swallow, true));
  return stop;
}""",
}
"""What befalls the element that is to be acted on, by kind; what it returns ends it."""
