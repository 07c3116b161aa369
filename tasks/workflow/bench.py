"""What a replayed step costs beside the same step written by hand in Playwright.

    python -m tasks.workflow.bench --orders 100

Each order of the demo shop is placed twice, turn by turn in the same browser, each time in a
window of its own: by the workflow `examples/any_order.yaml`, and by `by_hand`, with the same
locators and the same expectations. Prints the time per step of both and their ratio.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from playwright.async_api import Browser, Page, expect
from pydantic import BaseModel
from rich.console import Console
from rich.progress import track

from agent.folder import RunFolder
from agent.settings import RunSettings
from tasks.demo.orders import Order, draw_order
from tasks.demo.serve import serve_shop
from tasks.workflow.load import load
from tasks.workflow.run import settings_for, take_up
from tools.browser import BrowserOptions, open_browser

WORKFLOW = Path(__file__).parent / "examples" / "any_order.yaml"


class Timed(BaseModel):
    """One order: seconds by workflow and by hand, and what was wrong with either."""

    seed: int
    steps: int
    replayed: float
    by_hand: float
    model_calls: int
    wrong: str = ""


def inputs(order: Order, shop: str) -> dict[str, object]:
    """The values of the workflow's inputs for this order."""
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


async def compare(orders: int, first_seed: int) -> list[Timed]:
    """Place orders both ways, turn by turn."""
    timed = []
    with tempfile.TemporaryDirectory() as folder:
        async with (
            serve_shop(Path(folder) / "shop.db") as (shop, store),
            open_browser(BrowserOptions()) as browser,
        ):
            for seed in track(range(first_seed, first_seed + orders), "Ordering"):
                order, before = draw_order(seed), len(store.orders())
                replayed, steps, calls = await _replayed(browser, Path(folder), shop, order)
                seconds = await _by_hand(browser, shop, order)
                placed = store.orders()[before:]
                wrong = "; ".join(w for o in placed if (w := order.wrong([o])))
                if len(placed) != 2:
                    wrong = f"{len(placed)} orders instead of two; {wrong}"
                timed.append(
                    Timed(
                        seed=seed,
                        steps=steps,
                        replayed=replayed,
                        by_hand=seconds,
                        model_calls=calls,
                        wrong=wrong,
                    )
                )
    return timed


async def _replayed(
    browser: Browser, home: Path, shop: str, order: Order
) -> tuple[float, int, int]:
    base = RunSettings(task="bench", home=home)
    run = settings_for(load(WORKFLOW), inputs(order, shop), base)
    ended = await take_up(RunFolder.create(run), lambda event: None, browser=browser)
    result = ended.result
    if not result.ok:
        print(result.answer)
    return result.usage.seconds, len(result.steps), result.usage.model_calls


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
    for each in timed:
        if each.wrong:
            console.print(f"seed {each.seed}: {each.wrong}")
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


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m tasks.workflow.bench")
    parser.add_argument("--orders", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    report(asyncio.run(compare(given.orders, given.seed)), Console(highlight=False))


if __name__ == "__main__":
    main()
