"""`secondlook serve` as a process: killed, stopped by a signal, started again."""

import asyncio
import contextlib
import re
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from tests.agent.sensible import sensible
from tests.agent.shop import Shop
from tests.scripted_model import ScriptedModel
from tests.server.panel import SECONDS, Panel
from tests.server.test_app_runs import ORDERED, begin
from tests.tasks.command import COMMAND, environment, secondlook


class Process:
    """A backend in a process of its own, with what it has printed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.printed = ""

    async def read_until(self, pattern: str) -> str:
        """Read its output up to a line with this; its first group."""
        assert self.process.stdout is not None
        while not (found := re.search(pattern, self.printed)):
            async with asyncio.timeout(SECONDS):
                line = await self.process.stdout.readline()
            assert line, f"never printed {pattern}: {self.printed}"
            self.printed += line.decode()
        return found[1]

    async def ended(self, number: signal.Signals) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(number)
        async with asyncio.timeout(SECONDS):
            out, _ = await self.process.communicate()
        self.printed += out.decode()
        assert self.process.returncode is not None
        return self.process.returncode


@contextlib.asynccontextmanager
async def serving(
    home: Path, model: ScriptedModel | None, token: str = "", options: Sequence[str] = ()
) -> AsyncIterator[tuple[Panel, Process]]:
    asked = ("--model-url", model.url) if model else ()
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *("serve", "--port", "0", "--home", str(home), *asked, *options),
        stdout=asyncio.subprocess.PIPE,
        stderr=sys.stderr,
        env=environment(),
    )
    backend = Process(process)
    try:
        panel = Panel(await backend.read_until(r"answers at (http://\S+) on"), token)
        if not token:
            await panel.pair(await backend.read_until(r"Pairing code: (\S+)"))
        yield panel, backend
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("moment", ["verdict:Ann", "action:Place order"])
async def test_killed_in_mid_run_it_goes_on_and_orders_once(tmp_path: Path, moment: str) -> None:
    kind, _, said = moment.partition(":")
    with Shop(slow=1) as shop, ScriptedModel(sensible()) as model:
        async with serving(tmp_path, model) as (panel, backend), panel.stream() as stream:
            run = await begin(panel, shop, yes=True)
            await stream.say(kind="watch", run=run)
            last = (await stream.event(kind, said))["number"]
            assert await backend.ended(signal.SIGKILL) == -signal.SIGKILL

        async with serving(tmp_path, model, panel.token) as (again, backend):
            async with again.stream() as stream:
                info = await stream.until(run, "interrupted")
                assert info["resumable"]
                await stream.say(kind="watch", run=run, after=last)
                await again.post(f"/api/runs/{run}/resume")
                assert (await stream.event("started"))["event"]["resumed"]
                await stream.until(run, "done")
            assert shop.orders == ORDERED
            assert await backend.ended(signal.SIGTERM) == 130


async def test_a_signal_stops_runs_where_they_can_be_resumed(tmp_path: Path) -> None:
    """The order that is under way is finished and judged before the process ends."""
    with Shop(slow=1) as shop, ScriptedModel(sensible()) as model:
        async with serving(tmp_path, model) as (panel, backend), panel.stream() as stream:
            run = await begin(panel, shop, yes=True)
            await stream.say(kind="watch", run=run)
            await stream.event("action", "Place order")
            assert await backend.ended(signal.SIGINT) == 130
            assert "can be resumed" in backend.printed
        assert shop.orders == ORDERED
        shown = await asyncio.to_thread(secondlook, "show", run, "--home", tmp_path)
        assert "Step 5 done" in shown.out
        ended = await asyncio.to_thread(secondlook, "resume", run, "--home", tmp_path, "--yes")
        assert ended.code == 0, ended.err
        assert shop.orders == ORDERED


async def test_forgetting_works_while_it_serves(tmp_path: Path) -> None:
    with ScriptedModel(sensible()) as model:
        async with serving(tmp_path, model) as (panel, _):
            forgot = await asyncio.to_thread(secondlook, "serve", "--forget", "--home", tmp_path)
            assert (forgot.code, forgot.out) == (0, "1 paired client has to pair again.\n")
            assert (await panel.call("GET", "/api/runs")).status_code == 401
            taken = panel.url.rpartition(":")[2]
            other = await asyncio.to_thread(secondlook, "serve", "--port", taken)
            assert other.code == 2
            assert "--port" in other.err
