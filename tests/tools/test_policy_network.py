"""The rule about sites against a real browser: another site's log says what came through."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from playwright.async_api import Error as PlaywrightError

from tests.ports import free_port
from tests.tools.websites import Seen, Site, websites
from tools.browser import find_browser
from tools.policy import Policy, Refusal

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE = 10.0
"""Seconds after which a test that waits for a refusal fails."""


@dataclass
class Guarded:
    """A tab of an allowed site, another site that is not allowed, and what was refused."""

    context: BrowserContext
    page: Page
    policy: Policy
    here: Site
    there: Site
    refused: list[Refusal] = field(default_factory=list)
    told: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, refusal: Refusal) -> None:
        self.refused.append(refusal)
        self.told.set()

    async def refusal(self) -> str:
        """Wait for the next refusal; its address."""
        async with asyncio.timeout(PATIENCE):
            await self.told.wait()
        self.told.clear()
        return self.refused[-1].url

    async def open(self, html: str, path: str = "/start") -> None:
        """Show this page of the allowed site."""
        origins = {"{here}": self.here.origin, "{there}": self.there.origin}
        for name, origin in {**origins, "{named}": self.here.named}.items():
            html = html.replace(name, origin)
        self.here.pages[path] = html
        await self.page.goto(self.here.origin + path)


@pytest.fixture
def sites() -> Iterator[list[Site]]:
    with websites() as served:
        yield served


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def guarded(browser: Browser, sites: list[Site]) -> AsyncIterator[Guarded]:
    context = await browser.new_context(accept_downloads=True)
    policy = Policy(start_url=sites[0].origin)
    it = Guarded(context, await context.new_page(), policy, sites[0], sites[1])
    enforcement = await policy.install(context, it.hear)
    yield it
    await enforcement.stop()
    await context.close()


LEAVING = {
    "a link": '<a id=go href="{there}/x">go</a>',
    "a link to another name of this server": '<a id=go href="{named}/x">go</a>',
    "301": '<a id=go href="/r?code=301&to={there}/x">go</a>',
    "302": '<a id=go href="/r?code=302&to={there}/x">go</a>',
    "303": '<a id=go href="/r?code=303&to={there}/x">go</a>',
    "307": '<a id=go href="/r?code=307&to={there}/x">go</a>',
    "308": '<a id=go href="/r?code=308&to={there}/x">go</a>',
    "two redirects": '<a id=go href="/r?to=/q%3Fto%3D{there}/x">go</a>',
    "location": "<button id=go onclick=\"location='{there}/x'\">go</button>",
    "location.replace": "<button id=go onclick=\"location.replace('{there}/x')\">go</button>",
    "meta refresh": '<a id=go href="/meta">go</a>',
    "GET form": '<form action="{there}/x"><input name=a value=b><button id=go>go</button></form>',
    "POST form": '<form method=post action="{there}/x"><input name=a value=b>'
    "<button id=go>go</button></form>",
    "POST form, redirected": '<form method=post action="/r?code=307&to={there}/x">'
    "<input name=a value=b><button id=go>go</button></form>",
    "POST form into a frame": "<iframe name=f></iframe><form method=post target=f "
    'action="{there}/x"><input name=a value=b><button id=go>go</button></form>',
    "POST form into a frame, without saying from where": "<meta name=referrer content=no-referrer>"
    '<iframe name=f></iframe><form method=post target=f action="{there}/x">'
    "<input name=a value=b><button id=go>go</button></form>",
    "target=_blank": '<a id=go target=_blank href="{there}/x">go</a>',
    "target=_blank with opener": '<a id=go target=_blank rel=opener href="{there}/x">go</a>',
    "noopener": '<a id=go target=_blank rel="noopener noreferrer" href="{there}/x">go</a>',
    "window.open": "<button id=go onclick=\"window.open('{there}/x')\">go</button>",
    "window.open noopener": "<button id=go onclick=\"window.open('{there}/x', '_blank', "
    "'noopener')\">go</button>",
    "popup that redirects": '<a id=go target=_blank href="/r?to={there}/x">go</a>',
    "popup sent on": "<button id=go onclick=\"w = window.open('about:blank');"
    "w.location = '{there}/x'\">go</button>",
    "form into a new tab": '<form method=post target=_blank action="{there}/x">'
    "<input name=a value=b><button id=go>go</button></form>",
    "frame that breaks out": "<iframe srcdoc=\"<a target=_top href='{there}/x' id=a>go</a>\">"
    "</iframe><button id=go onclick=\"frames[0].document.getElementById('a').click()\">go</button>",
}


@pytest.mark.parametrize("way", LEAVING)
async def test_no_way_leads_to_another_site(guarded: Guarded, way: str) -> None:
    guarded.here.pages["/meta"] = (
        f'<meta http-equiv=refresh content="0;url={guarded.there.origin}/x"><h1>leaving</h1>'
    )
    await guarded.open(f"<h1>Start</h1>{LEAVING[way]}")
    before = len(guarded.here.seen)
    await guarded.page.click("#go")
    assert (await guarded.refusal()).endswith(("/x", "/x?a=b"))
    refusal = guarded.refused[-1]
    assert not refusal.embedded
    assert refusal.first is not any(sent in LEAVING[way] for sent in ("/r?", "POST", "method=post"))
    assert guarded.there.seen == []
    assert all(not seen.path.startswith("/x") for seen in guarded.here.seen[before:])
    assert await guarded.page.inner_text("h1") in ("Start", "leaving"), "the tab stays as it was"
    assert guarded.page.url.startswith(guarded.here.origin)
    assert all(
        page.url.startswith((guarded.here.origin, "about:")) for page in guarded.context.pages
    )


async def test_allowed_redirects_keep_cookies_and_bodies(guarded: Guarded) -> None:
    await guarded.open(
        '<form method=post action="/r?code=307&to=/end"><input name=a value="ü b">'
        "<button>go</button></form>"
    )
    await guarded.page.click("button")
    await guarded.page.wait_for_url("**/end")
    assert guarded.here.seen[-1] == Seen("POST", "/end", "a=%C3%BC+b", "visited=yes")
    assert guarded.refused == []


async def test_downloads_still_work(guarded: Guarded, tmp_path: Path) -> None:
    await guarded.open("<a href=/file.csv>get</a>")
    async with guarded.page.expect_download() as started:
        await guarded.page.click("a")
    await (await started.value).save_as(tmp_path / "file.csv")
    assert (tmp_path / "file.csv").read_text() == "a,b\n"


async def test_popups_of_the_same_site_open(guarded: Guarded) -> None:
    await guarded.open('<a target=_blank href="/r?to=/second">go</a>')
    async with guarded.context.expect_page() as opened:
        await guarded.page.click("a")
    popup = await opened.value
    await popup.wait_for_load_state()
    assert popup.url == f"{guarded.here.origin}/second"
    assert guarded.refused == []


async def test_a_frame_of_another_site_loads_and_works_but_the_tab_stays(guarded: Guarded) -> None:
    guarded.there.pages["/card"] = (
        "<form method=post action=/next><input id=card name=card><button id=on>on</button></form>"
    )
    guarded.there.pages["/next"] = "<h1>paid</h1><a id=top target=_top href='/out'>out</a>"
    await guarded.open('<h1>Pay</h1><iframe src="{there}/card"></iframe><img src="{there}/i.png">')
    frame = guarded.page.frame_locator("iframe")
    await frame.locator("#card").fill("4111")
    await frame.locator("#on").click()
    await frame.locator("h1", has_text="paid").wait_for()
    await frame.locator("#top").click()
    assert await guarded.refusal() == f"{guarded.there.origin}/out"
    assert sorted(guarded.there.paths) == ["/card", "/i.png", "/next"]
    assert await guarded.page.inner_text("h1") == "Pay"


async def test_a_granted_site_opens_from_then_on(guarded: Guarded) -> None:
    await guarded.open('<a id=go href="{there}/x">go</a>')
    await guarded.page.click("#go")
    ruling = guarded.policy.rule_url(await guarded.refusal(), "click link go")
    assert ruling.decision == "ask"
    assert ruling.site == f"127.0.0.1:{guarded.there.port}"
    guarded.policy.grant(ruling.site)
    await guarded.page.click("#go")
    await guarded.page.wait_for_url(f"{guarded.there.origin}/x")
    assert guarded.there.paths == ["/x"]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "data:text/html,<h1>x", "chrome://version"])
async def test_addresses_that_are_no_web_pages_do_not_stay_open(guarded: Guarded, url: str) -> None:
    await guarded.open("<h1>Start</h1>")
    with suppress(PlaywrightError):  # refused before, or left at once
        await guarded.page.goto(url)
    assert (await guarded.refusal()).startswith(url[:5])
    await guarded.page.wait_for_function("location.protocol !== 'data:'")
    assert guarded.page.url.startswith((guarded.here.origin, "about:blank"))


@pytest.mark.parametrize(
    "spelling",
    ["169.254.169.254", "2852039166", "0xA9FEA9FE", "0251.0376.0251.0376", "[::ffff:a9fe:a9fe]"],
)
async def test_metadata_addresses_are_out_of_reach_of_pages(
    guarded: Guarded, spelling: str
) -> None:
    await guarded.open("<h1>Start</h1>")
    url = f"http://{spelling}"
    loads = {
        "fetch": f"fetch('{url}/fetch', {{mode: 'no-cors'}}).then(() => 'came', () => 'failed')",
        "frame": "new Promise(r => {const f = document.createElement('iframe');"
        f"f.src = '{url}/frame'; f.onload = () => r('failed'); document.body.append(f)}})",
        "socket": f"new Promise(r => {{const s = new WebSocket('ws://{spelling}/socket');"
        "s.onclose = () => r('failed'); s.onmessage = () => r('came')})",
        "worker": "new Promise(r => {const w = new Worker(URL.createObjectURL(new Blob(["
        f"`fetch('{url}/worker', {{mode: 'no-cors'}}).then(() => postMessage('came'),"
        " () => postMessage('failed'))`]))); w.onmessage = e => r(e.data)})",
    }
    for way, script in loads.items():
        assert await guarded.page.evaluate(script) == "failed"
        assert (await guarded.refusal()).endswith(way)
        assert "never opened" in guarded.refused[-1].reason
        assert guarded.refused[-1].embedded


async def test_a_document_that_came_by_prefetch_is_left_at_once(guarded: Guarded) -> None:
    """A page may prefetch; Chromium then shows the document without asking the network."""
    rules = '{"prefetch": [{"source": "list", "urls": ["{named}/fetched"]}]}'
    await guarded.open(
        f"<script type=speculationrules>{rules}</script><a href='{{named}}/fetched'>go</a>"
    )
    await until(lambda: "/fetched" in guarded.here.paths)
    await guarded.page.click("a")
    await guarded.refusal()
    await guarded.page.wait_for_url(lambda url: not url.startswith(guarded.here.named))


async def test_a_page_of_the_public_web_cannot_reach_the_private_network(guarded: Guarded) -> None:
    """The page is served from loopback, but the policy knows it by a public name only."""
    policy = Policy(allow=["shop.example"])
    public = f"http://shop.example:{guarded.here.port}"
    assert policy.check_url(f"{public}/") is None
    for port in (guarded.here.port, guarded.there.port):
        assert policy.check_embedded(f"http://127.0.0.1:{port}/") is not None
        assert policy.check_embedded(f"ws://localhost:{port}/") is not None


async def test_other_windows_of_the_browser_are_left_alone(
    guarded: Guarded, browser: Browser
) -> None:
    other = await browser.new_context()
    page = await other.new_page()
    guarded.there.pages["/x"] = f'<iframe src="{guarded.here.named}/inner"></iframe>'
    await page.goto(f"{guarded.there.origin}/x")
    assert guarded.there.paths == ["/x"]
    assert guarded.refused == []
    await other.close()


async def test_attached_to_a_browser_only_our_tabs_are_bound(sites: list[Site]) -> None:
    here, there = sites
    here.pages["/"] = f'<h1>Start</h1><a target=_blank href="{there.origin}/x">go</a>'
    here.pages["/theirs"] = f'<h1>Theirs</h1><iframe src="{there.origin}/inner"></iframe>'
    refused: list[str] = []
    async with async_playwright() as playwright:
        port = free_port()
        user = await playwright.chromium.launch(
            executable_path=find_browser(), args=[*FLAGS, f"--remote-debugging-port={port}"]
        )
        attached = await playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        context = attached.contexts[0] if attached.contexts else await attached.new_context()
        theirs, ours = await context.new_page(), await context.new_page()
        policy = Policy(start_url=here.origin)
        await policy.install(context, lambda it: refused.append(it.url), tabs=lambda: [ours])
        await ours.goto(here.origin)
        await theirs.goto(f"{there.origin}/y")
        await theirs.goto(f"{here.origin}/theirs")
        assert refused == []
        with pytest.raises(PlaywrightError):
            await ours.goto(f"{there.origin}/z")
        await ours.goto(here.origin)
        await ours.click("a")
        await until(lambda: len(refused) == 2)
        assert refused == [f"{there.origin}/z", f"{there.origin}/x"]
        assert there.paths == ["/y", "/inner"]
        assert await theirs.inner_text("h1") == "Theirs"
        await user.close()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what happens in a server's thread."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110  # threads set no asyncio event
            await asyncio.sleep(0.02)
