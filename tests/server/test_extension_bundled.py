"""The demo's order in the user's own tab, by the bundled model, approved in the panel."""

from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from tasks.demo.__main__ import DEMO_QUIRKS, PORT, SEED
from tasks.demo.orders import draw_order
from tasks.demo.serve import serve_shop
from tasks.loopback import this_or_a_free_port
from tests.server.desk import desk


async def test_the_bundled_model_orders_just_what_was_asked(tmp_path: Path) -> None:
    if this_or_a_free_port(PORT) != PORT:
        pytest.skip(f"port {PORT} is taken, and at another address the model may answer otherwise")
    order = draw_order(SEED)
    async with (
        async_playwright() as playwright,
        serve_shop(tmp_path / "shop.db", PORT) as (url, store),
        desk(playwright, tmp_path, None) as at_desk,
    ):
        await at_desk.browse(f"{url}/?seed={SEED}&quirks={DEMO_QUIRKS}")
        run = await at_desk.ask(order.task(may_be_sold_out=True))
        await at_desk.client.until(run, "needs_approval")
        assert store.orders() == []
        await at_desk.press("Yes, do it")
        await at_desk.outcome("Done")
        assert order.wrong(store.orders(), sold_out=True) == ""
