"""What all tests share: one Chromium for the whole run, and pages served on loopback."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from tests.site_server import Site, serve
from tools.browser import FLAGS, find_browser
from tools.session import Session


@pytest_asyncio.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """A browser that lives as long as the test run; take a context of your own from it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_browser(), args=[*FLAGS, "--no-sandbox"]
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def session(chromium: Browser, tmp_path: Path) -> AsyncIterator[Session]:
    """A session with one empty tab in a context of its own."""
    context = await chromium.new_context(viewport={"width": 1280, "height": 800})
    opened = Session(context, tmp_path / "downloads")
    opened.adopt(await context.new_page())
    yield opened
    await context.close()


@pytest.fixture
def page(session: Session) -> Page:
    """The session's first tab."""
    return session.page


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """`tests/site/` on loopback, at two origins; and pages that a test makes up."""
    with serve(Path(__file__).parent / "site") as served:
        yield served
