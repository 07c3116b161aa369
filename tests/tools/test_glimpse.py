"""A glimpse: the lines that a step's own element and loud places of the page have."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Locator

from tests.site_server import Site
from tools.causes import Verdict
from tools.dispatch import Hands, parse_action, perform
from tools.glimpse import Glimpse, NotOne, glimpse, glimpse_again
from tools.policy import Policy
from tools.secrets import Secrets
from tools.session import Session
from tools.verdict import judge

Show = Callable[[str], Awaitable[None]]


def plain(text: str) -> str:
    return text


def lines(seen: Glimpse) -> list[str]:
    return [element.line(refs=False) for element in seen.page.elements]


@pytest.fixture
def show(session: Session, site: Site) -> Show:
    async def open_page(html: str) -> None:
        await session.page.goto(site.page("/glimpse.html", html))

    return open_page


async def act(
    session: Session, site: Site, locator: Locator, name: str, **given: object
) -> tuple[Glimpse, Glimpse, Verdict]:
    """One action on what a locator finds, judged by the glimpses around it."""
    before = await glimpse(session, {"e1": locator}, plain)
    action = parse_action({"action": name, "ref": "[e1]", **given})
    policy = Policy(start_url=site.url())
    quick = before.reach is not None and before.reach.state == "free"
    hands = Hands(session, before.page, Secrets(), policy, {"e1": locator}, quick)
    outcome = await perform(action, hands)
    after = await glimpse_again(session, before, plain)
    return before, after, judge(action, outcome, before.page, after.page)


@pytest.mark.parametrize(
    ("html", "line"),
    [
        ("<button>Save <b>it</b></button>", "button Save it"),
        ("<input type=submit value='Send it'>", "button Send it"),
        ("<label>Name <input value=Ann></label>", "textbox Name: Ann"),
        ("<input type=password placeholder=Secret value=hunter2>", "textbox Secret: ••••"),
        ("<select aria-label=Size><option>S<option selected>M</select>", "combobox Size: M"),
        ("<label><input type=checkbox checked> Olives</label>", "checkbox Olives (checked)"),
        ("<a href=/x title=More><img alt=Details></a>", "link Details"),
        ("<p onclick=1>Show more</p>", "generic Show more"),
        ("<div role=combobox aria-label=Fruit>Pear</div>", "combobox Fruit: Pear"),
        ("<button disabled>Go</button>", "button Go (disabled)"),
    ],
)
async def test_the_line_of_an_element(session: Session, show: Show, html: str, line: str) -> None:
    await show(f"<body>{html}")
    own = "input, button, select, a, [onclick], [role]"
    seen = await glimpse(session, {"e1": session.page.locator(own)}, plain)
    assert lines(seen) == [line]


async def test_what_is_loud_is_seen_too(session: Session, show: Show) -> None:
    await show(
        "<label>Mail <input id=m></label><button onclick=\"m.setAttribute('aria-invalid','true');"
        "document.body.append(Object.assign(document.createElement('p'),{role:'alert',"
        "textContent:'Mail is missing'}))\">Send</button>"
    )
    site_button = session.page.get_by_role("button")
    before = await glimpse(session, {"e1": site_button}, plain)
    await site_button.click()
    after = await glimpse_again(session, before, plain)
    assert lines(after)[1:] == ["alert Mail is missing", "textbox Mail (invalid)"]
    assert before.moved(after)


async def test_a_click_without_effect_moves_nothing(
    session: Session, site: Site, show: Show
) -> None:
    await show("<button>Dead</button>")
    before, after, verdict = await act(session, site, session.page.get_by_role("button"), "click")
    assert not before.moved(after)
    assert verdict.cause == "no_effect"


async def test_a_covered_element_is_known_before_anything_is_done(
    session: Session, site: Site, show: Show
) -> None:
    await show(
        "<button>Buy</button><div role=dialog aria-label=Cookies "
        "style='position:fixed;inset:0;background:white'>We like them</div>"
    )
    before, _, verdict = await act(
        session, site, session.page.get_by_role("button", name="Buy"), "click"
    )
    assert before.reach
    assert before.reach.state == "covered"
    assert verdict.line() == "covered, dialog Cookies covers it"


async def test_a_value_is_compared_with_what_the_field_holds(
    session: Session, site: Site, show: Show
) -> None:
    await show("<label>Age <input maxlength=2></label>")
    field = session.page.get_by_label("Age")
    _, _, verdict = await act(session, site, field, "fill", text="42")
    assert verdict.line() == "ok, textbox Age: 42"
    await field.evaluate("el => el.addEventListener('input', () => { el.value = '7'; })")
    _, _, verdict = await act(session, site, field, "fill", text="43")
    assert verdict.line() == "wrong_value, textbox Age is 7, not 43"


async def test_an_element_in_a_frame(session: Session, site: Site) -> None:
    site.page("/inner.html", "<button onclick='this.textContent=\"On\"'>Off</button>")
    await session.page.goto(site.page("/outer.html", "<iframe src=/inner.html></iframe>"))
    inner = session.page.frame_locator("iframe").get_by_role("button")
    before = await glimpse(session, {"e1": inner}, plain, framed=True)
    await inner.click()
    after = await glimpse_again(session, before, plain)
    assert lines(after) == ["button On (focused)"]
    assert before.moved(after)


async def test_one_of_several_is_none(session: Session, show: Show) -> None:
    await show("<button>A</button><button>B</button>")
    with pytest.raises(NotOne) as error:
        await glimpse(session, {"e1": session.page.get_by_role("button")}, plain)
    assert error.value.count == 2
