"""The side panel for those who use no mouse, and for those who hear it."""

from playwright.async_api import Page, expect

from tests.agent.shop import Shop
from tests.server.barriers import barriers
from tests.server.desk import PATIENCE_MS, Desk
from tests.server.test_app_runs import ORDERED
from tests.server.test_app_workflows import ORDER as WORKFLOW
from tests.server.test_app_workflows import put

expect.set_options(timeout=PATIENCE_MS)

TASK = "Order a Funghi pizza for Ann"


async def press(panel: Page, name: str) -> None:
    """Go on with Tab as far as this button, and press it; it must show that it has the focus."""
    button = panel.get_by_role("button", name=name, exact=True)
    await expect(button).to_be_enabled()
    for _ in range(20):
        await panel.keyboard.press("Tab")
        if await button.evaluate("it => it === document.activeElement"):
            assert await button.evaluate("it => getComputedStyle(it).outlineStyle") == "solid"
            await panel.keyboard.press("Enter")
            return
    raise AssertionError(f"Tab does not come to {name}")


async def test_an_order_by_keys_alone(at_desk: Desk, shop: Shop) -> None:
    await at_desk.browse(shop.url)
    panel = at_desk.panel
    await panel.reload()
    await expect(panel.get_by_label("What shall I do for you?")).to_be_focused()
    await panel.keyboard.type(TASK)
    await panel.keyboard.press("Enter")
    asked = panel.get_by_role("heading", name="Shall I do this?")
    await expect(asked).to_be_focused()
    await expect(panel.get_by_role("status").last).to_contain_text(
        "Needs your yes: click button Place order"
    )
    await panel.keyboard.press("Escape")
    state = panel.locator(".now")
    await expect(state).to_contain_text("Paused")
    await expect(state).to_be_focused()
    await press(panel, "Go on")
    await expect(state).to_contain_text("Needs your yes")
    await press(panel, "Stop")
    await expect(panel.get_by_role("heading", name="Stopped")).to_be_visible()
    await expect(state).to_be_focused()
    assert shop.orders == []
    await press(panel, "Go on")
    await expect(asked).to_be_focused()
    await press(panel, "Yes, do it")
    await expect(panel.get_by_role("heading", name="Done")).to_be_visible()
    await expect(state).to_be_focused()
    assert shop.orders == ORDERED


async def test_no_page_of_the_panel_has_a_barrier(at_desk: Desk, shop: Shop) -> None:
    shop.banner = True
    put(at_desk.room.home, "order.yaml", WORKFLOW)
    put(at_desk.room.home, "broken.yaml", "workflow: Broken\nsteps: 3\n")
    await at_desk.browse(shop.url)
    panel, found = at_desk.panel, []

    async def look(where: str) -> None:
        for fold in await panel.locator("details").all():
            await fold.evaluate("fold => fold.open = true")
        found.extend(await barriers(panel, where))

    await at_desk.press("New task")
    await look("a new task")
    await at_desk.ask(TASK)
    await at_desk.see("Shall I do this?")
    await look("an approval, with the plan")
    await at_desk.press("Yes, do it")
    await at_desk.outcome("Done")
    await look("a run that is done")
    await at_desk.press("History")
    await at_desk.see(TASK)
    await look("the history")
    await at_desk.press("Workflows")
    await at_desk.see("broken.yaml")
    await look("the workflows")
    await at_desk.press("Order a pizza")
    await look("a workflow's form")
    await at_desk.press("Settings")
    await look("the settings")
    await at_desk.cable.pull()
    await at_desk.see("secondlook does not answer")
    await look("without a backend")
    at_desk.cable.put_in()
    token = at_desk.client.token
    await at_desk.chrome.run("() => chrome.storage.local.remove('token')")
    await at_desk.see("Connect this browser")
    await look("before pairing")
    await at_desk.chrome.run("token => chrome.storage.local.set({ token })", token)
    await panel.get_by_label("What shall I do for you?").wait_for()
    assert found == []
