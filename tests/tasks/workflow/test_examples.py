"""The examples that we ship, against the real pages that they are for."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

import tasks.workflow
from tasks.demo.serve import serve_shop
from tasks.workflow.conditions import AtUrl, Checked, Condition, HasText, HasValue, Hidden, Visible
from tasks.workflow.exact import ExactStep
from tasks.workflow.extract import Extract, OneValue
from tasks.workflow.inputs import resolve
from tasks.workflow.load import load
from tasks.workflow.step import Step
from tasks.workflow.steps import ForEach
from tasks.workflow.summary import summary
from tasks.workflow.templates import Value, fill, filler, value_of

EXAMPLES = sorted((Path(tasks.workflow.__file__).parent / "examples").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples_are_right(path: Path) -> None:
    assert summary(load(path)).fine


class Hand:
    """Does exact steps with Playwright alone, so that nothing but the file can be at fault."""

    def __init__(self, page: Page, values: dict[str, Value]) -> None:
        self._page = page
        self.values = values

    async def carry_out(self, steps: Sequence[Step]) -> None:
        for step in steps:
            if isinstance(step, ForEach):
                assert isinstance(step.over, str)
                for entry in value_of(step.over, self.values):
                    self.values[step.variable] = entry
                    await self.carry_out(step.steps)
                continue
            if isinstance(step, ExactStep):
                await self._act(step)
            elif isinstance(step, Extract):
                assert isinstance(step.extract, OneValue)
                found = step.extract.value.locator.to_playwright(self._page)
                self.values[step.into] = await found.inner_text()
            for condition in step.expect:
                await self._check(condition)

    async def _act(self, step: ExactStep) -> None:
        target = step.locators["ref"].filled(filler(self.values)).to_playwright(self._page)
        action: Any = step.action(self.values, ref="[e1]")
        await expect(target, step.said()).to_have_count(1)
        if step.tool == "click":
            await target.click()
        elif step.tool == "check":
            await target.check()
        elif step.tool == "select":
            await target.select_option(action.option)
        else:
            await target.fill(action.text)

    async def _check(self, condition: Condition) -> None:
        match condition:
            case Visible(visible=locator):
                await expect(self._at(locator)).to_be_visible()
            case Hidden(hidden=locator):
                await expect(self._at(locator)).to_be_hidden()
            case Checked(checked=locator):
                await expect(self._at(locator)).to_be_checked()
            case HasValue(value=locator, wanted=wanted):
                await expect(self._at(locator)).to_have_value(fill(wanted, self.values))
            case HasText(text=text):
                await expect(self._page.locator("body")).to_contain_text(fill(text, self.values))
            case AtUrl(url=url):
                await self._page.wait_for_url(lambda here: AtUrl.matches(url, here))
            case _:
                raise AssertionError(condition)

    def _at(self, locator: Any) -> Locator:
        located: Locator = locator.filled(filler(self.values)).to_playwright(self._page)
        return located


async def test_the_demo_order_fits_the_demo_shop(page: Page, tmp_path: Path) -> None:
    file = load(next(path for path in EXAMPLES if path.name == "demo_order.yaml"))
    async with serve_shop(tmp_path / "shop.db") as (url, store):
        given = {"shop": url, "name": 'Ann "Lee"', "toppings": "Walnuts, Spinach", "quantity": "3"}
        values = resolve(file.workflow.inputs, given)
        hand = Hand(page, values | {"CARD": "4111 1111 1111 1234"})
        await page.goto(fill(file.workflow.url, values))
        await hand.carry_out(file.workflow.steps)
        (order,) = store.orders()
    (item,) = order.items
    assert (item.pizza, item.size, item.crust, item.quantity) == ("Diavola", "Large", "Thin", 3)
    assert sorted(item.toppings) == ["Spinach", "Walnuts"]
    assert order.address == {
        "Name": 'Ann "Lee"',
        "Street": "High Street 1",
        "Phone": "0301234567",
    }
    assert order.card == "1234"
    assert "order number 1 " in hand.values["number"]
    assert hand.values["price"].startswith("Total ")
