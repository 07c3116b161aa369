"""Tabs: opened, switched, closed, and popups noticed."""

from tests.tools.acting import Actor


async def test_open_switch_and_close(actor: Actor) -> None:
    help_page = actor.site.page("/help.html", "<title>Help</title><h1>Help</h1>")
    await actor.open("<title>Shop</title><h1>Shop</h1>")
    assert (await actor.act("close_tab")).line == "no_effect, it is the only tab"
    assert (await actor.act("open_tab", url=help_page)).line == 'ok, opened tab 1 "Help"'
    assert (await actor.act("switch_tab", tab=0)).line == 'ok, now at /made-up.html "Shop"'
    acted = await actor.act("switch_tab", tab=7)
    assert acted.line == "not_found, no tab 7, only 0 to 1"
    acted = await actor.act("close_tab", tab=1)
    assert acted.line == 'ok, tab closed, now at /made-up.html "Shop"'


async def test_a_popup_is_noticed(actor: Actor) -> None:
    actor.site.page("/terms.html", "<title>Terms</title><h1>Terms</h1>")
    await actor.open("<a href=/terms.html target=_blank>Terms</a>")
    acted = await actor.act("click", "link Terms")
    assert acted.line == 'ok, opened tab 1 "Terms"'
    assert acted.after.notices


async def test_a_tab_that_closes_itself(actor: Actor) -> None:
    actor.site.page("/pop.html", "<title>Pop</title><button onclick='window.close()'>Done</button>")
    await actor.open("<title>Shop</title><button onclick=\"window.open('/pop.html')\">Pop</button>")
    await actor.act("click", "button Pop")
    acted = await actor.act("click", "button Done")
    assert acted.line == 'ok, tab closed, now at /made-up.html "Shop"'
