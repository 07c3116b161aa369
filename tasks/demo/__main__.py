"""`python -m tasks.demo`: watch an order being placed; `serve` the shop; `eval` many orders."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tasks.demo.evaluate import evaluate
from tasks.demo.kill import kill_and_resume
from tasks.demo.orders import draw_order
from tasks.demo.serve import serve_shop
from tasks.loopback import this_or_a_free_port

DEMO_QUIRKS = "cookie,soldout,iframe"
SEED = 18
PORT = 8900
"""The model reads the shop's address, too, and with another it may answer otherwise."""

HOME = ".demo"
"""Where the demo's runs are kept, so that it leaves nothing outside of the folder it runs in."""

app = typer.Typer(add_completion=False, help="The demo shop.")
console = Console(highlight=False)


@app.callback(invoke_without_command=True)
def demo(
    context: typer.Context,
    seed: Annotated[int, typer.Option(help="Which shop and order.")] = SEED,
    headed: Annotated[bool, typer.Option(help="Show the browser window.")] = False,
) -> None:
    """Order one pizza in the shop, cookie banner and sold-out size included."""
    if context.invoked_subcommand is None:
        sys.exit(asyncio.run(_demo(seed, headed)))


@app.command()
def serve(port: int = 8765, database: Path = Path("shop.db")) -> None:
    """Serve the shop until Ctrl-C."""
    asyncio.run(_serve(port, database))


@app.command(name="eval")
def evaluate_orders(
    orders: Annotated[int, typer.Option(min=1, help="Orders for each row of the table.")] = 50,
    first_seed: Annotated[int, typer.Option(help="Seed of the first order.")] = 1000,
    parallel: Annotated[int, typer.Option(min=1, help="Runs at a time.")] = 2,
    model_url: Annotated[str, typer.Option(help="Another model's endpoint.")] = "",
    report: Annotated[Path | None, typer.Option(help="Write every run here, as JSON.")] = None,
) -> None:
    """The rate of right orders, with and without quirks, with and without reflection."""
    evaluate(orders, first_seed, parallel, model_url, report)


@app.command()
def kill(
    times: Annotated[int, typer.Option(min=1, help="Orders to kill.")] = 50,
    first_seed: Annotated[int, typer.Option(help="Seed of the first order.")] = 2000,
    longest: Annotated[float, typer.Option(help="Latest moment of a kill, in seconds.")] = 8.0,
    model_url: Annotated[str, typer.Option(help="Another model's endpoint.")] = "",
) -> None:
    """kill -9 at a random moment of an order, then resume: one order each time?"""
    kills = kill_and_resume(times, first_seed, model_url, longest)
    sys.exit(any(kill.orders > 1 for kill in kills))


async def _demo(seed: int, headed: bool) -> int:
    order = draw_order(seed)
    with tempfile.TemporaryDirectory() as folder:
        port = this_or_a_free_port(PORT)
        async with serve_shop(Path(folder) / "shop.db", port) as (url, store):
            run = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tasks.cli", "run", order.task(may_be_sold_out=True)),
                *("--url", f"{url}/?seed={seed}&quirks={DEMO_QUIRKS}", "--yes"),
                *(["--headed"] if headed else []),
                env={"SECONDLOOK_HOME": HOME, **os.environ},
            )
            code = await run.wait()
            placed = store.orders()
    wrong = order.wrong(placed, sold_out=True)
    if wrong:
        console.print(f"[red]The shop's database does not hold this order:[/] {wrong}")
        return code or 1
    console.print("[green]The shop's database holds exactly this order:[/]")
    console.print_json(placed[0].model_dump_json())
    return code


async def _serve(port: int, database: Path) -> None:
    async with serve_shop(database, port) as (url, _):
        console.print(f"The shop is open at {url} (try {url}/?seed=7&quirks={DEMO_QUIRKS})")
        await asyncio.Event().wait()


if __name__ == "__main__":
    app()
