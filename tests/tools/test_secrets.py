"""Secrets: where they come from, where they go, and that nothing else shows them."""

import base64
import copy
import html
import json
import pickle
import urllib.parse
from collections.abc import AsyncIterator, Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from playwright.async_api import Page, async_playwright
from pydantic import BaseModel, ConfigDict

from tests.tools.websites import Site, websites
from tools.browser import find_browser
from tools.errors import PolicyRefused, SecretMissing
from tools.secrets import Secrets

VALUE = 'Pa$$ "wörd"/&<42>'
SITE = "https://shop.example/login"


@pytest.fixture
def secrets() -> Secrets:
    return Secrets.load(["PASSWORD"], SITE, environ={"PASSWORD": VALUE})


# Where they come from


class Ring(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self, held: dict[tuple[str, str], str]) -> None:
        self.held = held

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, service: str, username: str) -> None:
        raise NotImplementedError


@pytest.fixture
def empty_ring() -> Iterator[Ring]:
    before = keyring.get_keyring()
    ring = Ring({})
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


def test_environment_then_keyring_then_prompt(empty_ring: Ring) -> None:
    def one(environ: dict[str, str]) -> str:
        held = Secrets.load(["A"], SITE, lambda name: f"typed {name}", environ=environ)
        return held.fill("{{A}}", SITE)

    assert one({}) == "typed A"
    empty_ring.held["secondlook", "A"] = "from the ring"
    assert one({}) == "from the ring"
    assert one({"A": "plain"}) == "plain"
    assert one({"A": "plain", "SECONDLOOK_SECRET_A": "own"}) == "own"


@pytest.mark.parametrize(
    ("specs", "site", "says"),
    [
        (["A"], SITE, "environment variable A.*keyring set secondlook A"),
        (["A"], "", "bound to no site.*A@example.com"),
        (["A@com"], "", "whole domain suffix"),
        (["A@*"], "", "every site"),
        (["hunter2!"], SITE, "no name for a secret"),
        ([""], SITE, "no name"),
    ],
)
def test_what_is_missing_is_said_in_one_sentence(
    specs: list[str], site: str, says: str, empty_ring: Ring
) -> None:
    with pytest.raises(SecretMissing, match=says):
        Secrets.load(specs, site, environ={})
    with pytest.raises(SecretMissing):
        Secrets.load(["A"], SITE, lambda name: None, environ={"A": ""})


# Where they go


def test_filled_only_on_the_sites_they_are_bound_to() -> None:
    environ = {"A": "value-a", "B": "value-b"}
    held = Secrets.load(["A", "B@bank.example", "B@127.0.0.1:8000"], SITE, environ=environ)
    assert held.names == ["A", "B"]
    assert held.fill("x{{A}}y{{ A }}", "https://login.shop.example/") == "xvalue-ayvalue-a"
    assert held.fill("{{B}}", "http://127.0.0.1:8000/") == "value-b"
    assert held.fill("no {names} here", "https://evil.example/") == "no {names} here"
    for text, url in [
        ("{{A}}", "https://bank.example/"),
        ("{{A}} {{B}}", "https://bank.example/"),
        ("{{A}}", "https://shop.example.evil.example/"),
        ("{{A}}", "http://shop.example/"),  # anybody could read along
        ("{{A}}", "about:blank"),
        ("{{A}}", ""),
        ("{{B}}", "http://127.0.0.1:8001/"),
    ]:
        with pytest.raises(PolicyRefused):
            held.fill(text, url)
    with pytest.raises(SecretMissing, match="No secret C was given"):
        held.fill("{{C}}", SITE)


def test_plain_http_only_where_the_user_chose_it() -> None:
    held = Secrets.load(["A"], "http://old.example/", environ={"A": "value-a"})
    assert held.fill("{{A}}", "http://old.example/x") == "value-a"
    with pytest.raises(PolicyRefused):
        held.fill("{{A}}", "http://sub.old.example/")


def test_a_value_that_looks_like_a_name_is_not_filled_again() -> None:
    held = Secrets({"A": ("{{B}}", ["shop.example"]), "B": ("inner", ["bank.example"])})
    assert held.fill("{{A}}", SITE) == "{{B}}"


# That nothing else shows them


def test_no_readable_form_anywhere(secrets: Secrets) -> None:
    class Holder(BaseModel):
        model_config = ConfigDict(arbitrary_types_allowed=True)
        secrets: Secrets

    holder = Holder(secrets=secrets)
    shown = [repr(secrets), str(secrets), f"{secrets!r}", repr(holder), str(holder.model_dump())]
    shown += [repr(vars(secrets)["_secrets"]), repr([secrets]), repr({"a": secrets})]
    assert not [text for text in shown if VALUE in text or "wörd" in text]
    for save in (pickle.dumps, copy.copy, copy.deepcopy, lambda s: pickle.dumps(s._secrets)):
        with pytest.raises(TypeError):
            save(secrets)
    with pytest.raises(TypeError):
        json.dumps(secrets)


