"""verify: what the action came to, judged from the page before and after it."""

from agent.attempts import attempted, carried, conclude
from agent.live import Live, Update
from agent.look import look
from agent.state import Intent, RunState
from agent.tell import told
from tools.actions.extract import Look
from tools.causes import Cause, Verdict
from tools.dispatch import Outcome, parse_action
from tools.observation import Observation
from tools.sites import read_address
from tools.verdict import judge


async def verify(state: RunState, live: Live) -> Update:
    """Look, judge, and write the attempt down; its look is also the next decision's."""
    intent, before = state.intent, state.observation
    assert intent is not None and before is not None, "act comes before verify"
    acted = dict(state.acted or {})
    sent = bool(acted.pop("sent", False))
    outcome, action = Outcome.model_validate(acted), parse_action(intent.action)
    find = action.find if isinstance(action, Look) else state.look
    page = await look(live, state, previous=before, find=find)
    askable = [refusal.url for refusal in live.refused if refusal.first]
    wanted = next((url for url in askable if live.policy.site_to_ask(url)), "")
    once = wanted and not _took_effect(live, intent, before)
    again = carried(state.pending, before, page) if once else None
    if again:
        # Nothing happened yet: the guard asks for the site, then the action is taken again.
        return {
            "wanted": wanted,
            "intent": None,
            "acted": None,
            "pending": again,
            "observation": page,
        }
    verdict = judge(action, outcome, before, page)
    if live.refused and not verdict.changed and page.url == before.url:
        reason = live.refused[0].reason
        verdict = Verdict(cause=Cause.BLOCKED_BY_POLICY, evidence=reason)
    read = outcome.text if action.action in ("read", "extract") else ""
    attempt = attempted(state, intent, verdict, locator=outcome.locator, text=read, sent=sent)
    return told(live, state, attempt, {"look": find} | conclude(state, attempt, page))


def _took_effect(live: Live, intent: Intent, before: Observation) -> bool:
    """Whether the action did something besides what was refused, which must not be done twice.

    Of a harmless action only what its own site got counts: others get reports on visitors.
    """
    refused = {refusal.url for refusal in live.refused}
    sites = [_site(url) for url in live.journal.reached() if url not in refused]
    return bool(sites) if intent.effect == "commit" else _site(before.url) in sites


def _site(url: str) -> str:
    address = read_address(url)
    return address.site if address else ""
