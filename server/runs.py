"""All runs of this home: started, queued, steered and watched from outside of a terminal.

Each is a run like one of the command line's, in the same folder: the same graph, checkpoints
and rules. What is here only decides whose turn it is and passes the user's words on.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel

from agent.errors import RunNotFound, RunStorageFailed
from agent.folder import RunFolder, all_runs
from agent.run import resume
from agent.settings import RunSettings
from server.active import ActiveRun
from server.feed import Feed
from server.perimeter import Refused
from server.protocol import Answer, ResumeRun, RunDetail, RunInfo, RunList, StartRun
from server.run_info import detail_of, info_of
from server.shared_model import SharedModel
from server.tabs import Tabs, TabUnavailable
from server.turns import Turns
from server.workflows import new_run
from tasks.commands import given
from tasks.commands.carry_out import needs_bundled
from tasks.workflow.run import take_up
from tools.errors import BrowserGone

LIMIT = 4
"""Runs that work at once; each that has a browser of its own takes some hundred megabytes."""

MAX_QUEUED = 100
"""Runs of one client that wait."""

LOOK_SECONDS = 2.0
"""How often the folders are looked at for what other processes changed."""


class Defaults(BaseModel):
    """What the backend's own command line says about every run that is started here."""

    home: Path
    model_url: str = ""
    model_name: str = ""
    executable: str = ""


