"""The tabs of one lending, presented to Playwright as a browser that has no others.

Playwright attaches over CDP as to any browser. What it says to a tab, a frame or a worker goes
to the extension; what it says to the browser is answered here, from the lent tabs alone:
there are no targets but these, no cookies, no windows, no settings.
"""

import asyncio
import itertools
import re
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

from pydantic import BaseModel, Field

from server.cdp_pauses import NotPaused, Params, Pauses, Place
from server.open_sites import NOT_PUBLIC, PUBLIC, expression
from server.tab_link import Link, LinkLost, Refused
from server.tab_protocol import (
    Arrived,
    Blocked,
    CloseTab,
    Command,
    Event,
    Followed,
    Gone,
    OpenSites,
    OpenTab,
)
from tools.sites import SitePattern

NOT_FOUND = -32601
_BLOCKED = "blocked/"
_FRAMES = "Page.getFrameTree"
"""Playwright listens to a page only once it knows its frames. Chrome tells both in this order,
the extension's answers and events may overtake each other: events wait for this answer."""


class Message(BaseModel):
    """A command of Playwright's. `sessionId` is "" for the browser's own session."""

    id: int
    method: str
    params: Params = Field(default_factory=dict)
    sessionId: str = ""


class Failed(Exception):
    """A command that is answered with an error; `code` is CDP's."""

    def __init__(self, message: str, code: int = -32000) -> None:
        super().__init__(message)
        self.code = code


