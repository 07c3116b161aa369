"""Many runs at once in one backend: that none of them mixes with another, and what they take.

    python -m tests.server.many_runs [RUNS] [AT_ONCE]        # 20 20

Each run orders at a shop of its own for a guest of its own, from a model that answers by script.
Memory is the proportional share (PSS) of the backend's process with all that it started.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.agent.sensible import sensible
from tests.agent.shop import Shop
from tests.scripted_model import Json, Reply, ScriptedModel
from tests.server.panel import Panel, StreamClient
from tests.server.test_app_process import serving


def guest(number: int) -> str:
    """A name that no other guest's name contains."""
    return f"Guest{number:03}x"


def everyone() -> Callable[[Json], Reply]:
    """A script that orders for the guest whom the task names."""

    def reply(request: Json) -> Reply:
        text = str(request["messages"])
        name = text[text.index("for Guest") + 4 :][:9]
        fields = [f'fill "Name" with "{name}"', 'fill "Street" with "Hill 1"']
        steps = ['click "Add Funghi"', 'click "Checkout"', *fields, 'click "Place order"']
        return sensible(steps)(request)

    return reply


def family(process: int) -> Iterator[int]:
    """A process and all that it started, by their ids."""
    yield process
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        for child in task.read_text().split():
            yield from family(int(child))


def memory(process: int) -> float:
    """Megabytes that a process and all that it started take."""
    total = 0
    for each in family(process):
        try:
            rollup = Path(f"/proc/{each}/smaps_rollup").read_text()
        except OSError:
            continue  # it has ended meanwhile
        total += int(next(line for line in rollup.splitlines() if line[:4] == "Pss:").split()[1])
    return total / 1024


async def order_all(panel: Panel, stream: StreamClient, shops: dict[str, Shop]) -> None:
    """Start all orders, and see that nothing told of one names another's guest."""
    runs: dict[str, str] = {}
    for name, shop in shops.items():
        asked = {"task": f"Order a Funghi pizza for {name}", "url": shop.url, "yes": True}
        run = (await panel.post("/api/runs", asked))["run"]
        runs[run] = name
        await stream.say(kind="watch", run=run)
    left = set(runs)
    while left:
        message = await stream.next()
        if message["kind"] == "run":
            info = message["run"]
            assert info["state"] not in ("failed", "stopped", "interrupted"), info
            left -= {info["run"]} if info["state"] == "done" else set()
        elif message["kind"] == "event":
            others = shops.keys() - {runs[message["run"]]}
            told = str(message["event"])
            assert not any(other in told for other in others), message
    for name, shop in shops.items():
        assert shop.orders == [{"pizzas": ["Funghi"], "name": name}], (name, shop.orders)


async def measure(count: int, at_once: int) -> None:
    """Do it, and print what it took."""
    peak = 0.0
    with ExitStack() as stack, tempfile.TemporaryDirectory() as home:
        model = stack.enter_context(ScriptedModel(everyone()))
        shops = {guest(n): stack.enter_context(Shop()) for n in range(count)}
        options = ("--at-once", str(at_once))
        async with serving(Path(home), model, options=options) as (panel, backend):
            idle = memory(backend.process.pid)

            async def watch() -> None:
                nonlocal peak
                while True:
                    peak = max(peak, await asyncio.to_thread(memory, backend.process.pid))
                    await asyncio.sleep(0.5)

            async with panel.stream() as stream:
                watching = asyncio.create_task(watch())
                began = time.monotonic()
                await order_all(panel, stream, shops)
                seconds = time.monotonic() - began
                watching.cancel()
            after = memory(backend.process.pid)
    each = (peak - idle) / min(count, at_once)
    print(
        f"{count} runs, {at_once} at once: {count} orders, each at its own shop; {seconds:.0f} s\n"
        f"memory: {idle:.0f} MB idle, {peak:.0f} MB at most ({each:.0f} MB a run), "
        f"{after:.0f} MB afterwards"
    )


if __name__ == "__main__":
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    asyncio.run(measure(many, int(sys.argv[2]) if len(sys.argv) > 2 else many))
