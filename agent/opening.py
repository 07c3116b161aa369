"""What a run needs to be opened: model, browser, rules, listeners; closed again at the end."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agent.approve import Approver
from agent.chats import Chats
from agent.eventlog import EventLog
from agent.events import Listener
from agent.folder import RunFolder
from agent.gate import Gate
from agent.journal import Journal
from agent.live import Live
from agent.model.client import Model, open_model
from agent.settings import RunSettings
from agent.state import RunState
from tools.browser import BrowserOptions, open_session
from tools.policy import Policy
from tools.secrets import Secrets

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext

AskSecret = Callable[[str], str]
"""Asks for the value of a named secret; "" if nobody gives one."""


@dataclass(frozen=True)
class Given:
    """What the process that works on a run gives it, none of which is stored.

    `model_url` is where the model answers if the settings name no endpoint, `cdp_url` where the
    tab answers that was lent to the run. `browser` is one that is open already, in which the run
    gets a window of its own, or such a window, in which it works as it stands.
    """

    listener: Listener
    approver: Approver | None = None
    ask_secret: AskSecret | None = None
    model_url: str = ""
    cdp_url: str = ""
    gate: Gate = field(default_factory=Gate)
    browser: "Browser | BrowserContext | None" = None


def settings_here(settings: RunSettings, given: Given) -> RunSettings:
    """The settings with where model and browser answer in this process."""
    changes: dict[str, Any] = {}
    if given.model_url and not settings.model_url:
        changes["model_url"] = given.model_url
    if given.cdp_url:
        changes["browser"] = settings.browser.model_copy(update={"cdp_url": given.cdp_url})
    return settings.model_copy(update=changes)


@asynccontextmanager
async def opened(
    folder: RunFolder,
    settings: RunSettings,
    given: Given,
    before: RunState | None,
    model: Model | None = None,
) -> AsyncIterator[Live]:
    """Model, browser, rules and listeners of a run, closed again at the end.

    `model` is taken in the place of the one that the settings name.
    """
    secrets = Secrets.load(settings.secrets, settings.url, given.ask_secret)
    async with AsyncExitStack() as stack:
        emit = stack.enter_context(EventLog(folder, secrets, given.listener))
        if model is None:
            model = await stack.enter_async_context(open_model(settings, emit))
        policy = Policy(
            settings.allow,
            settings.url,
            settings.yes,
            task=settings.task,
            granted=before.granted if before else (),
            secrets=secrets,
        )
        session = await stack.enter_async_context(
            open_session(
                _browser(folder, settings, before),
                secrets.redact if secrets.names else None,
                given.browser,
            )
        )
        live = Live(
            session=session,
            model=model,
            policy=policy,
            secrets=secrets,
            settings=settings,
            folder=folder,
            journal=Journal(folder.journal, secrets.redact),
            emit=emit,
            clock=time.monotonic,
            gate=given.gate,
            chats=Chats(folder.chats, secrets.redact) if settings.chats else None,
        )
        shared = settings.browser.cdp_url and settings.browser.tab is None
        tabs = session.tabs if shared else None
        enforcement = await policy.install(session.context, live.on_refused, tabs=tabs)
        stack.push_async_callback(enforcement.stop)
        live.journal.follow(session)
        yield live


def _browser(folder: RunFolder, settings: RunSettings, before: RunState | None) -> BrowserOptions:
    """The browser of the run; one taken up again begins with the cookies it had."""
    changes: dict[str, Any] = {}
    if settings.trace:
        changes["trace"] = folder.path / f"trace{_number(folder)}.zip"
    if settings.browser.downloads is None:
        changes["downloads"] = folder.downloads
    keeps_its_own = settings.browser.cdp_url or settings.browser.profile
    if before and folder.storage.exists() and not keeps_its_own:
        changes["storage_state"] = folder.storage
    return settings.browser.model_copy(update=changes)


def _number(folder: RunFolder) -> str:
    """ "" for the first trace of a run, then "-2", "-3": a resumed run keeps the earlier ones."""
    opened = folder.load().opened
    return f"-{opened}" if opened > 1 else ""
