"""What a look tells to be new since the one before it."""

from tests.site_server import Site
from tests.tools.looking import lines, see
from tools.session import Session


async def test_what_changed_is_marked(session: Session) -> None:
    first = await see(session, "<h1>Shop</h1><button>Add</button><p>Empty</p><p>Empty</p>")
    assert not any(e.new for e in first.elements)
    await session.page.evaluate(
        """document.querySelector("p").textContent = "1 pizza";
        document.body.insertAdjacentHTML("beforeend", "<div role=alert>Added</div><p>Empty</p>")"""
    )
    second = await see(session, previous=first)
    assert [e.line(refs=False) for e in second.elements if e.new] == ["text 1 pizza", "alert Added"]
    assert "*alert Added[" in second.text
    assert not any(e.new for e in (await see(session, previous=second)).elements)


async def test_focus_and_scrolling_change_nothing(session: Session) -> None:
    html = "<input aria-label=A><div style='height:3000px'></div><button>Down</button>"
    first = await see(session, html)
    assert "button Down (below)" in lines(first)
    await session.page.get_by_role("button").focus()
    second = await see(session, previous=first)
    assert "button Down (focused)" in lines(second)
    assert "textbox A (above)" in lines(second)
    assert not any(e.new for e in second.elements)
    assert first.fingerprint == second.fingerprint


async def test_nothing_is_new_on_another_page(session: Session, site: Site) -> None:
    await session.page.goto(site.page("/one", "<p>One</p>"))
    first = await see(session)
    await session.page.goto(site.page("/two", "<p>Two</p>"))
    second = await see(session, previous=first)
    assert not any(e.new for e in second.elements)
    assert first.fingerprint != second.fingerprint
