"""Finding, starting and attaching to a browser, and what a session notices."""

import asyncio
import json
import os
import socket
import subprocess
import time
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from tests.site_server import Site
from tests.tools.looking import lines, see
from tools import browser
from tools.browser import BrowserOptions, find_browser, open_browser, open_session
from tools.errors import BrowserGone, BrowserMissing, StorageFailed, ToolError
from tools.session import Session


def program(path: Path) -> Path:
    """An executable file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Linux machine without any browser; programs can be put into the folder."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "ms-playwright"))
    return folder


def test_without_a_browser_one_sentence_says_what_to_install(bare: Path) -> None:
    with pytest.raises(BrowserMissing, match=r"^No Chromium.*`playwright install chromium`"):
        find_browser()
    program(bare / "apt-get")
    with pytest.raises(BrowserMissing, match="`apt-get install chromium`"):
        find_browser()


def test_browsers_are_found_in_order(bare: Path, tmp_path: Path) -> None:
    edge = program(bare / "microsoft-edge")
    assert find_browser() == edge
    chromium = program(bare / "chromium")
    assert find_browser() == chromium
    chrome = program(bare / "google-chrome")
    assert find_browser() == chrome
    own = tmp_path / "ms-playwright"
    program(own / "chromium-900/chrome-linux/chrome")
    newest = program(own / "chromium-1100/chrome-linux/chrome")
    assert find_browser() == newest


def test_a_named_browser_goes_first_and_must_exist(bare: Path) -> None:
    program(bare / "google-chrome")
    mine = program(bare / "mine")
    assert find_browser(str(mine)) == mine
    with pytest.raises(BrowserMissing, match="There is no program nowhere"):
        find_browser("nowhere")


async def test_a_program_that_is_no_browser_is_one_sentence(tmp_path: Path) -> None:
    fake = program(tmp_path / "fake")
    fake.write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(BrowserMissing) as caught:
        async with open_session(BrowserOptions(executable=str(fake))):
            pass
    assert str(fake) in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_a_session_shows_pages_and_ends(site: Site) -> None:
    async with open_session(BrowserOptions()) as session:
        await session.page.goto(site.page("/hello", "<h1>Hello</h1>"))
        assert lines(await see(session)) == ["heading Hello"]
    with pytest.raises(BrowserGone):
        session.check()


async def test_sessions_in_one_browser_know_nothing_of_each_other(site: Site) -> None:
    async with open_browser(BrowserOptions()) as shared:
        for _ in range(2):  # the browser stays open when a session ends
            async with (
                open_session(BrowserOptions(), shared=shared) as one,
                open_session(BrowserOptions(), shared=shared) as two,
            ):
                await one.page.goto(site.page("/cookie.html", "<p>Here</p>"))
                await one.page.evaluate("document.cookie = 'mine=1'")
                await two.page.goto(site.url("/cookie.html"))
                assert await two.page.evaluate("document.cookie") == ""
                assert len(one.tabs()) == 1


async def test_a_session_works_in_a_window_as_it_stands_and_leaves_it_open(site: Site) -> None:
    async with open_browser(BrowserOptions()) as browser:
        window = await browser.new_context()
        page = await window.new_page()
        await page.goto(site.page("/stands", "<h1>Stands</h1>"))
        async with open_session(BrowserOptions(), shared=window) as session:
            assert lines(await see(session)) == ["heading Stands"]
        assert await page.evaluate("document.title") == ""


async def test_a_profile_keeps_what_a_site_stores(tmp_path: Path, site: Site) -> None:
    url = site.page("/keep", "<p>x</p>")
    options = BrowserOptions(profile=tmp_path / "profile")
    async with open_session(options) as session:
        await session.page.goto(url)
        await session.page.evaluate("localStorage.setItem('who', 'ann')")
        assert len(session.tabs()) == 1
    async with open_session(options) as session:
        await session.page.goto(url)
        assert await session.page.evaluate("localStorage.getItem('who')") == "ann"


async def test_a_storage_state_is_loaded(tmp_path: Path, site: Site) -> None:
    url = site.page("/state", "<p>x</p>")
    state = {
        "cookies": [],
        "origins": [
            {"origin": site.url("").rstrip("/"), "localStorage": [{"name": "a", "value": "b"}]}
        ],
    }
    path = tmp_path / "state.json"
    path.write_text(json.dumps(state))
    async with open_session(BrowserOptions(storage_state=path)) as session:
        await session.page.goto(url)
        assert await session.page.evaluate("localStorage.getItem('a')") == "b"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "cannot be read"),
        ("{", "is not JSON"),
        ("[]", "has no lists of cookies and origins"),
        ('{"cookies": 3}', "has no lists of cookies and origins"),
        ('{"cookies": [{"name": 1}]}', "is not in Playwright's format"),
    ],
)
async def test_a_bad_storage_state_is_one_sentence(
    tmp_path: Path, content: str | None, sentence: str
) -> None:
    path = tmp_path / "state.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ToolError, match=sentence):
        async with open_session(BrowserOptions(storage_state=path)):
            pass


@pytest.fixture
def running(tmp_path: Path) -> Iterator[str]:
    """The address of a browser that somebody started themselves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(find_browser()), *browser.FLAGS, "--headless=new"]
    command += [f"--remote-debugging-port={port}", f"--user-data-dir={tmp_path / 'theirs'}"]
    if os.geteuid() == 0:
        command.append("--no-sandbox")
    process = subprocess.Popen([*command, "about:blank"], stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            with urlopen(f"{url}/json/version"):
                break
        except OSError:
            time.sleep(0.1)
    yield url
    process.terminate()
    process.wait()


async def test_attaching_uses_an_empty_tab_and_leaves_the_browser_alone(
    running: str, site: Site
) -> None:
    mine = site.page("/mine", "<h1>Mine</h1>")
    async with open_session(BrowserOptions(cdp_url=running)) as session:
        assert len(session.context.pages) == 1
        await session.page.goto(mine)
    async with open_session(BrowserOptions(cdp_url=running)) as session:
        assert len(session.context.pages) == 2
        assert len(session.tabs()) == 1
        assert session.page.url == "about:blank"
        await session.page.goto(site.page("/ours", "<h1>Ours</h1>"))
        assert lines(await see(session)) == ["heading Ours"]
    assert mine in await asyncio.to_thread(_open_pages, running)


def _open_pages(address: str) -> set[str]:
    with urlopen(f"{address}/json/list") as answer:
        return {tab["url"] for tab in json.load(answer)}


async def test_attaching_to_nothing_is_one_sentence() -> None:
    with pytest.raises(BrowserMissing, match=r"No browser answers at http://127\.0\.0\.1:9;"):
        async with open_session(BrowserOptions(cdp_url="http://127.0.0.1:9")):
            pass


async def test_dialogs_are_held_until_they_are_answered(session: Session) -> None:
    await session.page.set_content(
        "<button onclick=\"document.title = prompt('Name?', 'x')\">Ask</button>"
    )
    assert not await session.unless_dialog(session.page.get_by_role("button").click())
    assert session.dialog is not None
    assert (session.dialog.type, session.dialog.message) == ("prompt", "Name?")
    await session.answer_dialog(True, "Ann")
    assert session.dialog is None
    assert await session.page.title() == "Ann"


async def test_a_box_that_a_new_tab_opens_before_it_is_a_tab(session: Session, site: Site) -> None:
    html = "<button onclick=\"window.open('javascript:alert(1)')\">Go</button>"
    await session.page.goto(site.page("/opens", html))
    async with session.context.expect_event("dialog", timeout=10_000):
        await session.unless_dialog(session.page.get_by_role("button").click())
    assert session.dialog is not None
    assert session.dialog.message == "1"
    await session.answer_dialog(True)
    assert await session.unless_dialog(session.page.evaluate("1"))


async def test_a_page_loads_no_other_ahead(site: Site) -> None:
    """Chromium does for a page that asks for it, unseen by the rule about sites."""
    for kind in ("prefetch", "prerender"):
        site.page(f"/{kind}ed", "<h1>Ahead</h1>")
    rules = {
        "prefetch": [{"source": "list", "urls": [site.other("/prefetched")]}],
        "prerender": [{"source": "list", "urls": ["/prerendered"]}],
    }
    url = site.page("/s", f"<script type=speculationrules>{json.dumps(rules)}</script>")
    before = len(site.requests)
    async with open_session(BrowserOptions()) as session:
        await session.page.goto(url)
        assert await session.page.evaluate("HTMLScriptElement.supports('speculationrules')")
        await session.page.evaluate("new Promise(done => setTimeout(done, 1500))")
    asked = {request.path for request in site.requests[before:]}
    assert asked - {"/favicon.ico"} == {"/s"}


async def test_a_dialog_that_follows_a_dialog_is_noticed(session: Session) -> None:
    await session.page.set_content("<button onclick=\"alert('one'); alert('two')\">Ask</button>")
    await session.unless_dialog(session.page.get_by_role("button").click())
    second = session.context.wait_for_event("dialog")
    await session.answer_dialog(True)
    await second
    assert session.dialog is not None
    assert session.dialog.message == "two"
    await session.answer_dialog(False)


async def test_downloads_are_saved_under_a_name_of_their_own(session: Session, site: Site) -> None:
    headers = {"Content-Disposition": 'attachment; filename="../a b.txt"'}
    site.handle("/file", lambda _: (200, headers, b"content"))
    await session.page.goto(site.page("/files", "<a href=/file>Get</a>"))
    saved = []
    for _ in range(2):
        async with session.page.expect_download() as info:
            await session.page.get_by_role("link").click()
        saved.append(await session.save(await info.value))
    assert [path.parent for path in saved] == [session.downloads] * 2
    assert len(set(saved)) == 2
    assert all(path.read_bytes() == b"content" for path in saved)
    assert sum("Downloaded" in notice for notice in session.drain_notices()) == 2
    assert session.drain_notices() == []


async def test_a_closed_tab_hands_over_to_the_one_before(session: Session) -> None:
    first = session.page
    session.adopt(await session.context.new_page())
    await session.page.close()
    assert session.page is first
    await first.close()
    with pytest.raises(BrowserGone, match="resumed"):
        session.check()


async def test_there_is_no_tab_99(session: Session) -> None:
    with pytest.raises(IndexError):
        session.switch(99)


async def test_a_crashed_page_ends_the_session(session: Session) -> None:
    async with session.page.expect_event("crash"):
        with pytest.raises(PlaywrightError):
            await session.page.goto("chrome://crash")
    with pytest.raises(BrowserGone, match="crashed"):
        session.check()


MASKED, WHITE = "255 0 255 255", "255 255 255 255"


async def colours_at(page: Page, picture: bytes, heights: list[int]) -> list[str]:
    """The colours of a picture at these heights, 250 pixels from the left."""
    colours: list[str] = await page.evaluate(
        """async ([data, heights]) => {
        const image = new Image(); image.src = data; await image.decode();
        const canvas = document.createElement("canvas");
        canvas.width = image.width; canvas.height = image.height;
        const context = canvas.getContext("2d"); context.drawImage(image, 0, 0);
        return heights.map(y => [...context.getImageData(250, y, 1, 1).data].join(" ")) }""",
        [f"data:image/png;base64,{b64encode(picture).decode()}", heights],
    )
    return colours


async def test_screenshots_hide_passwords_and_secrets(session: Session, tmp_path: Path) -> None:
    await session.page.set_content(
        """<style>input { border: 0; width: 300px; height: 40px; display: block;
        background: white }</style><input type=password value=hunter2><input value=s3cret
        aria-label=Code><input value=public>"""
    )
    session.hide(session.page.get_by_label("Code"))
    path = tmp_path / "shots" / "1.png"
    assert await session.screenshot(path)
    assert await colours_at(session.page, path.read_bytes(), [28, 68, 108]) == [
        MASKED,
        MASKED,
        WHITE,
    ]


async def test_screenshots_hide_secrets_wherever_the_page_shows_them(
    session: Session, tmp_path: Path
) -> None:
    """In a field that the page drew anew, in its text, and in a frame."""
    hiding = Session(session.context, tmp_path, redact=lambda text: text.replace("s3cret", ""))
    hiding.adopt(session.page)
    covered = "height: 40px; width: 300px; display: block; border: 0; background: white; margin: 0"
    await session.page.set_content(
        f"""<style>body {{ margin: 0 }}</style><input value=s3cret style='{covered}'>
        <p style='{covered}'>It is <b>not</b> s3cret.</p><p style='{covered}'>Nothing</p>
        <iframe style='{covered}' srcdoc="<style>* {{ margin: 0 }}</style>
        <p style='{covered}'>s3cret</p>"></iframe>"""
    )
    await session.page.frame_locator("iframe").locator("p").wait_for()
    assert await hiding.screenshot(tmp_path / "1.png")
    picture = (tmp_path / "1.png").read_bytes()
    colours = await colours_at(session.page, picture, [20, 60, 100, 140])
    assert colours == [MASKED, MASKED, WHITE, MASKED]


async def test_no_screenshot_while_a_dialog_is_open(session: Session, tmp_path: Path) -> None:
    await session.page.set_content("<button onclick=\"alert('x')\">Go</button>")
    await session.unless_dialog(session.page.get_by_role("button").click())
    assert not await session.screenshot(tmp_path / "1.png")
    await session.answer_dialog(True)


async def test_a_screenshot_that_cannot_be_written_is_one_sentence(
    session: Session, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed, match="cannot be written"):
        await session.screenshot(tmp_path / "file" / "1.png")


async def test_a_trace_holds_what_happened_but_no_secret(tmp_path: Path, site: Site) -> None:
    url = site.page(
        "/login",
        "<form method=post action=/in><input type=password aria-label=P><input aria-label=Q "
        "name=q><button>In</button></form>",
    )
    site.page("/in", "<h1>You said hunter2</h1>")
    path = tmp_path / "run" / "trace.zip"
    options = BrowserOptions(trace=path)
    redact = lambda text: text.replace("hunter2", "{{PASSWORD}}")  # noqa: E731
    async with open_session(options, redact) as session:
        await session.page.goto(url)
        await session.page.get_by_label("P").fill("hunter2")
        await session.page.get_by_label("Q").fill("hunter2")
        await session.page.get_by_role("button").click()
        await session.page.get_by_role("heading").wait_for()
    with zipfile.ZipFile(path) as trace:
        contents = {name: trace.read(name) for name in trace.namelist()}
    assert any(name.endswith(".trace") for name in contents)
    assert any(b"{{PASSWORD}}" in content for content in contents.values())
    assert not [name for name, content in contents.items() if b"hunter2" in content]
    assert not [name for name in contents if name.endswith((".jpeg", ".png"))]
    assert [p.name for p in path.parent.iterdir()] == ["trace.zip"]