class TabBrowser:
    """A browser of lent tabs. `say` sends a CDP message to Playwright."""

    def __init__(self, link: Link, root: int, say: Callable[[Params], None]) -> None:
        self._link = link
        self._root = root
        self._say = say
        self._numbers = itertools.count(1)
        self._infos: dict[int, Params] = {}
        self._children: dict[Place, Params] = {}
        self._sessions: dict[str, Place] = {}
        self._browser_sessions: set[str] = set()
        self._rule_session = ""
        self._announcing = False
        self._loading: set[int] = set()
        """Tabs that have nothing to show yet: Playwright hears of them when they have."""
        self._blocked: set[int] = set()
        """Tabs that show Chrome's page about a request that was not let out."""
        self._downloads: Path | None = None
        self._kept: dict[Place, list[tuple[str, Params]]] = {}
        self._pauses = Pauses(self._command, self._tell, self._tell_rule)
        self._answers: dict[str, Callable[[Message], Awaitable[Params]]] = {
            "Browser.getVersion": self._version,
            "Browser.setDownloadBehavior": self._set_downloads,
            "Target.setAutoAttach": self._announce_all,
            "Target.getTargets": self._targets,
            "Target.getTargetInfo": self._target,
            "Target.attachToBrowserTarget": self._attach_to_browser,
            "Target.attachToTarget": self._attach,
            "Target.detachFromTarget": self._detach,
            "Target.createTarget": self._open,
            "Target.closeTarget": self._close,
            "Fetch.enable": self._enable_rule,
            "Fetch.disable": self._disable_rule,
            "Fetch.continueRequest": self._ruled,
            "Fetch.failRequest": self._ruled,
            "Fetch.fulfillRequest": self._ruled,
            "Secondlook.setOpenSites": self._open_sites,
        }

    # -- what Playwright says --------------------------------------------------------------

    async def obey(self, message: Message) -> None:
        """Do what a command says and answer it."""
        answer: Params = {"id": message.id}
        if message.sessionId:
            answer["sessionId"] = message.sessionId
        try:
            answer["result"] = await self._result(message)
        except (Failed, Refused) as failed:
            answer["error"] = {"code": failed.code, "message": str(failed)}
        except NotPaused as failed:
            answer["error"] = {"code": -32602, "message": str(failed)}
        except LinkLost as lost:
            answer["error"] = {"code": -32000, "message": str(lost)}
        self._say(answer)
        if message.method == _FRAMES:
            self._tell_kept(self._sessions.get(message.sessionId))

    async def _result(self, message: Message) -> Params:
        session, method = message.sessionId, message.method
        if not session or session in self._browser_sessions:
            known = self._answers.get(method)
            if known is None:
                raise Failed(f"'{method}' wasn't found", NOT_FOUND)
            return await known(message)
        place = self._sessions.get(session)
        if place is None:
            raise Failed("Session with given id not found.", -32001)
        if method.startswith("Fetch."):
            return await self._fetch(place, message)
        if method == _FRAMES:
            self._kept.setdefault(place, [])
        return await self._command(place, method, message.params)

    async def _fetch(self, place: Place, message: Message) -> Params:
        if message.method == "Fetch.enable":
            return await self._pauses.route(place, message.params)
        if message.method == "Fetch.disable":
            return await self._pauses.route(place, None)
        sent = self._pauses.routed(place, message.method, message.params)
        return await sent if sent is not None else {}

    async def _version(self, message: Message) -> Params:
        product = re.search(r"(?:Chrome|Chromium)/[\d.]+", self._link.user_agent)
        return {
            "protocolVersion": "1.3",
            "product": product[0] if product else "Chrome/0",
            "revision": "",
            "userAgent": self._link.user_agent,
            "jsVersion": "",
        }

    async def _set_downloads(self, message: Message) -> Params:
        folder = message.params.get("downloadPath")
        self._downloads = Path(folder) if folder else None
        return {}

    async def _announce_all(self, message: Message) -> Params:
        self._announcing = True
        for tab in self._infos.keys() - self._loading:
            self._announce(tab)
        return {}

    async def _targets(self, message: Message) -> Params:
        return {"targetInfos": [*self._infos.values(), *self._children.values()]}

    async def _target(self, message: Message) -> Params:
        wanted = message.params.get("targetId")
        if wanted is None:
            return {
                "targetInfo": {"targetId": "browser", "type": "browser", "title": "", "url": ""}
            }
        for tab, info in self._infos.items():
            if info["targetId"] == wanted:
                fresh = await self._command((tab, ""), "Target.getTargetInfo", {})
                shown = {"url": ""} if tab in self._loading | self._blocked else {}
                return {"targetInfo": {**fresh["targetInfo"], **shown}}
        for info in self._children.values():
            if info["targetId"] == wanted:
                return {"targetInfo": info}
        raise Failed("No target with given id found", -32602)

    async def _attach_to_browser(self, message: Message) -> Params:
        session = f"browser-{next(self._numbers)}"
        self._browser_sessions.add(session)
        return {"sessionId": session}

    async def _attach(self, message: Message) -> Params:
        session = f"also-{next(self._numbers)}"
        self._sessions[session] = (self._tab(message), "")
        return {"sessionId": session}

    async def _detach(self, message: Message) -> Params:
        session = str(message.params.get("sessionId"))
        if session == self._rule_session:
            self._rule_session = ""
            await asyncio.gather(*self._pauses.rule(None))
        self._browser_sessions.discard(session)
        self._sessions.pop(session, None)
        return {}

    async def _open(self, message: Message) -> Params:
        opened = await self._link.ask(OpenTab(root=self._root))
        return {"targetId": self._infos[opened["tab"]]["targetId"]}

    async def _close(self, message: Message) -> Params:
        tab = self._tab(message)
        await self._link.ask(CloseTab(root=self._root, tab=tab))
        self._gone(tab)
        return {"success": True}

    async def _enable_rule(self, message: Message) -> Params:
        self._rule_session = message.sessionId
        await asyncio.gather(*self._pauses.rule(message.params.get("patterns", [])))
        return {}

    async def _disable_rule(self, message: Message) -> Params:
        await asyncio.gather(*self._pauses.rule(None))
        return {}

    async def _ruled(self, message: Message) -> Params:
        request = str(message.params.get("requestId"))
        if request.startswith(_BLOCKED):
            tab, _, url = request.removeprefix(_BLOCKED).partition("/")
            if message.method == "Fetch.continueRequest":
                self._blocked.discard(int(tab))
                await self._command((int(tab), ""), "Page.navigate", {"url": url})
            return {}
        return await self._pauses.ruled(message.method, message.params)

    async def _open_sites(self, message: Message) -> Params:
        allowed = [expression(SitePattern.parse(text)) for text in message.params["sites"]]
        refused = [NOT_PUBLIC] if PUBLIC in allowed else []
        return await self._link.ask(OpenSites(root=self._root, allowed=allowed, refused=refused))

    # -- what the extension tells ----------------------------------------------------------

    def hear(self, told: Event | Followed | Arrived | Blocked | Gone) -> None:
        """Pass on what happened in one of the tabs."""
        match told:
            case Event() if told.tab in self._infos:
                self._event((told.tab, told.session), told.method, told.params)
            case Followed() if told.tab not in self._infos:
                self._add(told.tab, told.info)
                if told.loading:
                    self._loading.add(told.tab)
                else:
                    self._announce(told.tab)
            case Arrived() if told.tab in self._loading:
                self._loading.discard(told.tab)
                self._announce(told.tab)
            case Blocked() if told.tab in self._infos:
                self._first_blocked(told)
            case Gone():
                self._gone(told.tab)

    def _event(self, place: Place, method: str, params: Params) -> None:
        match method:
            case "Fetch.requestPaused" | "Fetch.authRequired":
                self._pauses.paused(place, method, params)
            case "Page.downloadWillBegin":
                self._say({"method": "Browser.downloadWillBegin", "params": params})
            case "Page.downloadProgress":
                self._download(params)
            case "Target.attachedToTarget":
                child = (place[0], str(params["sessionId"]))
                self._children[child] = params["targetInfo"]
                self._sessions[child[1]] = child
                self._pauses.add(child)
                self._tell(place, method, params)
            case "Target.detachedFromTarget":
                self._tell(place, method, params)
                self._forget((place[0], str(params["sessionId"])))
            case _:
                self._tell(place, method, params)

    def _first_blocked(self, told: Blocked) -> None:
        """Ask the rule about a request that never left, as if it were paused."""
        if not self._rule_session:
            self._command((told.tab, ""), "Page.navigate", {"url": told.url})
            return
        self._blocked.add(told.tab)
        params: Params = {
            "requestId": f"{_BLOCKED}{told.tab}/{told.url}",
            "request": {"url": told.url, "method": "GET", "headers": {}},
            "frameId": self._infos[told.tab]["targetId"],
            "resourceType": "Document",
        }
        if told.redirected:
            params["redirectedRequestId"] = params["requestId"]
        self._tell_rule(params)

    def _gone(self, tab: int) -> None:
        info = self._infos.pop(tab, None)
        if info is None:
            return
        if tab not in self._loading:
            params = {"sessionId": _session(tab), "targetId": info["targetId"]}
            self._say({"method": "Target.detachedFromTarget", "params": params})
        self._loading.discard(tab)
        self._blocked.discard(tab)
        for place in [place for place in self._sessions.values() if place[0] == tab]:
            self._forget(place)

    def _download(self, params: Params) -> None:
        """Put a finished file where Playwright looks for it: Chrome saved it for the user."""
        saved = params.get("filePath", "")
        if params.get("state") == "completed" and self._downloads and saved:
            self._downloads.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(saved, self._downloads / params["guid"])
        self._say({"method": "Browser.downloadProgress", "params": params})

    # -- sessions --------------------------------------------------------------------------

    def _add(self, tab: int, info: Params) -> None:
        self._infos[tab] = info
        self._sessions[_session(tab)] = (tab, "")
        self._pauses.add((tab, ""))

    def _announce(self, tab: int) -> None:
        if not self._announcing:
            return
        params = {
            "sessionId": _session(tab),
            "targetInfo": {**self._infos[tab], "attached": True},
            "waitingForDebugger": False,
        }
        self._say({"method": "Target.attachedToTarget", "params": params})

    def _forget(self, place: Place) -> None:
        self._pauses.remove(place)
        self._kept.pop(place, None)
        self._children.pop(place, None)
        self._sessions = {name: at for name, at in self._sessions.items() if at != place}

    def _tab(self, message: Message) -> int:
        wanted = message.params.get("targetId")
        for tab, info in self._infos.items():
            if info["targetId"] == wanted:
                return tab
        raise Failed("No target with given id found", -32602)

    def _tell_kept(self, place: Place | None) -> None:
        if place is not None:
            for method, params in self._kept.pop(place, []):
                self._tell(place, method, params)

    def _tell(self, place: Place, method: str, params: Params) -> None:
        if place in self._kept:
            self._kept[place].append((method, params))
            return
        for session, at in self._sessions.items():
            if at == place:
                self._say({"sessionId": session, "method": method, "params": params})

    def _tell_rule(self, params: Params) -> None:
        message = {"method": "Fetch.requestPaused", "params": params}
        self._say({"sessionId": self._rule_session, **message})

    def _command(self, place: Place, method: str, params: Params) -> "asyncio.Future[Params]":
        tab, session = place
        return self._link.ask(
            Command(root=self._root, tab=tab, session=session, method=method, params=params)
        )


def _session(tab: int) -> str:
    return f"tab-{tab}"
