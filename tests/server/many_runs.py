"""Many runs at once in one backend: that none of them mixes with another, and what they take.

    python -m tests.server.many_runs [RUNS] [AT_ONCE]        # 20 20

Each run orders at a shop of its own for a guest of its own, from a model that answers by script.
Memory is the proportional share (PSS) of the backend's process with all that it started.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.agent.sensible import sensible
from tests.agent.shop import Shop
from tests.scripted_model import ScriptedModel
from tests.scripted_replies import Json, Reply
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


def memory(processes: Iterable[int]) -> float:
    """Megabytes that these processes take."""
    total = 0
    for each in processes:
        try:
            rollup = Path(f"/proc/{each}/smaps_rollup").read_text()
        except OSError:
            continue  # it has ended meanwhile
        total += int(next(line for line in rollup.splitlines() if line[:4] == "Pss:").split()[1])
    return total / 1024


async def order_all(panel: Panel, stream: StreamClient, shops: dict[str, Shop]) -> list[str]:
    """Start all orders and say yes to each, once; the runs, in the order of the guests.

    Nothing that is told of one, nor what it asks, names another's guest.
    """
    runs: dict[str, str] = {}
    for name, shop in shops.items():
        asked = {"task": f"Order a Funghi pizza for {name}", "url": shop.url}
        run = (await panel.post("/api/runs", asked))["run"]
        runs[run] = name
        await stream.say(kind="watch", run=run)
    left, asking = set(runs), set(runs)
    while left:
        message = await stream.next()
        if message["kind"] == "event":
            only_of(runs[message["run"]], str(message["event"]), shops)
        elif message["kind"] == "run":
            info = message["run"]
            only_of(runs[info["run"]], str(info), shops)
            assert info["state"] not in ("failed", "stopped", "interrupted"), info
            left -= {info["run"]} if info["state"] == "done" else set()
            if info["state"] == "needs_approval" and info["run"] in asking:
                asking.remove(info["run"])
                assert f"Name: {runs[info['run']]}" in info["waiting"]["what"]
                yes = {"kind": "approval", "to": info["waiting"]["to"], "decision": "yes"}
                await panel.post(f"/api/runs/{info['run']}/answer", yes)
    for name, shop in shops.items():
        assert shop.orders == [{"pizzas": ["Funghi"], "name": name}], (name, shop.orders)
    return list(runs)


def only_of(name: str, text: str, everyone: Iterable[str]) -> None:
    """Nobody else's name may stand in there."""
    others = [other for other in everyone if other != name and other in text]
    assert not others, f"{others} in what is told of {name}: {text}"


def kept_apart(home: Path, runs: Sequence[str], names: Sequence[str]) -> None:
    """What is on disk of each run, checkpoints included, names its own guest and no other."""
    for run, name in zip(runs, names, strict=True):
        files = [path for path in (home / "runs" / run).rglob("*") if path.is_file()]
        assert any(path.suffix == ".sqlite" for path in files), files
        kept = b"".join(path.read_bytes() for path in files).decode(errors="replace")
        assert name in kept
        only_of(name, kept, names)


async def measure(count: int, at_once: int) -> None:
    """Do it, and print what it took."""
    peak = alone = 0.0
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        model = stack.enter_context(ScriptedModel(everyone()))
        shops = {guest(n): stack.enter_context(Shop()) for n in range(count)}
        options = ("--at-once", str(at_once))
        async with serving(Path(folder), model, options=options) as (panel, backend):
            process = backend.process.pid
            idle = memory(family(process))

            async def watch() -> None:
                nonlocal peak, alone
                while True:
                    peak = max(peak, await asyncio.to_thread(lambda: memory(family(process))))
                    alone = max(alone, memory([process]))
                    await asyncio.sleep(0.5)

            async with panel.stream() as stream:
                watching = asyncio.create_task(watch())
                began = time.monotonic()
                runs = await order_all(panel, stream, shops)
                seconds = time.monotonic() - began
                watching.cancel()
            kept_apart(Path(folder), runs, list(shops))
            after = memory(family(process))
    each = (peak - idle) / min(count, at_once)
    print(
        f"{count} runs, {at_once} at once: {count} orders, each approved once, each at its own "
        f"shop, nothing of one in another's events or files; {seconds:.0f} s\n"
        f"memory: {idle:.0f} MB idle, {peak:.0f} MB at most ({each:.0f} MB a run with its "
        f"browser; {alone:.0f} MB of it the backend's own process), {after:.0f} MB afterwards"
    )


if __name__ == "__main__":
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    asyncio.run(measure(many, int(sys.argv[2]) if len(sys.argv) > 2 else many))
