"""observe: get to where the run is, and look. After an interruption, find out what is left."""

import time

from agent.live import Live, Update
from agent.look import look
from agent.recovery import in_doubt, recover
from agent.state import Outcome, RunState
from agent.tell import steps
from tools.actions.navigate import Navigate
from tools.dispatch import perform
from tools.observation import Observation
from tools.observe import shown_url

PATIENCE = 5.0
"""Seconds after it was sent during which a request may still be worked on by the site."""


async def observe(state: RunState, live: Live) -> Update:
    """Open the run's page if none is open, then look at it."""
    trail = live.journal.read(state.intent.number if state.intent else 0)
    places = [url for url in (trail.page if state.resumed else "", live.settings.url) if url]
    problem = await _open(live, places)
    if problem:
        return {"outcome": Outcome(status="failed", answer=problem)}
    if not state.plan and not places and live.session.page.url == "about:blank":
        return {"resumed": False}  # nothing to look at: the plan comes first
    page = await look(live, state)
    if not state.resumed:
        return {"observation": page}
    if state.intent and trail.sent and not trail.answered:
        page = await _look_again(state, live, page, until=trail.sent_at + PATIENCE)
    trail = trail.model_copy(update={"page": shown_url(trail.page, live.secrets.redact)})
    update = recover(state, trail, page, live.settings.browser)
    steps(live, state, update)
    return update


async def _open(live: Live, places: list[str]) -> str:
    """Open the first of these addresses that can be; why none could, or "" if one is open.

    A browser that was attached to, or that kept its tabs, stays where it is.
    """
    problem = ""
    for url in places:
        if live.session.page.url != "about:blank" and not problem:
            return ""
        outcome = await perform(Navigate(url=url), live.hands(Observation(url="about:blank")))
        live.session.check()
        if outcome.cause is None:
            return ""
        unopened = f"{url} cannot be opened"
        reason = outcome.evidence.removeprefix(unopened)
        problem = f"{unopened}: {reason}." if reason else f"{unopened}."
    return problem


async def _look_again(
    state: RunState, live: Live, page: Observation, *, until: float
) -> Observation:
    """Reload until the page shows what became of a request, or the site has had its time."""
    while in_doubt(state, page) and time.time() < until:
        await live.session.page.reload()
        await live.session.page.wait_for_load_state("networkidle")
        page = await look(live, state, previous=state.observation)
    return page
