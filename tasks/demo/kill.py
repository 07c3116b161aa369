"""Kill the assistant at a random moment of an order, resume it, and count the orders."""

import asyncio
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from pydantic import BaseModel
from rich.console import Console
from rich.progress import track

from tasks.demo.orders import Order, draw_order
from tasks.demo.serve import serve_shop
from tasks.demo.store import Store

RUN_SECONDS = 180


class Kill(BaseModel):
    """One order killed after `after` seconds and resumed; `orders` is what the shop then held."""

    seed: int
    after: float
    orders: int
    wrong: str
    exit_code: int


def kill_and_resume(times: int, first_seed: int, model_url: str, longest: float) -> list[Kill]:
    """Do it `times` times, the moments spread at random over `longest` seconds; print the table."""
    console = Console(highlight=False)
    rng = random.Random(first_seed)
    kills = [
        asyncio.run(_one(seed, rng.uniform(0, longest), model_url))
        for seed in track(range(first_seed, first_seed + times), "Killing", console=console)
    ]
    for kill in kills:
        if kill.wrong:
            console.print(f"seed {kill.seed}, killed after {kill.after:.2f} s: {kill.wrong}")
    once = sum(kill.orders == 1 for kill in kills)
    twice = sum(kill.orders > 1 for kill in kills)
    right = sum(not kill.wrong for kill in kills)
    console.print(
        f"{times} orders killed and resumed: {once} placed once, {twice} more than once, "
        f"{times - once - twice} not at all; {right} exactly as asked for"
    )
    return kills


async def _one(seed: int, after: float, model_url: str) -> Kill:
    order = draw_order(seed)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        async with serve_shop(home / "shop.db") as (url, store):
            common = ["--yes", "--quiet", "--home", folder]
            common += ["--model-url", model_url] if model_url else []
            run = ["run", order.task(), "--url", f"{url}/?seed={seed}", *common]
            code = await _secondlook(run, kill_after=after)
            if code == -signal.SIGKILL:
                code = await _secondlook([*begun, *common] if (begun := _resume(home)) else run)
            return _judge(seed, after, order, store, code)


def _resume(home: Path) -> list[str]:
    """The command that resumes what was killed; empty if it had not begun."""
    return [word for path in home.glob("runs/*") for word in ("resume", path.name)]


def _judge(seed: int, after: float, order: Order, store: Store, code: int) -> Kill:
    placed = store.orders()
    return Kill(
        seed=seed, after=after, orders=len(placed), wrong=order.wrong(placed), exit_code=code
    )


async def _secondlook(arguments: list[str], kill_after: float = RUN_SECONDS) -> int:
    started = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tasks.cli", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        return await asyncio.wait_for(process.wait(), kill_after)
    except TimeoutError:
        process.kill()
        code = await process.wait()
        return code if time.monotonic() - started < RUN_SECONDS else 1
