"""Waiting ends when what an action caused has arrived, and is not held up by anything else."""

import time
from collections.abc import Callable

from tests.site_server import Answer, Request, Site, html_answer, redirect
from tests.tools.looking import lines, see
from tools.session import Session
from tools.settle import LIMIT_MS, settle


def slow(milliseconds: int, body: str = "done") -> Callable[[Request], Answer]:
    """An answer that takes its time."""

    def answer(_: Request) -> Answer:
        time.sleep(milliseconds / 1000)
        return html_answer(body)

    return answer


async def click(session: Session, name: str = "Go") -> None:
    """Click as an action does, and settle."""
    session.activity.begin()
    await session.unless_dialog(session.page.get_by_role("button", name=name).click())
    await settle(session)


async def test_what_a_request_brings_is_there(session: Session, site: Site) -> None:
    site.handle("/data", slow(400))
    await session.page.goto(
        site.page(
            "/fetch",
            """<button onclick="fetch('/data').then(r => r.text()).then(t => {
            document.querySelector('p').textContent = t })">Go</button><p>waiting</p>""",
        )
    )
    await click(session)
    assert "text done" in lines(await see(session))


async def test_requests_that_follow_each_other_are_all_waited_for(
    session: Session, site: Site
) -> None:
    site.handle("/first", slow(200))
    site.handle("/second", slow(200))
    await session.page.goto(
        site.page(
            "/chain",
            """<button onclick="fetch('/first').then(() => fetch('/second')).then(() => {
            document.querySelector('p').textContent = 'both' })">Go</button><p>waiting</p>""",
        )
    )
    await click(session)
    assert "text both" in lines(await see(session))


async def test_a_slow_page_that_a_form_leads_to_is_there(session: Session, site: Site) -> None:
    site.handle("/post", lambda _: redirect("/thanks"))
    site.handle("/thanks", slow(LIMIT_MS + 500, "<h1>Thanks</h1>"))
    html = "<form method=post action=/post><button>Go</button></form>"
    await session.page.goto(site.page("/form", html))
    await click(session)
    assert lines(await see(session)) == ["heading Thanks"]


async def test_what_the_page_changes_a_moment_later_is_there(session: Session) -> None:
    await session.page.set_content(
        """<button onclick="let n = 0; const next = () => { n += 1;
        document.body.insertAdjacentHTML('beforeend', `<p id=p${n}>${n}</p>`);
        if (n < 3) setTimeout(next, 20) }; setTimeout(next, 5)">Go</button>"""
    )
    await click(session)
    assert lines(await see(session)) == ["button Go (focused)", "text 1", "text 2", "text 3"]


async def test_a_new_tab_is_waited_for_and_is_the_current_one(session: Session, site: Site) -> None:
    site.handle("/new", slow(300, "<h1>New</h1>"))
    html = "<button onclick=\"window.open('/new')\">Go</button>"
    await session.page.goto(site.page("/opener", html))
    await click(session)
    seen = await see(session)
    assert lines(seen) == ["heading New"]
    assert seen.tab == 1
    assert "A new tab opened" in " ".join(seen.notices)


async def test_nothing_to_wait_for_is_not_waited_for(session: Session, site: Site) -> None:
    site.handle("/poll", slow(40))
    site.handle("/hang", slow(2500))
    await session.page.goto(
        site.page(
            "/busy",
            """<button>Go</button><p></p><script>
            setInterval(() => fetch('/poll?' + Math.random()), 50);
            setInterval(() => { document.querySelector('p').textContent = Date.now() }, 20);
            let n = 0;
            const turn = () => { document.body.style.opacity = (n++ % 10) / 10 || 1;
              document.body.className = 'c' + n; requestAnimationFrame(turn) }; turn();
            fetch('/hang');</script>""",
        )
    )
    await session.page.wait_for_timeout(400)
    session.activity.end()
    began = time.monotonic()
    session.activity.begin()
    await settle(session)
    assert (time.monotonic() - began) * 1000 < LIMIT_MS - 500


async def test_a_request_that_never_ends_is_waited_for_no_longer_than_the_limit(
    session: Session, site: Site
) -> None:
    site.handle("/forever", slow(4000))
    html = "<button onclick=\"fetch('/forever')\">Go</button>"
    await session.page.goto(site.page("/stuck", html))
    session.activity.begin()
    await session.page.get_by_role("button").click()
    await settle(session, limit_ms=300)
    assert lines(await see(session)) == ["button Go (focused)"]


async def test_an_open_dialog_ends_the_wait(session: Session) -> None:
    await session.page.set_content("<button onclick=\"alert('Hi')\">Go</button>")
    await click(session)
    assert session.dialog is not None
    await session.answer_dialog(True)


async def test_a_tab_that_closes_itself_is_no_trouble(session: Session, site: Site) -> None:
    first = session.page
    session.adopt(await session.context.new_page())
    await session.page.set_content(
        '<button onclick="setTimeout(() => window.close(), 10)">Go</button>'
    )
    await click(session)
    assert session.page in (first, *session.tabs())
