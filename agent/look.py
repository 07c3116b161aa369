"""One look at the page: the observation, its picture, and what a resumed run will need of it."""

import json
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Error

from agent.events import Observed
from agent.folder import storing
from agent.live import Live
from agent.state import RunState
from tools.observation import Observation
from tools.observe import observe

ANSWER_SHARE = 4
"""A quarter of the context is left for what is not the page, when it is first looked at; the
exact budget is kept when a question is put together."""

_LOCAL = "() => JSON.stringify(Object.entries(localStorage))"


async def look(
    live: Live, state: RunState, *, previous: Observation | None = None, find: str = ""
) -> Observation:
    """Look at the current tab and keep what a later process needs to get back here.

    `find` are words whose surroundings matter most. Raises BrowserGone, RunStorageFailed.
    """
    page = await observe(
        live.session,
        budget=live.model.context_length * (ANSWER_SHARE - 1) // ANSWER_SHARE,
        count=live.model.count,
        previous=previous,
        focus=find or focus(state),
        redact=live.secrets.redact,
    )
    live.journal.place(live.session.page.url)
    await keep_storage(live)
    picture = await _picture(live, page, previous)
    live.emit(
        Observed(
            url=page.url,
            title=page.title,
            elements=len(page.elements),
            tokens=page.tokens,
            dialog=page.dialog,
            notices=page.notices,
            screenshot=picture,
        )
    )
    return page


def focus(state: RunState) -> str:
    """The words that decide what stays of a page too big for the model."""
    step = state.plan[state.step].do if state.step < len(state.plan) else ""
    return " ".join(part for part in (state.look, step or state.task) if part)


async def _picture(live: Live, page: Observation, previous: Observation | None) -> str:
    """The path of a picture of this page state; "" if it has one already or none is wanted."""
    if not live.settings.screenshots or not page.fingerprint:
        return ""
    if previous is not None and previous.fingerprint == page.fingerprint:
        return ""
    path = live.folder.screenshots / f"{page.fingerprint}.jpg"
    if not path.exists():
        with storing(path):
            path.parent.mkdir(exist_ok=True)
        if not await live.session.screenshot(path):
            return ""
    return str(path)


async def keep_storage(live: Live) -> None:
    """Write cookies and this site's local storage down; entries with a secret stay out."""
    options = live.settings.browser
    if options.cdp_url or options.profile:
        return  # that browser keeps its own
    state = _read(live)
    try:
        state["cookies"] = await live.session.context.cookies()
        origin, entries = _origin(live.session.page.url), await _local(live)
    except Error:
        return  # the page is on its way to the next, which will be looked at
    state["cookies"] = [c for c in state["cookies"] if not _secret(live, c.get("value", ""))]
    others = [o for o in state["origins"] if o["origin"] != origin]
    kept = [{"name": n, "value": v} for n, v in entries if not _secret(live, v)]
    state["origins"] = [*others, {"origin": origin, "localStorage": kept}] if kept else others
    live.folder.write("storage.json", json.dumps(state))


async def _local(live: Live) -> list[list[str]]:
    if live.session.dialog or not live.session.page.url.startswith("http"):
        return []
    found: list[list[str]] = json.loads(await live.session.page.evaluate(_LOCAL))
    return found


def _read(live: Live) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads(live.folder.storage.read_bytes())
    except (OSError, ValueError):
        return {"cookies": [], "origins": []}
    return state


def _secret(live: Live, value: str) -> bool:
    return live.secrets.redact(value) != value


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
