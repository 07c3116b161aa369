"""Loading documents, and the history."""

import socket

import pytest

from tests.site_server import html_answer
from tests.tools.acting import Actor
from tools.actions.navigate import absolute


@pytest.mark.parametrize(
    ("said", "here", "url"),
    [
        ("example.com", "about:blank", "https://example.com"),
        ("example.com/a?b=1", "http://x.example/", "https://example.com/a?b=1"),
        ("localhost:8000/menu", "about:blank", "http://localhost:8000/menu"),
        ("127.0.0.1:9/x", "about:blank", "http://127.0.0.1:9/x"),
        ("/cart", "http://x.example/shop/1", "http://x.example/cart"),
        ("?page=2", "http://x.example/shop", "http://x.example/shop?page=2"),
        ("https://a.example/b", "http://x.example", "https://a.example/b"),
        ("example.com:8080", "about:blank", "https://example.com:8080"),
        ("cart", "http://x.example/shop/", "http://x.example/shop/cart"),
        ("file:///etc/passwd", "about:blank", "file:///etc/passwd"),
    ],
)
def test_addresses_as_people_write_them(said: str, here: str, url: str) -> None:
    assert absolute(said, here) == url


async def test_navigate_tells_where_it_arrived(actor: Actor) -> None:
    url = actor.site.page("/menu.html", "<title>Menu</title><h1>Menu</h1>")
    acted = await actor.act("navigate", url=url.removeprefix("http://"))
    assert acted.line == 'ok, now at /menu.html "Menu"'


async def test_a_redirect_is_told(actor: Actor) -> None:
    actor.site.page("/login.html", "<title>Sign in</title><h1>Sign in</h1>")
    url = actor.site.handle("/account", lambda _: (302, {"Location": "/login.html"}, b""))
    acted = await actor.act("navigate", url=url)
    assert acted.line == 'ok, landed on /login.html "Sign in"'


async def test_an_error_page_is_told(actor: Actor) -> None:
    url = actor.site.handle("/gone", lambda _: html_answer("<title>Oops</title>Gone", 404))
    acted = await actor.act("navigate", url=url)
    assert acted.line == 'ok, now at /gone "Oops", answered 404 Not Found'


async def test_addresses_that_cannot_be_loaded(actor: Actor) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    acted = await actor.act("navigate", url=f"http://127.0.0.1:{port}/")
    assert acted.line == "navigation_failed, 127.0.0.1 refuses the connection"
    actor.site.handle("/circle", lambda _: (302, {"Location": "/circle"}, b""))
    acted = await actor.act("navigate", url=actor.site.url("/circle"))
    assert acted.line == "navigation_failed, 127.0.0.1 redirects in circles"


@pytest.mark.parametrize("url", ["https://evil.example/", "file:///etc/passwd", "chrome://version"])
async def test_the_policy_is_asked_first(actor: Actor, url: str) -> None:
    acted = await actor.act("navigate", url=url)
    assert acted.verdict.cause == "blocked_by_policy"
    assert (await actor.act("open_tab", url=url)).verdict.cause == "blocked_by_policy"
    assert len(actor.session.tabs()) == 1


async def test_back_and_forward(actor: Actor) -> None:
    assert (await actor.act("back")).line == "no_effect, no page to go back to"
    await actor.open("<title>One</title><a href=/two.html>Two</a>")
    actor.site.page("/two.html", "<title>Two</title><h1>Two</h1>")
    assert (await actor.act("back")).line == "no_effect, no page to go back to"
    await actor.act("click", "link Two")
    assert (await actor.act("back")).line == 'ok, now at /made-up.html "One"'
    assert (await actor.act("forward")).line == 'ok, now at /two.html "Two"'
    assert (await actor.act("forward")).line == "no_effect, no page to go forward to"
