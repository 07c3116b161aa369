"""Keys, waiting, reading, and talking."""

import pytest

from tests.site_server import Site
from tests.tools.acting import Actor
from tools.actions.extract import LENGTH
from tools.actions.keyboard import key_name
from tools.secrets import Secrets
from tools.session import Session


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("enter", "Enter"),
        ("ESC", "Escape"),
        ("ctrl+A", "Control+a"),
        ("Shift+Tab", "Shift+Tab"),
        ("Control++", "Control++"),
        ("+", "+"),
        ("a", "a"),
        ("down", "ArrowDown"),
        ("F5", "F5"),
        (" ", " "),
    ],
)
def test_keys_as_people_write_them(said: str, name: str) -> None:
    assert key_name(said) == name


async def test_press_in_an_element_and_where_the_focus_is(actor: Actor) -> None:
    await actor.open("""<label>Search <input onkeydown="if (event.key === 'Enter')
        o.textContent = 'Found'; if (event.key === 'Escape') o.textContent = 'Closed'"></label>
        <label>Other <input></label><p role=status id=o></p>""")
    acted = await actor.act("press", "textbox Search", key="Enter")
    assert acted.line == "ok, + status Found"
    assert (await actor.act("press", key="esc")).line == "ok, ~ status Closed"
    assert (await actor.act("press", key="Tab")).verdict.ok, "the focus moved"
    assert (await actor.act("press", key="F9")).line == "no_effect, nothing on the page changed"
    assert (await actor.act("press", key="Foo")).line == "not_found, no key Foo"


async def test_copying_and_pasting_by_keys(actor: Actor) -> None:
    await actor.open("<textarea aria-label=Here>two words </textarea><input aria-label=There>")
    acted = await actor.act("press", "textbox Here", key="Control+a")
    assert acted.line == "ok, text selected"
    assert (await actor.act("press", "textbox Here", key="Control+c")).line == "ok, text copied"
    acted = await actor.act("press", "textbox There", key="Control+v")
    assert acted.line == "ok, ~ textbox There: two words"


async def test_wait_until_a_text_is_there_or_gone(actor: Actor) -> None:
    await actor.open("""<p id=w>Loading</p><div id=s></div><iframe srcdoc="<p id=x></p>"></iframe>
        <script>s.attachShadow({mode: 'open'}).innerHTML = '<p></p>'; setTimeout(() => {
        w.remove(); s.shadowRoot.firstChild.textContent = 'Thank you' }, 400)</script>""")
    acted = await actor.act("wait", text="thank you", gone="Loading")
    assert acted.line == "ok, thank you is there, Loading is gone"
    acted = await actor.act("wait", text="Never", seconds=0.2)
    assert acted.line == "timeout, Never did not come within 0.2 s"
    acted = await actor.act("wait", gone="Thank you", seconds=0.2)
    assert acted.line == "timeout, Thank you did not go within 0.2 s"
    assert (await actor.act("wait")).verdict.ok
    acted = await actor.act("wait", seconds=0.5)
    assert acted.line == "ok, 0.5 seconds are over"


async def test_read_an_element_and_the_whole_page(actor: Actor) -> None:
    long = "word " * 300
    await actor.open(f"""<h1>Terms</h1><div id=s></div><p>{long}</p><label>Name <input value=Ann>
        </label><iframe srcdoc="<p>Framed</p>"></iframe><p hidden>Secret</p>
        <script>s.attachShadow({{mode: 'open'}}).innerHTML = '<p>Shadowed</p>'</script>""")
    page = (await actor.act("read")).outcome.text
    assert page.count("word") == 300
    assert "Framed" in page and "Shadowed" in page and "Secret" not in page
    assert (await actor.act("read", "textbox Name")).outcome.text == "Ann"
    assert (await actor.act("read", "heading Terms")).outcome.text == "Terms"
    told = await actor.act("extract", instruction="the name", fields={"type": "object"})
    assert "Terms" in told.outcome.text


async def test_a_read_is_not_cut_in_the_middle_of_a_secret(session: Session, site: Site) -> None:
    actor = Actor(session, site, Secrets({"PASSWORD": ("hunter2secret", ["127.0.0.1"])}))
    await actor.open(f"<p>{'x' * (LENGTH - 7)} hunter2secret</p>")
    text = (await actor.act("read")).outcome.text
    assert "hunter" not in text
    assert "{{PASS" in text


async def test_tick_cites_its_line(actor: Actor) -> None:
    await actor.open("<p role=status>Order 12 placed</p>")
    assert (await actor.act("tick", "status Order")).line == "ok, status Order 12 placed"
    assert (await actor.act("ask", question="Which?")).verdict.ok
    assert (await actor.act("finish")).verdict.ok
