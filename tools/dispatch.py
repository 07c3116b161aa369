"""The only caller of tools: validate, run, settle, turn what went wrong into a cause, redact.

Whatever a tool meets ends here. What the model can mend becomes an `Outcome` with a cause;
only what is a defect of ours goes on as an exception.
"""

import asyncio
from collections.abc import Awaitable
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Union

from playwright.async_api import Error
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

import tools.actions  # noqa: F401  fills the registry
from tools.aim import element_of
from tools.causes import Cause
from tools.errors import BrowserGone, PolicyRefused, SecretMissing
from tools.failures import GONE, ActionFailed, explain, landed
from tools.hands import Hands
from tools.locate import locate
from tools.observation import Element, clean
from tools.reach import covering, named, probe
from tools.record import REGISTRY, Action, Done, Tool
from tools.roles import fits
from tools.settle import settle

if TYPE_CHECKING:
    from tools.session import Session

__all__ = ["Hands", "Outcome", "parse_action", "perform"]

LIMIT_S = 45
"""No action takes longer, whatever happens in the browser; each has shorter limits of its own."""

_STILL = frozenset({"read", "extract", "look"})
"""Actions that change nothing, after which there is nothing to wait for."""


class Outcome(BaseModel):
    """What became of running an action, before the page is judged.

    `text` is what a read brought, or what there is to tell (`saved /tmp/a.pdf`); `locator`
    replays the action; `expected` is what the element must hold now; `cause` and `evidence`
    say what failed. `dialog` is the type of a browser box that the action opened. All texts
    have secrets by name only.
    """

    model_config = ConfigDict(frozen=True)

    text: str = ""
    locator: str = ""
    expected: str | None = None
    cause: Cause | None = None
    evidence: str = ""
    dialog: str = ""


def parse_action(raw: dict[str, Any]) -> Action:
    """The action that a model's JSON means. Raises pydantic's ValidationError."""
    return _actions().validate_python(raw)


@cache
def _actions() -> TypeAdapter[Action]:
    models: Any = Union[tuple(tool.args for tool in REGISTRY.values())]  # noqa: UP007
    adapter: TypeAdapter[Action] = TypeAdapter(Annotated[models, Field(discriminator="action")])
    return adapter


async def perform(action: Action, hands: Hands) -> Outcome:
    """Take one action and wait until what it caused has arrived; see `Outcome`."""
    tool = REGISTRY[action.action]
    try:
        outcome = await _run(tool, action, hands)
    except ActionFailed as failed:
        outcome = Outcome(cause=failed.cause, evidence=failed.evidence)
    except (SecretMissing, PolicyRefused) as refused:
        outcome = Outcome(cause=Cause.BLOCKED_BY_POLICY, evidence=str(refused))
    except BrowserGone as gone:
        outcome = Outcome(cause=Cause.BROWSER_GONE, evidence=str(gone))
    except Error as error:
        outcome = await _explained(error, action, hands)
    return _redacted(outcome, hands)


async def _run(tool: Tool, action: Action, hands: Hands) -> Outcome:
    _check(tool, action, hands)
    session = hands.session
    if tool.effect == "talk":
        done = await tool.run(action, hands)
        return Outcome(text=done.text)
    session.activity.begin()
    if session.dialog is None:
        done = await _until_done_or_dialog(tool.run(action, hands), session)
    else:
        done = await tool.run(action, hands)
    if tool.name not in _STILL:
        await settle(session, quiet=not hands.quick, opens=done.opens)
    box = session.dialog
    return Outcome(
        text=done.text,
        locator=done.locator,
        expected=done.expected,
        dialog=box.type if box is not None else "",
    )


def _check(tool: Tool, action: Action, hands: Hands) -> None:
    """What can be said against an action without touching the page."""
    if hands.session.dialog is not None and tool.name != "dialog" and tool.effect != "talk":
        box = hands.session.dialog
        raise ActionFailed(Cause.DIALOG_OPEN, f"{box.type}: {clean(box.message)}".rstrip(": "))
    ref = getattr(action, "ref", None)
    if ref is None:
        return
    element = element_of(ref, hands.observation)
    if not fits(tool, element):
        raise ActionFailed(Cause.NOT_FOUND, f"{named(element)} is nothing to {tool.name}")


async def _until_done_or_dialog(running: Awaitable[Done], session: "Session") -> Done:
    """Run a tool until it is done, or until the page opens a box that holds everything up."""
    task = asyncio.ensure_future(running)
    try:
        async with asyncio.timeout(LIMIT_S):
            done = await session.unless_dialog(task)
    except TimeoutError as late:
        raise ActionFailed(Cause.TIMEOUT, f"did not finish within {LIMIT_S} s") from late
    except Error as error:
        if not landed(error):
            raise
        return Done()  # it was carried out; what came of it, the page shows
    if done:
        return task.result()
    task.cancel()  # what of the action was to come must not happen behind the model's back
    return Done()


async def _explained(error: Error, action: Action, hands: Hands) -> Outcome:
    element = hands.observation.element(getattr(action, "ref", None) or "")
    it = named(element) if element is not None else ""
    text = next((v for n in ("text", "option", "path") if (v := getattr(action, n, ""))), "")
    url = getattr(action, "url", "") or hands.observation.url
    cause, evidence = explain(error, it=it, text=text, url=url)
    if cause is Cause.BROWSER_GONE and evidence == GONE and hands.session.tabs():
        return Outcome(text="the tab closed")
    if cause is Cause.COVERED and element is not None:
        evidence = await _covered_by(element, hands) or evidence
    return Outcome(cause=cause, evidence=evidence)


async def _covered_by(element: Element, hands: Hands) -> str:
    """What is over an element that Playwright found covered, if it still is."""
    found = hands.found.get(element.ref)
    try:
        seen = await probe(found or locate(hands.session.page, element.target))
    except Error:
        return ""
    return covering(seen.by, hands.observation) if seen.state == "covered" else ""


def _redacted(outcome: Outcome, hands: Hands) -> Outcome:
    redact = hands.secrets.redact
    return outcome.model_copy(
        update={
            "text": redact(outcome.text),
            "locator": redact(outcome.locator),
            "expected": None if outcome.expected is None else redact(outcome.expected),
            "evidence": redact(outcome.evidence),
        }
    )
