"""act: the one place where something is done to the page. Its intent is on disk already."""

from agent.events import ActionTaken
from agent.extract import extracted
from agent.live import Live, Update
from agent.state import RunState
from tools.actions.extract import Extract
from tools.causes import Cause
from tools.dispatch import parse_action, perform
from tools.errors import BrowserGone
from tools.settle import settle

COMMIT_SECONDS = 30.0
"""So long an action with an effect outside the page is waited for before it is judged: to take
a slow one for a failed one would be to do it twice."""


async def act(state: RunState, live: Live) -> Update:
    """Take the action of the intent; what became of it is kept for verify."""
    intent, page = state.intent, state.observation
    assert intent is not None and page is not None, "the guard wrote the intent"
    live.emit(
        ActionTaken(number=intent.number, step=state.step, said=intent.said, effect=intent.effect)
    )
    live.journal.begin(intent.number)
    live.refused.clear()
    action, hands = parse_action(intent.action), live.hands(page)
    if intent.effect == "commit":
        async with live.journal.held():
            outcome = await perform(action, hands)
            if await live.journal.answers(COMMIT_SECONDS):
                await settle(live.session)
    else:
        outcome = await perform(action, hands)
    if outcome.cause is Cause.BROWSER_GONE:
        live.session.check()  # it knows whether it was the browser or the tab
        raise BrowserGone(outcome.evidence)
    update: Update = {}
    if isinstance(action, Extract) and outcome.cause is None:
        outcome, usage = await extracted(live, state, action, outcome.text)
        update = {"usage": usage}
    trail = live.journal.read(intent.number)
    sent = trail.sent and not trail.refused
    return update | {"acted": outcome.model_dump(mode="json") | {"sent": sent}}
