"""From a ref of the observation to the live element, checked before anything is done to it."""

from dataclasses import dataclass
from difflib import get_close_matches

from playwright.async_api import Error, Locator

from tools.causes import Cause
from tools.failures import ActionFailed
from tools.hands import Hands
from tools.locate import locate
from tools.observation import Element, Observation
from tools.observe import observe, shown_url
from tools.reach import Reach, covering, named, probe

REACT_MS = 10_000
"""How long Playwright may take over one action on an element that a pointer can reach."""
PATIENCE_MS = 400
"""How long an element may stay covered or disabled before that is the answer."""
LOOKUP_MS = 3_000
"""How long finding the element and naming its locator may take."""


@dataclass(frozen=True)
class Aim:
    """An element that an action is about to touch.

    `replay` is the resilient role-and-name locator in Playwright's Python notation.
    """

    element: Element
    locator: Locator
    replay: str

    @property
    def it(self) -> str:
        """The element in words: `button Add (Funghi)`."""
        return named(self.element)


def element_of(ref: str, observation: Observation) -> Element:
    """The line with this ref. Raises ActionFailed(not_found) with the nearest lines."""
    element = observation.element(ref)
    if element is None:
        raise ActionFailed(Cause.NOT_FOUND, f"no {ref} on the page{_nearest(ref, observation)}")
    return element


async def aim(ref: str, hands: Hands) -> Aim:
    """Find the live element of a ref, also when the page has drawn it anew since.

    Raises ActionFailed: not_found, detached, navigated_away.
    """
    element = element_of(ref, hands.observation)
    if element.ref in hands.found:
        return Aim(element, hands.found[element.ref], "")
    if not element.target:
        raise ActionFailed(Cause.NOT_FOUND, f"{named(element)} is only text")
    page = hands.session.page
    locator = locate(page, element.target)
    if not await locator.count():
        if _document(shown_url(page.url, hands.secrets.redact)) != _document(hands.observation.url):
            raise ActionFailed(Cause.NAVIGATED_AWAY, "page changed under it")
        locator = await _drawn_anew(element, hands)
    return Aim(element, locator, await replayable(locator))


async def reach(target: Aim, hands: Hands) -> Reach:
    """Make sure that a pointer can act on the element, or on the label in front of it.

    A page still moving gets `PATIENCE_MS`. Raises ActionFailed: covered, disabled,
    not_visible, detached.
    """
    if hands.quick:
        return Reach(state="free")
    seen = await probe(target.locator)
    if seen.state in ("free", "label"):
        return seen
    if not (seen.state == "disabled" and "disabled" in target.element.states):
        seen = await _after_patience(target.locator, seen)
    if seen.state not in ("free", "label"):
        raise unreachable(seen, target, hands.observation)
    return seen


def unreachable(seen: Reach, target: Aim, observation: Observation) -> ActionFailed:
    """Why the element cannot be acted on, as a failure to raise."""
    if seen.state == "covered":
        return ActionFailed(Cause.COVERED, covering(seen.by, observation))
    if seen.state == "disabled":
        return ActionFailed(Cause.DISABLED, f"{target.it} is disabled")
    if seen.state == "hidden":
        return ActionFailed(Cause.NOT_VISIBLE, f"{target.it} is hidden")
    return ActionFailed(Cause.DETACHED, f"{target.it} is gone")


async def replayable(locator: Locator) -> str:
    """The role-and-name locator of an element, "" where Playwright finds none.

    A recording can do without one step's locator; an action must not fail for it.
    """
    try:
        return str(await locator.normalize())
    except Error:
        return ""


async def _after_patience(locator: Locator, seen: Reach) -> Reach:
    try:
        await locator.click(trial=True, timeout=PATIENCE_MS)
    except Error:
        return await probe(locator)
    return Reach(state="free")


async def _drawn_anew(element: Element, hands: Hands) -> Locator:
    """The one element of the same role, name and context that the page has now."""
    session = hands.session
    redact = hands.secrets.redact
    now = await observe(session, budget=0, count=lambda _: 0, redact=redact)
    session.notices.extend(now.notices)  # they are for the model's next look, not for this one
    same = [
        e for e in now.elements if e.target and (e.role, e.name) == (element.role, element.name)
    ]
    if len(same) > 1:
        same = [e for e in same if e.context == element.context]
    if len(same) != 1:
        raise ActionFailed(Cause.DETACHED, f"{named(element)} is gone")
    return locate(session.page, same[0].target)


def _nearest(ref: str, observation: Observation) -> str:
    """Lines that may be meant: of similar names, or else with refs close by."""
    wanted = ref.strip("[]").lower()
    names = {e.name.lower(): e for e in observation.elements if e.interactive and e.name}
    close = [names[name] for name in get_close_matches(wanted, list(names), n=3, cutoff=0.5)]
    if not close and wanted[1:].isdigit():
        number = int(wanted[1:])
        numbered = [e for e in observation.elements if e.interactive and e.ref[1:].isdigit()]
        close = sorted(numbered, key=lambda e: abs(int(e.ref[1:]) - number))[:3]
    if not close:
        return ""
    return "; near: " + ", ".join(f"{named(e)}[{e.ref}]" for e in close)


def _document(url: str) -> str:
    return url.partition("#")[0]