@pytest.mark.parametrize(
    "form",
    [
        VALUE,
        urllib.parse.quote(VALUE),
        urllib.parse.quote(VALUE, safe=""),
        urllib.parse.quote_plus(VALUE),
        urllib.parse.quote_plus(VALUE).lower(),
        html.escape(VALUE),
        html.escape(VALUE, quote=False),
        json.dumps(VALUE),
        json.dumps(VALUE, ensure_ascii=False),
        json.dumps({"error": json.dumps({"fill": VALUE})}),
        repr(VALUE),
        ascii(VALUE),
        "https://shop.example/#Pa$$%20%22w%C3%B6rd%22/&%3C42%3E",
        "".join(f"&#{ord(c)};" if c in "$&" else c for c in VALUE),
        base64.b64encode(VALUE.encode()).decode(),
        VALUE.upper(),
        " ".join(VALUE),
        VALUE.replace(" ", "\n\t "),
        VALUE[:4] + "\u200b" + VALUE[4:],
        VALUE * 2,
    ],
)
def test_every_form_of_a_value_is_redacted(secrets: Secrets, form: str) -> None:
    redacted = secrets.redact(f"before {form} after")
    assert redacted.startswith("before ")
    assert redacted.endswith(" after")
    assert "{{PASSWORD}}" in redacted
    assert not [part for part in ("Pa$$", "PA$$", "wörd", "42", "%24", "UGEk") if part in redacted]


def test_a_card_number_is_found_as_pages_write_it() -> None:
    held = Secrets({"CARD": ("4111111111111111", ["shop.example"])})
    for written in ("4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111"):
        assert held.redact(f"Card {written}.") == "Card {{CARD}}."
    assert held.redact("Card ending 1111") == "Card ending 1111"


def test_short_values_are_redacted_where_they_stand_alone() -> None:
    held = Secrets({"CVC": ("123", ["shop.example"]), "X": ("a", ["shop.example"])})
    assert held.redact("CVC 123, order 41234 a page") == "CVC {{CVC}}, order 41234 a page"


def test_longer_values_win_over_their_parts() -> None:
    held = Secrets({"USER": ("annika", ["a.example"]), "PASS": ("annika-2026!", ["a.example"])})
    assert held.redact("annika / annika-2026!") == "{{USER}} / {{PASS}}"


def test_ordinary_text_is_left_alone(secrets: Secrets) -> None:
    text = "Password for 42 people: passwords, pa wo rd, {{PASSWORD}}"
    assert secrets.redact(text) == text
    assert Secrets().redact(text) == text


def test_data_is_redacted_all_through(secrets: Secrets) -> None:
    data = {"args": [{"text": VALUE, "n": 1}], VALUE: None, "ok": True}
    expected = {"args": [{"text": "{{PASSWORD}}", "n": 1}], "{{PASSWORD}}": None, "ok": True}
    assert secrets.redact_data(data) == expected


# A page that echoes


@pytest.fixture
def site() -> Iterator[Site]:
    with websites(1) as (only,):
        yield only


@pytest.fixture
async def tab() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"]
        )
        yield await browser.new_page()
        await browser.close()


async def test_a_page_that_echoes_a_filled_secret_shows_its_name_only(
    site: Site, tab: Page
) -> None:
    site.pages["/"] = """<form><input name=p><p id=same></p><p id=loud></p><p id=apart></p>
        <input id=copy><a id=link>link</a><button>go</button></form><script>
        document.querySelector('[name=p]').oninput = e => { const v = e.target.value;
          same.textContent = v; loud.textContent = v.toUpperCase();
          apart.textContent = [...v].join(' '); copy.value = v; document.title = v;
          link.href = '/x?p=' + encodeURIComponent(v); link.title = btoa(unescape(
          encodeURIComponent(v))); history.replaceState(0, '', '#' + v); };</script>"""
    held = Secrets({"PASSWORD": (VALUE, [f"127.0.0.1:{site.port}"])})
    await tab.goto(site.origin)
    await tab.fill("[name=p]", held.fill("{{PASSWORD}}", tab.url))
    await tab.wait_for_url(lambda url: "#" in url)
    seen = [tab.url, await tab.title(), await tab.aria_snapshot(mode="ai"), await tab.content()]
    await tab.click("button")
    await tab.wait_for_url(lambda url: "?p=" in url)
    seen.append(tab.url)
    assert all(VALUE[:3] in text or "Pa%24" in text for text in seen), "the page does echo it"
    for text in map(held.redact, seen):
        assert "{{PASSWORD}}" in text
        assert not [p for p in ("Pa$$", "PA$$", "P a $", "w%C3%B6rd", "wörd", "WÖRD") if p in text]
