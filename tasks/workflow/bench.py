"""What a replayed step costs beside the same step written by hand in Playwright.

    python -m tasks.workflow.bench --orders 100

Each order of the demo shop is placed twice, turn by turn in the same browser, each time in a
window of its own: by the workflow `examples/any_order.yaml`, and by `by_hand`, with the same
steps. Prints the time per step of both and their ratio. `tests.tasks.workflow.recorded` does the
same with a workflow that it records first.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Browser, Page, expect
from pydantic import BaseModel
from rich.console import Console
from rich.progress import track

from agent.folder import RunFolder
from agent.settings import RunSettings
from tasks.demo.orders import Order, draw_order
from tasks.demo.serve import serve_shop
from tasks.demo.store import Store
from tasks.workflow.load import WorkflowFile, load
from tasks.workflow.run import WorkflowResult, settings_for, take_up
from tools.browser import BrowserOptions, open_browser

WORKFLOW = Path(__file__).parent / "examples" / "any_order.yaml"


class Timed(BaseModel):
    """One order: seconds by workflow and by hand, and what was wrong with either."""

    steps: int
    replayed: float
    by_hand: float
    model_calls: int
    wrong: str = ""


def inputs(order: Order, shop: str) -> dict[str, object]:
    """The values of the example's inputs for this order."""
    return {
        "shop": shop,
        "seed": order.seed,
        "pizza": order.pizza,
        "size": order.size,
        "crust": order.crust,
        "toppings": list(order.toppings),
        "quantity": order.quantity,
        "name": order.address["Name"],
        "street": order.address["Street"],
        "phone": order.address["Phone"],
        "card": order.card,
    }


async def by_hand(page: Page, shop: str, order: Order) -> None:
    """The steps of the workflow as one would write them for this order."""
    await page.goto(f"{shop}/?seed={order.seed}")
    await page.get_by_role("link", name=order.pizza, exact=True).click()
    await expect(page.get_by_role("heading", name=order.pizza)).to_be_visible()
    await page.get_by_label("Size").select_option(order.size)
    await page.get_by_role("radio", name=order.crust, exact=True).check()
    for topping in order.toppings:
        await page.get_by_role("checkbox", name=topping).check()
    await page.get_by_label("Quantity").fill(str(order.quantity))
    await page.get_by_role("button", name="Add to basket").click()
    await expect(page).to_have_url(f"{shop}/basket")
    await page.get_by_role("button", name="Go to checkout").click()
    await page.get_by_label("Name").fill(order.address["Name"])
    await page.get_by_label("Street").fill(order.address["Street"])
    await page.get_by_label("Phone").fill(order.address["Phone"])
    await page.get_by_role("button", name="To payment").click()
    await page.get_by_label("Card number").fill(order.card)
    await page.get_by_role("button", name="Place order").click()
    await expect(page).to_have_url(f"{shop}/thanks")


async def compare(
    file: WorkflowFile, orders: Sequence[Order], shop: str, store: Store
) -> list[Timed]:
    """Place orders at this shop both ways, turn by turn; the workflow gets what it declares."""
    timed = []
    with tempfile.TemporaryDirectory() as home:
        async with open_browser(BrowserOptions()) as browser:
            for order in track(orders, "Ordering"):
                before = len(store.orders())
                replayed = await _replayed(browser, Path(home), file, shop, order)
                seconds = await _by_hand(browser, shop, order)
                placed = store.orders()[before:]
                wrong = "; ".join(w for o in placed if (w := order.wrong([o])))
                if len(placed) != 2:
                    wrong = f"{len(placed)} orders instead of two; {replayed.answer} {wrong}"
                timed.append(
                    Timed(
                        steps=len(replayed.steps),
                        replayed=replayed.usage.seconds,
                        by_hand=seconds,
                        model_calls=replayed.usage.model_calls,
                        wrong=wrong,
                    )
                )
    return timed


async def _replayed(
    browser: Browser, home: Path, file: WorkflowFile, shop: str, order: Order
) -> WorkflowResult:
    declared = file.workflow.inputs
    values = {name: value for name, value in inputs(order, shop).items() if name in declared}
    run = settings_for(file, values, RunSettings(task="bench", home=home, yes=True))
    ended = await take_up(RunFolder.create(run), lambda event: None, browser=browser)
    return ended.result


async def _by_hand(browser: Browser, shop: str, order: Order) -> float:
    window = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await window.new_page()
    began = time.monotonic()
    await by_hand(page, shop, order)
    seconds = time.monotonic() - began
    await window.close()
    return seconds


def report(timed: list[Timed], console: Console) -> None:
    """Print what was measured."""
    for number, each in enumerate(timed, 1):
        if each.wrong:
            console.print(f"order {number}: {each.wrong}")
    steps = sum(each.steps for each in timed)
    replayed = sum(each.replayed for each in timed) / steps * 1000
    hand = sum(each.by_hand for each in timed) / steps * 1000
    ratios = sorted(each.replayed / each.by_hand for each in timed)
    right = sum(not each.wrong for each in timed)
    calls = sum(each.model_calls for each in timed)
    console.print(
        f"{len(timed)} orders replayed and by hand: {right} right both ways, "
        f"{calls} model calls\n"
        f"time per step: {replayed:.1f} ms replayed, {hand:.1f} ms by hand: "
        f"{replayed / hand:.2f} times (median of the orders {statistics.median(ratios):.2f})"
    )


async def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m tasks.workflow.bench")
    parser.add_argument("--orders", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    orders = [draw_order(seed) for seed in range(given.seed, given.seed + given.orders)]
    with tempfile.TemporaryDirectory() as folder:
        async with serve_shop(Path(folder) / "shop.db") as (shop, store):
            report(await compare(load(WORKFLOW), orders, shop, store), Console(highlight=False))


if __name__ == "__main__":
    asyncio.run(main())
