"""The dashboard and the playground for those who use no mouse, and for those who hear them."""

from pathlib import Path

from playwright.async_api import Browser, Page, expect

from tests.agent.sensible import ORDER, sensible
from tests.agent.shop import Shop
from tests.scripted_model import ScriptedModel
from tests.server.barriers import barriers
from tests.server.panel import SECONDS, served
from tests.server.test_app_dashboard import dashboard
from tests.server.test_app_workflows import ORDER as WORKFLOW
from tests.server.test_app_workflows import put
from tests.server.test_playground import TAGGED, playground

expect.set_options(timeout=SECONDS * 1000)


async def look(page: Page, where: str) -> list[str]:
    """The barriers of a page with everything unfolded."""
    for fold in await page.locator("details").all():
        await fold.evaluate("fold => fold.open = true")
    return await barriers(page, where)


async def test_no_page_of_the_dashboard_has_a_barrier(tmp_path: Path, chromium: Browser) -> None:
    put(tmp_path, "order.yaml", WORKFLOW)
    asks = ['ask "Which size?"', *ORDER]
    with Shop(banner=True) as shop, ScriptedModel(sensible(asks)) as model:
        async with (
            served(tmp_path, model) as panel,
            dashboard(chromium, panel, bypass_csp=True) as page,  # axe sets styles in it
        ):
            found = await look(page, "a new task")
            await page.get_by_label("Start page").fill(shop.url)
            await page.get_by_label("What shall I do for you?").fill("Order a Funghi for Ann")
            await page.keyboard.press("Enter")
            question = page.get_by_role("heading", name="A question for you")
            await expect(question).to_be_focused()
            found += await look(page, "a question")
            await page.keyboard.press("Tab")
            await expect(page.get_by_label("Which size?")).to_be_focused()
            await page.keyboard.press("Escape")
            await expect(page.get_by_role("button", name="Go on")).to_be_visible()
            found += await look(page, "a run that is paused")
            await page.get_by_role("button", name="Stop").press("Enter")
            await expect(page.get_by_role("heading", name="Stopped")).to_be_visible()
            found += await look(page, "a run that was stopped")
            await page.get_by_role("button", name="Story").press("Enter")
            await expect(page.get_by_role("dialog")).to_be_visible()
            found += await look(page, "the story")
            await page.keyboard.press("Escape")
            await expect(page.get_by_role("dialog")).to_have_count(0)
            await page.get_by_role("button", name="Workflows").press("Enter")
            await page.get_by_role("button", name="Order a pizza").press("Enter")
            found += await look(page, "a workflow's form")
            await page.get_by_role("button", name="Settings").press("Enter")
            await expect(page.get_by_text("this page")).to_be_visible()
            found += await look(page, "the settings")
            await page.get_by_role("button", name="Sign out").press("Enter")
            await expect(page.get_by_role("heading", name="Pair this page")).to_be_visible()
            found += await look(page, "before pairing")
    assert found == []


async def test_the_playground_has_no_barrier(chromium: Browser) -> None:
    page = await chromium.new_page()
    with ScriptedModel([TAGGED]) as model, playground(model) as url:
        await page.goto(url)
        await expect(page.get_by_label("Model")).to_have_value("scripted")
        found = await look(page, "before it was asked")
        await page.get_by_label("Question").press_sequentially("What is 3 - 2?")
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_role("status")).to_contain_text("Done in")
        found += await look(page, "with an answer")
    await page.close()
    assert found == []
