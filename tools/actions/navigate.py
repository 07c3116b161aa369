"""Loading documents: by address, and through the tab's history."""

import re
from http import HTTPStatus
from typing import Literal
from urllib.parse import urljoin

from playwright.async_api import Error, Page, Response
from pydantic import Field

from tools.causes import Cause
from tools.failures import ActionFailed
from tools.hands import Hands
from tools.observation import clean
from tools.record import Action, Done, tool


class Navigate(Action):
    """Open an address in this tab."""

    action: Literal["navigate"] = "navigate"
    url: str = Field(min_length=1, description="the address")


class Back(Action):
    """Go back to the previous page."""

    action: Literal["back"] = "back"


class Forward(Action):
    """Go forward again after going back."""

    action: Literal["forward"] = "forward"


LOAD_MS = 30_000
"""How long a site may take to send its document."""

_LOCAL = re.compile(r"^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?(?:/|$)", re.IGNORECASE)
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)
_HOST = re.compile(r"^[^\s/?#]+\.[^\s/?#]+|^[^\s/?#]+:\d+")


@tool(effect="navigate")
async def navigate(args: Navigate, hands: Hands) -> Done:
    """Load the document in the current tab and wait until it is parsed."""
    page = hands.session.page
    url = absolute(args.url, page.url)
    return Done(text=await load(page, url, hands))


@tool(effect="navigate")
async def back(args: Back, hands: Hands) -> Done:
    """One step back in the tab's history."""
    await _move(hands, -1)
    return Done()


@tool(effect="navigate")
async def forward(args: Forward, hands: Hands) -> Done:
    """One step forward in the tab's history."""
    await _move(hands, 1)
    return Done()


async def load(page: Page, url: str, hands: Hands) -> str:
    """Load an allowed address; what there is to tell of the answer.

    Raises ActionFailed(blocked_by_policy), and playwright's errors for what cannot be loaded.
    """
    if reason := hands.policy.check_url(url):
        raise ActionFailed(Cause.BLOCKED_BY_POLICY, reason)
    try:
        response = await page.goto(url, wait_until="domcontentloaded", timeout=LOAD_MS)
    except Error as error:
        if "Download is starting" not in str(error):
            raise
        return "the address is a file, which is being downloaded"
    if response is not None and response.status >= 400:
        return f"answered {response.status} {_phrase(response)}".strip()
    return ""


def absolute(address: str, here: str) -> str:
    """The full address that is meant: `example.com`, `localhost:8000/a`, `/cart`, `?page=2`."""
    said = address.strip()
    if _LOCAL.match(said):
        return f"http://{said}"
    if _SCHEME.match(said):
        return said
    if said.startswith(("/", "?", "#", ".")) and here.startswith("http"):
        return urljoin(here, said)
    if _HOST.match(said) or not here.startswith("http"):
        return f"https://{said}"
    return urljoin(here, said)


def _phrase(response: Response) -> str:
    try:
        return clean(response.status_text) or HTTPStatus(response.status).phrase
    except ValueError:  # a status that is nobody's
        return ""


async def _move(hands: Hands, step: int) -> None:
    """Go through the history, if there is a page on that side."""
    page = hands.session.page
    client = await page.context.new_cdp_session(page)
    try:
        history = await client.send("Page.getNavigationHistory")
    finally:
        await client.detach()
    index = history["currentIndex"] + step
    entries = history["entries"]
    if not 0 <= index < len(entries) or (step < 0 and entries[index]["url"] == "about:blank"):
        side = "back" if step < 0 else "forward"
        raise ActionFailed(Cause.NO_EFFECT, f"no page to go {side} to")
    if reason := hands.policy.check_url(entries[index]["url"]):
        raise ActionFailed(Cause.BLOCKED_BY_POLICY, reason)
    turn = page.go_back if step < 0 else page.go_forward
    await turn(wait_until="domcontentloaded", timeout=LOAD_MS)
