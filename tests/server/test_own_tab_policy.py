"""The rule about sites in a tab of the user's own browser: the same tests as in a browser of ours.

What the relay cannot do like a whole browser shows here: it has no session on the browser.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Playwright, async_playwright

from tests.server.tab_backend import PAIRING, TOKEN, TabBackend, tab_backend
from tests.server.user_chrome import UserChrome, user_chrome
from tests.tools.test_policy_network import (  # noqa: F401  collected here with our fixtures
    LEAVING,
    Guarded,
    test_a_document_that_came_by_prefetch_is_left_at_once,
    test_a_frame_of_another_site_loads_and_works_but_the_tab_stays,
    test_a_granted_site_opens_from_then_on,
    test_allowed_redirects_keep_cookies_and_bodies,
    test_downloads_still_work,
    test_metadata_addresses_are_out_of_reach_of_pages,
    test_popups_of_the_same_site_open,
)
from tests.tools.test_policy_network import (
    test_no_way_leads_to_another_site as no_way_leads_to_another_site,
)
from tests.tools.websites import Site, websites
from tools.policy import Policy


@pytest.fixture
def sites() -> Iterator[list[Site]]:
    with websites() as served:
        yield served


@dataclass
class Lender:
    """The user's Chrome, connected to a relay; and the Playwright of whoever drives."""

    chrome: UserChrome
    backend: TabBackend
    playwright: Playwright


@pytest.fixture(scope="module")
async def lender(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lender]:
    profile: Path = tmp_path_factory.mktemp("profile")
    async with (
        async_playwright() as playwright,
        tab_backend() as backend,
        user_chrome(playwright, profile) as chrome,
    ):
        panel = await chrome.open_panel()
        await panel.evaluate("window.port = chrome.runtime.connect()")
        await chrome.settle_in(backend.address, TOKEN)
        await backend.connected()
        yield Lender(chrome, backend, playwright)


@pytest.fixture
async def guarded(lender: Lender, sites: list[Site]) -> AsyncIterator[Guarded]:
    theirs = await lender.chrome.context.new_page()
    await theirs.goto(sites[0].origin)
    tab = await lender.chrome.tab_of(theirs)
    async with lender.backend.relay.lend(PAIRING, tab) as address:
        browser = await lender.playwright.chromium.connect_over_cdp(address)
        context = browser.contexts[0]
        policy = Policy(start_url=sites[0].origin)
        it = Guarded(context, context.pages[0], policy, sites[0], sites[1])
        enforcement = await policy.install(context, it.hear)
        yield it
        await enforcement.stop()
        await browser.close()
    await theirs.close()


@pytest.mark.parametrize("url", ["file:///etc/passwd", "data:text/html,<h1>x", "chrome://version"])
async def test_the_extension_opens_no_addresses_but_web_pages(guarded: Guarded, url: str) -> None:
    await guarded.open("<h1>Start</h1>")
    with pytest.raises(PlaywrightError, match="not passed on"):
        await guarded.page.goto(url)
    assert await guarded.page.inner_text("h1") == "Start"


NEW_FORM = "form into a new tab"


@pytest.mark.parametrize("way", [way for way in LEAVING if way != NEW_FORM])
async def test_no_way_leads_to_another_site(guarded: Guarded, way: str) -> None:
    await no_way_leads_to_another_site(guarded, way)


async def test_a_form_into_a_new_tab_is_not_sent_and_can_be_tried_again(guarded: Guarded) -> None:
    await guarded.open(f"<h1>Start</h1>{LEAVING[NEW_FORM]}")
    await guarded.page.click("#go")
    assert (await guarded.refusal()) == f"{guarded.there.origin}/x"
    assert guarded.refused[-1].first
    assert guarded.there.seen == []
    assert guarded.context.pages == [guarded.page]


async def test_a_form_into_a_new_tab_of_an_open_site_keeps_its_body(guarded: Guarded) -> None:
    await guarded.open(
        "<form method=post target=_blank action=/x><input name=a value=b><button>go</button></form>"
    )
    async with guarded.context.expect_page() as opened:
        await guarded.page.click("button")
    await (await opened.value).wait_for_load_state()
    assert guarded.here.seen[-1].method == "POST"
    assert guarded.here.seen[-1].body == "a=b"
