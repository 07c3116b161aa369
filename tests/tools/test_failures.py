"""Each row of the table of Playwright errors is met by a text that Playwright writes, and each
error that can be provoked here has its row."""

import socket

import pytest
from playwright.async_api import Error, Page

from tools.causes import Cause
from tools.failures import TABLE, explain

HTML = """<button disabled id=off>Off</button><button id=unseen style="visibility:hidden">H</button>
<button id=under>Under</button><div style="position:fixed;inset:0">Over</div>
<select id=list><option>a<option disabled>b</select><input id=number type=number>
<input id=readonly readonly><input id=radio type=radio checked><input type=date id=date>
<button id=moves style="animation: m 50ms infinite alternate">M</button>
<style>@keyframes m { from { margin-left: 0 } to { margin-left: 99px } }</style>"""

PROVOKED = [
    ("page.locator('#off').click(timeout=1500)", Cause.DISABLED, "it is disabled"),
    ("page.locator('#unseen').click(timeout=1500)", Cause.NOT_VISIBLE, "it is hidden"),
    ("page.locator('#under').click(timeout=1500)", Cause.COVERED, "something covers it"),
    ("page.locator('#moves').click(timeout=1500)", Cause.TIMEOUT, "it keeps moving"),
    ("page.locator('#list').select_option('b', timeout=1500)", Cause.DISABLED, "X is disabled"),
    ("page.locator('#list').select_option('z', timeout=1500)", Cause.NOT_FOUND, "no option X"),
    ("page.locator('#number').fill('x')", Cause.WRONG_VALUE, "it does not take X"),
    ("page.locator('#under').fill('x')", Cause.WRONG_VALUE, "it does not take X"),
    ("page.locator('#readonly').fill('x', timeout=1500)", Cause.DISABLED, "it cannot be changed"),
    ("page.locator('#number').check()", Cause.WRONG_VALUE, "it does not take X"),
    ("page.locator('#radio').uncheck(force=True)", Cause.WRONG_VALUE,
     "it is checked; choose another instead"),
    ("page.locator('aria-ref=e99').click(timeout=1500)", Cause.DETACHED, "it is gone"),
    ("page.keyboard.press('Foo')", Cause.NOT_FOUND, "no key Foo"),
    ("page.goto('foo')", Cause.NAVIGATION_FAILED, "http://h.example/p cannot be opened"),
    ("page.goto('http://nowhere.invalid/')", Cause.NAVIGATION_FAILED, "h.example does not exist"),
    ("page.wait_for_selector('#never', timeout=1500)", Cause.TIMEOUT, "it did not finish in time"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "cause", "evidence"), PROVOKED)
async def test_provoked(page: Page, code: str, cause: Cause, evidence: str) -> None:
    await page.set_content(HTML)
    with pytest.raises(Error) as raised:
        await eval(code, {"page": page})
    told = explain(raised.value, it="it", text="X", url="http://h.example/p")
    assert told == (cause, evidence), str(raised.value)


async def test_nobody_listens(page: Page) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Error) as raised:
        await page.goto(f"http://127.0.0.1:{port}/")
    cause, evidence = explain(raised.value, url=f"http://127.0.0.1:{port}/")
    assert (cause, evidence) == (Cause.NAVIGATION_FAILED, "127.0.0.1 refuses the connection")


async def test_the_page_is_gone(page: Page) -> None:
    await page.context.new_page()
    await page.close()
    with pytest.raises(Error) as raised:
        await page.title()
    assert explain(raised.value) == (Cause.BROWSER_GONE, "the browser is gone")


WRITTEN = {
    "Page.goto: net::ERR_CONNECTION_RESET at http://h.example/": Cause.NAVIGATION_FAILED,
    "Page.goto: net::ERR_TIMED_OUT at http://h.example/": Cause.TIMEOUT,
    "Page.goto: Timeout 30000ms exceeded.": Cause.TIMEOUT,
    "Page.goto: net::ERR_INTERNET_DISCONNECTED at http://h.example/": Cause.NAVIGATION_FAILED,
    "Page.goto: net::ERR_CERT_DATE_INVALID at https://h.example/": Cause.NAVIGATION_FAILED,
    "Page.goto: net::ERR_TOO_MANY_REDIRECTS at http://h.example/": Cause.NAVIGATION_FAILED,
    "Page.goto: net::ERR_BLOCKED_BY_CLIENT at http://h.example/": Cause.BLOCKED_BY_POLICY,
    "Page.goto: net::ERR_ABORTED at http://h.example/": Cause.NAVIGATION_FAILED,
    "Page.goto: net::ERR_SOMETHING_NEW at http://h.example/": Cause.NAVIGATION_FAILED,
    'Page.goto: Navigation to "a" is interrupted by another navigation': Cause.NAVIGATED_AWAY,
    "Locator.evaluate: Execution context was destroyed": Cause.NAVIGATED_AWAY,
    "ElementHandle.click: Element is not attached to the DOM": Cause.DETACHED,
    "Locator.click: Timeout 9ms exceeded.\n  - element is inert": Cause.COVERED,
    "Locator.check: Clicking the checkbox did not change its state": Cause.NO_EFFECT,
    "Page.title: Target crashed": Cause.BROWSER_GONE,
    "Connection closed while reading from the driver": Cause.BROWSER_GONE,
    'Locator.fill: Timeout 9ms exceeded.\n  - locator resolved to <a id="x">': Cause.TIMEOUT,
}


@pytest.mark.parametrize(("message", "cause"), WRITTEN.items())
def test_written(message: str, cause: Cause) -> None:
    assert explain(Error(message))[0] is cause


def test_every_row_is_met() -> None:
    provoked = (
        "element is not enabled\nelement is not visible\nintercepts pointer events\n"
        "element is not stable\noption being selected is not enabled\ndid not find some options\n"
        "cannot type text into input\nelement is not editable\ncannot uncheck radio\n"
        'timeout 250ms exceeded, waiting for locator("aria-ref=e9\nunknown key: "Foo"\n'
        "cannot navigate to invalid url\nERR_NAME_NOT_RESOLVED\nERR_CONNECTION_REFUSED\n"
        "target page, context or browser has been closed"
    )
    texts = [provoked, *WRITTEN]
    unmet = [row.pattern.pattern for row in TABLE if not any(map(row.pattern.search, texts))]
    assert unmet == []


def test_an_error_nobody_has_seen_is_told_in_its_own_words() -> None:
    told = explain(Error("Locator.click: The moon is in the way"))
    assert told == (Cause.NO_EFFECT, "The moon is in the way")
