"""The shop: what a visitor can do, what its quirks do, and what counts as the right order."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tasks.demo.menu import draw_menu
from tasks.demo.orders import Order, draw_order
from tasks.demo.serve import serve_shop
from tasks.demo.store import Store


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[tuple[httpx.AsyncClient, Store]]:
    async with (
        serve_shop(tmp_path / "shop.db") as (url, store),
        httpx.AsyncClient(base_url=url, follow_redirects=True) as visitor,
    ):
        yield visitor, store


async def add(visitor: httpx.AsyncClient, order: Order, size: str) -> httpx.Response:
    return await visitor.post(
        "/basket",
        data={
            "pizza": order.pizza,
            "size": size,
            "crust": order.crust,
            "topping": list(order.toppings),
            "quantity": str(order.quantity),
        },
    )


async def pay(visitor: httpx.AsyncClient, order: Order) -> httpx.Response:
    return await visitor.post("/order", data={"card": order.card})


async def test_an_order_is_recorded_as_placed(shop: tuple[httpx.AsyncClient, Store]) -> None:
    visitor, store = shop
    order = draw_order(3)
    await visitor.get("/?seed=3")
    assert (await add(visitor, order, order.size)).json() == {"next": "/basket"}
    assert "Payment" in (await visitor.post("/address", data=order.address)).text
    assert "Thank you" in (await pay(visitor, order)).text
    assert order.wrong(store.orders()) == ""


async def test_pressing_twice_orders_once_but_for_the_double_quirk(
    shop: tuple[httpx.AsyncClient, Store],
) -> None:
    visitor, store = shop
    order = draw_order(3)
    for quirks, placed in (("", 1), ("double", 2)):
        before = len(store.orders())
        await visitor.get(f"/?seed=3&quirks={quirks}")
        await add(visitor, order, order.size)
        await visitor.post("/address", data=order.address)
        await pay(visitor, order)
        await pay(visitor, order)
        assert len(store.orders()) - before == placed
    assert order.wrong(store.orders()) == "3 orders instead of one"


async def test_the_size_chosen_first_is_sold_out(shop: tuple[httpx.AsyncClient, Store]) -> None:
    visitor, _ = shop
    order = draw_order(5)
    await visitor.get("/?seed=5&quirks=soldout")
    assert (await visitor.get("/stock", params={"size": order.size})).json()["sold_out"]
    assert not (await visitor.get("/stock", params={"size": order.other_size})).json()["sold_out"]
    assert (await add(visitor, order, order.size)).status_code == 422
    assert (await add(visitor, order, order.other_size)).status_code == 200


async def test_fail_fails_once_and_validation_empties_a_field(
    shop: tuple[httpx.AsyncClient, Store],
) -> None:
    visitor, _ = shop
    order = draw_order(5)
    await visitor.get("/?seed=5&quirks=fail,validation")
    assert (await add(visitor, order, order.size)).status_code == 503
    assert (await add(visitor, order, order.size)).status_code == 200
    refused = await visitor.post("/address", data=order.address)
    assert "please enter it again" in refused.text
    assert order.address["Street"] not in refused.text
    assert "Payment" in (await visitor.post("/address", data=order.address)).text


async def test_what_is_clicked_during_a_slow_request_is_not_lost(
    shop: tuple[httpx.AsyncClient, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor, _ = shop
    monkeypatch.setattr("tasks.demo.shop.SLOW_SECONDS", 0.5)
    order = draw_order(5)
    await visitor.get("/?seed=5&quirks=cookie,slow")
    adding = asyncio.create_task(add(visitor, order, order.size))
    await asyncio.sleep(0.2)
    await visitor.post("/consent")
    assert (await adding).status_code == 200
    basket = (await visitor.get("/basket")).text
    assert order.pizza in basket
    assert "Cookie notice" not in basket


async def test_a_bad_address_is_told(shop: tuple[httpx.AsyncClient, Store]) -> None:
    visitor, _ = shop
    await visitor.get("/?seed=5")
    await add(visitor, draw_order(5), draw_order(5).size)
    answer = await visitor.post("/address", data={"Name": "Ann", "Phone": "12"})
    assert "Street is missing" in answer.text
    assert "Phone must have 6 digits or more" in answer.text


def test_seeds_vary_shop_and_order() -> None:
    menus = {draw_menu(seed) for seed in range(50)}
    assert len(menus) == 50
    assert len({order.task() for order in map(draw_order, range(50))}) == 50
    for seed in range(50):
        order, menu = draw_order(seed), draw_menu(seed)
        assert order.pizza in {p.name for p in menu.pizzas}
        assert order.size != order.other_size
        assert set(order.toppings) <= set(menu.toppings)
        for said in (order.pizza, order.size, order.card, *order.toppings, *order.address.values()):
            assert said in order.task()
