"""An order that is recorded, then replayed with other inputs, and timed.

    python -m tests.tasks.workflow.recorded --orders 100

`secondlook run --record` places one order at the demo shop, with a scripted model that clicks as
`STEPS` say. What it wrote is replayed as it is, without a model, once for each of the other orders,
and each of them is placed by hand in Playwright, too (`tasks.workflow.bench`).
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

from rich.console import Console

from tasks.demo.orders import Order, draw_order
from tasks.demo.serve import serve_shop
from tasks.exit_codes import ExitCode
from tasks.workflow.bench import compare, report
from tasks.workflow.load import load
from tests.scripted_model import ScriptedModel
from tests.tasks.command import Ended, secondlook
from tests.tasks.workflow.buyer import buyer

SHOP = 18
"""The seed of the shop's menu."""
FIRST = next(o for seed in range(1, 100) if len((o := draw_order(seed, SHOP)).toppings) == 2)


def record(order: Order, shop: str, file: Path) -> Ended:
    """Have this order placed by a model, and recorded as a workflow."""
    toppings = " and ".join(order.toppings)
    told = ", ".join(f"{field.lower()} {value}" for field, value in order.address.items())
    task = (
        f"Order a {order.pizza} pizza, size {order.size}, crust {order.crust}, with {toppings}, "
        f"quantity {order.quantity}, {told}, card {order.card}."
    )
    steps = [
        f'click "{order.pizza}"',
        f'select "Size" as "{order.size}"',
        f'check "{order.crust}"',
        *(f'check "{topping}"' for topping in order.toppings),
        f'fill "Quantity" with "{order.quantity}"',
        'click "Add to basket"',
        'click "Go to checkout"',
        *(f'fill "{field}" with "{value}"' for field, value in order.address.items()),
        'click "To payment"',
        f'fill "Card number" with "{order.card}"',
        'click "Place order"',
    ]
    with ScriptedModel(buyer(steps)) as model:
        where = ("--url", f"{shop}/?seed={order.seed}", "--model-url", model.url)
        to = ("--home", file.parent, "--record", file, "--rename", "card_number=card")
        return secondlook("run", task, "--yes", "--quiet", *where, *to)


async def main() -> None:
    """Read the arguments, record, replay, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.tasks.workflow.recorded")
    parser.add_argument("--orders", type=int, default=100)
    given = parser.parse_args()
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "order.yaml"
        async with serve_shop(Path(folder) / "shop.db") as (shop, store):
            done = await asyncio.to_thread(record, FIRST, shop, file)
            if done.code != ExitCode.DONE:
                raise SystemExit(done.out + done.err)
            console.print(file.read_text(), markup=False)
            orders = [draw_order(seed, SHOP) for seed in range(1000, 1000 + given.orders)]
            report(await compare(load(file), orders, shop, store), console)


if __name__ == "__main__":
    asyncio.run(main())