class Runs:
    """The runs. `watchers` are told of every change; `tabs` lends them the user's own tabs."""

    def __init__(self, defaults: Defaults, tabs: Tabs, limit: int = LIMIT) -> None:
        self.limit = limit
        self.watchers: set[Callable[[RunInfo], None]] = set()
        self.defaults = defaults
        self.home = defaults.home
        self._tabs = tabs
        self.model = SharedModel()
        self._active: dict[str, ActiveRun] = {}
        self._turns = Turns()
        self._feeds: dict[str, Feed] = {}
        self._lost: dict[tuple[str, int], str] = {}
        self._elsewhere: set[str] = set()
        self._closing = False

    # -- reading --------------------------------------------------------------------------------

    def folder(self, run: str) -> RunFolder:
        """The folder of a run. Raises RunNotFound."""
        return RunFolder.find(self.home, run)

    def info(self, run: str) -> RunInfo:
        """A run as a list shows it. Raises RunNotFound."""
        return self._info(self.folder(run))

    def detail(self, run: str) -> RunDetail:
        """A run with plan and usage. Raises RunNotFound."""
        folder = self.folder(run)
        return detail_of(self._info(folder), folder)

    async def newest(self, limit: int, before: str = "") -> RunList:
        """The stored runs, the newest first; those older than the run `before`."""
        records = await asyncio.to_thread(lambda: list(all_runs(self.home)))
        names = [record.run for record in records]
        if before:
            names = names[names.index(before) + 1 :] if before in names else []
        return RunList(runs=[self.info(run) for run in names[:limit]], more=len(names) > limit)

    def feed(self, run: str) -> Feed:
        """What the run tells. Raises RunNotFound."""
        folder = self.folder(run)
        for name in [n for n, f in self._feeds.items() if not f.followed]:
            if name not in self._active:
                del self._feeds[name]
        return self._feeds.setdefault(run, Feed(folder.events))

    # -- starting -------------------------------------------------------------------------------

    def start(self, asked: StartRun, pairing: str) -> RunInfo:
        """Store a run and put it into the queue. Raises Refused, RunStorageFailed."""
        self._admit(pairing, asked.tab)
        if bool(asked.task.strip()) == bool(asked.workflow):
            raise Refused(422, "BadValue", "Give either a task or the name of a workflow.")
        settings = self._settings(asked)
        if asked.workflow:
            folder = new_run(self.home, asked.workflow, asked.inputs, settings)
        else:
            folder = RunFolder.create(settings)
        return self._enqueue(folder, pairing, asked.tab)

    def resume(self, run: str, asked: ResumeRun, pairing: str) -> RunInfo:
        """Let a held run go on, or put a stored one into the queue. Raises Refused."""
        folder = self.folder(run)
        if active := self._active.get(run):
            active.release()
            return self.info(run)
        info = self.info(run)
        if info.elsewhere:
            raise _elsewhere(run)
        record = folder.load()
        if record.settings.workflow and record.settings.workflow.table:
            table = f"`secondlook workflow run --resume {run}` goes on with it."
            raise Refused(409, "NotResumable", f"The run is one of a table: {table}")
        if not info.resumable:
            raise Refused(409, "NotResumable", f"The run is {info.state}: nothing is left to do.")
        if info.needs_tab and asked.tab is None and not asked.own_browser:
            raise Refused(
                409,
                "NeedsTab",
                "The run works in a tab of your Chrome: resume it in the side panel beside that "
                "tab, or let it go on in a browser of its own.",
            )
        self._admit(pairing, asked.tab)
        browser = record.settings.browser.model_copy(update={"tab": asked.tab})
        settings = record.settings.model_copy(update={"browser": browser})
        folder.save(record.model_copy(update={"settings": settings}))
        return self._enqueue(folder, pairing, asked.tab)

    def _admit(self, pairing: str, tab: int | None) -> None:
        """Raises Refused where no further run can be taken."""
        if self._closing:
            raise Refused(503, "ShuttingDown", "The backend is shutting down: start it again.")
        if self._turns.of(pairing) >= MAX_QUEUED:
            told = f"{MAX_QUEUED} of your runs wait already: stop some."
            raise Refused(429, "QueueFull", told, 10)
        if tab is None:
            return
        for active in self._active.values():
            if active.lent == (pairing, tab):
                raise Refused(
                    409,
                    "TabInUse",
                    f"The run {active.folder.run} works in this tab: wait for it, or stop it.",
                )

    def _settings(self, asked: StartRun) -> RunSettings:
        limits = asked.limits
        try:
            return given.settings(
                task=asked.task or asked.workflow,
                url=asked.url,
                model_url=self.defaults.model_url,
                model_name=self.defaults.model_name,
                allow=asked.allow,
                yes=asked.yes,
                secrets=asked.secrets,
                limits=given.limits(limits.steps, limits.seconds, limits.tokens),
                browser=given.browser(
                    asked.headed, "", None, None, self.defaults.executable
                ).model_copy(update={"tab": asked.tab}),
                home=self.home,
            )
        except typer.BadParameter as error:
            raise Refused(422, "BadValue", error.message) from error

    # -- steering -------------------------------------------------------------------------------

    def answer(self, run: str, answer: Answer) -> RunInfo:
        """Give the user's answer to a run that waits for it. Raises Refused, RunNotFound."""
        self._at_work(run).take(answer)
        return self.info(run)

    def pause(self, run: str) -> RunInfo:
        """Hold a run. Raises Refused, RunNotFound."""
        self._at_work(run).hold("paused")
        return self.info(run)

    def take_over(self, run: str) -> RunInfo:
        """Hold a run so that the user can act in its tab. Raises Refused, RunNotFound."""
        active = self._at_work(run)
        browser = active.folder.load().settings.browser
        if browser.tab is None and not browser.headed:
            raise Refused(
                409, "NotVisible", "The run's browser shows no window that you could act in."
            )
        active.hold("taken_over")
        return self.info(run)

    def hand_back(self, run: str) -> RunInfo:
        """Let the agent look anew and go on. Raises Refused, RunNotFound."""
        active = self._at_work(run)
        if active.gate.held != "taken_over":
            raise Refused(409, "NotTakenOver", "Nobody has taken this run over.")
        active.release()
        return self.info(run)

    def stop(self, run: str) -> RunInfo:
        """Stop a run where it can be resumed. Raises Refused, RunNotFound."""
        active = self._at_work(run)
        if self._turns.place(active):
            self._take_out(active, "It was stopped before its turn came.")
        else:
            active.stop()
        return self.info(run)

    def touched(self, pairing: str, tab: int) -> None:
        """The user acts in a lent tab: the run waits until it is handed back."""
        for active in self._active.values():
            if active.lent == (pairing, tab) and active.state == "running":
                active.hold("taken_over")

    def offered(self, pairing: str, tabs: Sequence[int]) -> None:
        """Tabs that were lost are back: the runs that worked in them go on."""
        for lent in ((pairing, tab) for tab in tabs):
            for active in self._active.values():
                if active.lent == lent:
                    active.tab_is_back = True  # before the run has noticed that it was gone
            if run := self._lost.pop(lent, None):
                self._go_on(run, lent)

    def _go_on(self, run: str, lent: tuple[str, int]) -> None:
        pairing, tab = lent
        with suppress(Refused, RunNotFound, RunStorageFailed):  # it was resumed, or is done
            self.resume(run, ResumeRun(tab=tab), pairing)

    def _at_work(self, run: str) -> ActiveRun:
        """The run, if this process works on it or will. Raises Refused, RunNotFound."""
        if active := self._active.get(run):
            return active
        info = self.info(run)
        if info.elsewhere:
            raise _elsewhere(run)
        raise Refused(409, "NotRunning", f"The run is {info.state}: resume it first.")

    # -- the queue ------------------------------------------------------------------------------

    def _enqueue(self, folder: RunFolder, pairing: str, tab: int | None) -> RunInfo:
        run = folder.run
        lent = (pairing, tab) if tab is not None else None
        if lent:
            self._lost.pop(lent, None)
        active = ActiveRun(folder, self.feed(run), pairing, lent, lambda: self._changed(folder))
        self._active[run] = active
        self._turns.add(active)
        self._next()
        return self.info(run)

    def _next(self) -> None:
        """Begin those whose turn has come, and tell the others their new places."""
        working = len(self._active) - len(self._turns.waiting)
        for active in self._turns.take(self.limit - working):
            active.begin(asyncio.create_task(self._work(active)))
        for active in self._turns.waiting:
            self._changed(active.folder)

    def _take_out(self, active: ActiveRun, why: str) -> None:
        self._turns.remove(active)
        active.stopped(why)
        self._end(active)

    def _end(self, active: ActiveRun) -> None:
        del self._active[active.folder.run]
        self._changed(active.folder)
        if not self._closing:
            self._next()

    async def _work(self, active: ActiveRun) -> None:
        """Work on a run until it ends or stops; why it stopped stands in its record."""
        lost: tuple[str, int] | None = None
        try:
            await self._carry_out(active)
        except asyncio.CancelledError:
            active.stopped("The run was stopped.")
        except Exception as error:  # noqa: BLE001  the edge: everything becomes a sentence here
            lost = active.lent if isinstance(error, BrowserGone | TabUnavailable) else None
            if lost:
                self._lost[lost] = active.folder.run
            active.failed(error)
        finally:
            self._end(active)
        if lost and active.tab_is_back:
            self.offered(lost[0], [lost[1]])

    async def _carry_out(self, active: ActiveRun) -> None:
        folder = active.folder
        settings = folder.load().settings
        bundled = needs_bundled(settings)
        async with AsyncExitStack() as stack:
            cdp_url = ""
            if active.lent:
                cdp_url = await stack.enter_async_context(self._tabs.lend(*active.lent))
            here: dict[str, Any] = {"cdp_url": cdp_url, "gate": active.gate}
            if settings.workflow:
                serve = self.model.lent if bundled else None
                await take_up(folder, active.feed.tell, active, serve=serve, **here)
                return
            if bundled:
                model = await stack.enter_async_context(self.model.lent())
                here["model_url"] = model.url
            await resume(folder.run, self.home, active.feed.tell, active, **here)

    def _changed(self, folder: RunFolder) -> None:
        """Tell the watchers where a run stands now, and its tab whose it is."""
        active = self._active.get(folder.run)
        if active and active.lent:
            self._tabs.mark(*active.lent, acting=active.state == "running")
        self._tell(self._info(folder))

    def _tell(self, info: RunInfo) -> None:
        for watcher in list(self.watchers):
            watcher(info)

    def _info(self, folder: RunFolder) -> RunInfo:
        active = self._active.get(folder.run)
        place = self._turns.place(active) if active else 0
        info = info_of(folder, folder.load(), active, place)
        (self._elsewhere.add if info.elsewhere else self._elsewhere.discard)(folder.run)
        return info

    # -- the life of the backend ----------------------------------------------------------------

    async def look_elsewhere(self) -> None:
        """Tell the watchers, for ever, of runs that other processes start, work on and end."""
        before = await asyncio.to_thread(self._stamps)
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = await asyncio.to_thread(self._stamps)
            written = {run for run, stamp in now.items() if before.get(run) != stamp}
            for run in (written | self._elsewhere) - self._active.keys():
                with suppress(RunNotFound, RunStorageFailed):
                    was, info = run in self._elsewhere, self.info(run)
                    if run in written or was != info.elsewhere:
                        self._tell(info)
            before = now

    def _stamps(self) -> dict[str, int]:
        """When each run's record was written last."""
        stamps = {}
        for record in self.home.glob("runs/*/run.json"):
            with suppress(OSError):
                stamps[record.parent.name] = record.stat().st_mtime_ns
        return stamps

    async def close(self) -> None:
        """Stop all runs where they can be resumed, and the model."""
        self._closing = True
        for active in self._turns.waiting:
            self._take_out(active, "The backend was shut down before its turn came.")
        stops = [active.stop() for active in self._active.values()]
        await asyncio.gather(*stops)
        await self.model.close()


def _elsewhere(run: str) -> Refused:
    return Refused(
        409,
        "GoingOnElsewhere",
        f"The run {run} is going on in another process, such as a terminal: steer it there.",
    )
