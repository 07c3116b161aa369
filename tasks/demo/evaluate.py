"""How often random orders come out right, judged by the shop's database."""

import asyncio
import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tasks.demo.orders import draw_order
from tasks.demo.serve import serve_shop
from tasks.eval.intervals import wilson

RUN_SECONDS = 180
"""A run that takes longer counts as failed."""


@dataclass(frozen=True)
class Condition:
    """One row of the table."""

    name: str
    quirks: str
    reflection: bool = True


CONDITIONS = (
    Condition("no quirks", ""),
    Condition("cookie banner, sold-out size", "cookie,soldout"),
    Condition("the same, reflection off", "cookie,soldout", reflection=False),
)


class Run(BaseModel):
    """What came of one order; `wrong` is empty if the database holds just this order."""

    condition: str
    seed: int
    wrong: str
    exit_code: int
    seconds: float


def evaluate(
    orders: int, first_seed: int, parallel: int, model_url: str, report: Path | None
) -> None:
    """Place `orders` orders under each condition, print the table, write the report."""
    console = Console(highlight=False)
    runs = asyncio.run(
        _place_all(console, range(first_seed, first_seed + orders), parallel, model_url)
    )
    console.print(_table(runs))
    if report:
        report.write_text(json.dumps([run.model_dump() for run in runs], indent=1))


async def _place_all(console: Console, seeds: range, parallel: int, model_url: str) -> list[Run]:
    gate = asyncio.Semaphore(parallel)
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("Ordering", total=len(seeds) * len(CONDITIONS))

        async def one(condition: Condition, seed: int) -> Run:
            async with gate:
                run = await _order(condition, seed, model_url)
            progress.advance(bar)
            return run

        return await asyncio.gather(*(one(c, seed) for c in CONDITIONS for seed in seeds))


async def _order(condition: Condition, seed: int, model_url: str) -> Run:
    order, started = draw_order(seed), time.monotonic()
    sold_out = "soldout" in condition.quirks
    with tempfile.TemporaryDirectory() as folder:
        async with serve_shop(Path(folder) / "shop.db") as (url, store):
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tasks.cli", "run", order.task(may_be_sold_out=sold_out)),
                *("--url", f"{url}/?seed={seed}&quirks={condition.quirks}", "--yes", "--quiet"),
                *("--home", folder, "--reflection", "on" if condition.reflection else "off"),
                *(["--model-url", model_url] if model_url else []),
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            try:
                code = await asyncio.wait_for(process.wait(), RUN_SECONDS)
            except TimeoutError:
                process.kill()
                code = await process.wait()
            wrong = order.wrong(store.orders(), sold_out=sold_out)
    return Run(
        condition=condition.name,
        seed=seed,
        wrong=wrong,
        exit_code=code,
        seconds=round(time.monotonic() - started, 1),
    )


def _table(runs: list[Run]) -> Table:
    table = Table("Condition", "Right orders", "95 % interval", "Second orders", "Median time")
    for condition in CONDITIONS:
        rows = [run for run in runs if run.condition == condition.name]
        right, n = sum(not run.wrong for run in rows), len(rows)
        low, high = wilson(right, n)
        doubled = sum(run.wrong[:1].isdigit() and run.wrong[0] > "1" for run in rows)
        table.add_row(
            condition.name,
            f"{right} of {n} ({right / n:.0%})",
            f"{low:.0%} to {high:.0%}",
            str(doubled),
            f"{sorted(run.seconds for run in rows)[n // 2]:.1f} s",
        )
    return table
