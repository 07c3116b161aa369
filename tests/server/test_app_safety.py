"""Who may not: other pages, other names of this machine, other users, and too much of anything."""

import asyncio
import http.client
import json
import logging
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from server.pairing import COOLING_SECONDS, Codes, Pairings, TooSoon, WrongCode
from server.perimeter import Bucket, Limits, Refused
from server.protocol import MAX_BODY
from tests.server.panel import Panel, served
from tests.site_server import Site

EXTENSION = "chrome-extension://" + "abcdefghijklmnop" * 2
OTHER_EXTENSION = "chrome-extension://" + "ponmlkjihgfedcba" * 2


@pytest_asyncio.fixture
async def panel(tmp_path: Path) -> AsyncIterator[Panel]:
    async with served(tmp_path) as panel:
        yield panel


async def error(panel: Panel, method: str, path: str, **more: Any) -> tuple[int, str]:
    answer = await panel.call(method, path, more.pop("body", None), **more)
    assert answer.json()["message"].endswith(".")
    return answer.status_code, answer.json()["error"]


def port(panel: Panel) -> str:
    return panel.url.rpartition(":")[2]


# -- hosts, origins, tokens -----------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example:{}", "127.0.0.1", "127.0.0.1.nip.io:{}", "[::1]:{}"]
)
async def test_a_name_that_is_made_to_point_here_is_refused(
    panel: Panel, host: str, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {"Host": host.format(port(panel))}
    assert await error(panel, "GET", "/api/runs", headers=headers) == (403, "WrongHost")
    (line,) = [r.getMessage() for r in caplog.records if r.name == "secondlook"]
    assert line.startswith("refused GET /api/runs")


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:9", "http://localhost", EXTENSION]
)
async def test_another_origin_is_refused_even_with_the_token(panel: Panel, origin: str) -> None:
    headers = {"Origin": origin}
    assert await error(panel, "GET", "/api/runs", headers=headers) == (403, "WrongOrigin")
    assert await error(panel, "POST", "/api/runs", body={"task": "x"}, headers=headers) == (
        403,
        "WrongOrigin",
    )
    preflight = await panel.call("OPTIONS", "/api/runs", headers=headers)
    assert "access-control-allow-origin" not in preflight.headers


async def test_without_the_token_nothing_is_told_or_done(panel: Panel) -> None:
    stranger = Panel(panel.url)
    for method, path in [
        ("GET", "/api/runs"),
        ("POST", "/api/runs"),
        ("GET", "/api/runs/x"),
        ("POST", "/api/runs/x/stop"),
        ("GET", "/api/runs/x/screenshots/a.jpg"),
        ("GET", "/api/pairings"),
        ("DELETE", "/api/pairings/x"),
    ]:
        body = {"task": "x"} if path == "/api/runs" else None
        assert await error(stranger, method, path, body=body) == (401, "NotPaired")
    wrong = Panel(panel.url, token=panel.token[:-1] + "A")
    assert await error(wrong, "GET", "/api/runs") == (401, "NotPaired")


async def test_an_extension_is_paired_and_then_no_other(panel: Panel) -> None:
    mine = {"Origin": EXTENSION}
    about = await panel.call("GET", "/api/about", headers=mine)
    assert about.headers["access-control-allow-origin"] == EXTENSION
    await panel.post("/api/pair/code")
    extension = Panel(panel.url)
    asked = {"code": panel.codes[-1], "name": "Chrome"}
    paired = await extension.call("POST", "/api/pair", asked, headers=mine)
    assert paired.status_code == 201
    assert "set-cookie" not in paired.headers
    extension.token = paired.json()["token"]

    preflight = await extension.call("OPTIONS", "/api/runs", headers=mine)
    assert preflight.headers["access-control-allow-origin"] == EXTENSION
    runs = await extension.call("GET", "/api/runs", headers=mine)
    assert runs.status_code == 200
    assert runs.headers["access-control-allow-origin"] == EXTENSION
    stolen = {"Origin": OTHER_EXTENSION}
    assert (await extension.call("GET", "/api/runs", headers=stolen)).status_code == 403
    own = {"Origin": panel.url}
    assert await error(extension, "GET", "/api/runs", headers=own) == (401, "NotPaired")


async def test_our_own_page_needs_its_cookie_and_its_token(panel: Panel) -> None:
    """Every server on this machine gets our cookies, whatever its port: they are half of it."""
    await panel.post("/api/pair/code")
    own = {"Origin": panel.url}
    asked = {"code": panel.codes[-1], "name": "Dashboard"}
    paired = await Panel(panel.url).call("POST", "/api/pair", asked, headers=own)
    cookie = paired.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    page = Panel(panel.url, token=paired.json()["token"])
    assert await error(page, "GET", "/api/runs", headers=own) == (401, "NotPaired")
    half = {"Cookie": cookie.split(";")[0]}
    assert await error(Panel(panel.url), "GET", "/api/runs", headers=half) == (401, "NotPaired")
    assert (await page.call("GET", "/api/runs", headers=own | half)).status_code == 200


async def test_a_pairing_that_is_taken_back_ends_its_streams(panel: Panel, tmp_path: Path) -> None:
    async with panel.stream() as stream:
        Pairings(tmp_path).forget()  # what `secondlook serve --forget` does
        assert await error(panel, "GET", "/api/runs") == (401, "NotPaired")
        with pytest.raises(ConnectionClosed):
            while True:
                await stream.next()
        assert stream.socket.close_code == 4401


async def test_tokens_are_kept_as_hashes_for_the_user_alone(panel: Panel, tmp_path: Path) -> None:
    file = tmp_path / "pairings.json"
    assert panel.token not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


# -- a page in a real browser ---------------------------------------------------------------


async def test_a_web_page_can_neither_ask_nor_listen(
    panel: Panel, chromium: Browser, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    context = await chromium.new_context()
    page = await context.new_page()
    await page.goto(site.page("/evil", "<h1>Evil</h1>"))
    tried = await page.evaluate(
        """async ([url, token]) => {
            const said = [];
            const tries = {
                read: () => fetch(url + '/api/about').then(r => r.text()),
                token: () => fetch(url + '/api/runs', {
                    headers: {authorization: 'Bearer ' + token},
                }),
                blind: () => fetch(url + '/api/runs', {
                    method: 'POST', mode: 'no-cors', body: '{"task": "buy"}',
                }).then(r => r.type === 'opaque' ? Promise.reject() : r),
            };
            for (const [name, attempt] of Object.entries(tries))
                said.push([name, await attempt().then(() => 'read it', () => 'failed')]);
            const socket = new WebSocket(url.replace('http', 'ws') + '/api/stream');
            said.push(['socket', await new Promise(done => {
                socket.onopen = () => done('opened');
                socket.onerror = () => done('failed');
            })]);
            return said;
        }""",
        [panel.url, panel.token],
    )
    await context.close()
    assert tried == [[name, "failed"] for name in ("read", "token", "blind", "socket")]
    refused = [r.getMessage() for r in caplog.records if r.name == "secondlook"]
    assert len([line for line in refused if "WrongOrigin" in line]) >= 4
    assert (await panel.get("/api/runs"))["runs"] == []


# -- sockets --------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/stream", "/api/tabs"])
async def test_a_socket_without_the_token_is_closed_untold(panel: Panel, path: str) -> None:
    address = f"ws{panel.url.removeprefix('http')}{path}"
    with pytest.raises(InvalidStatus):
        async with connect(address, origin="https://evil.example"):  # type: ignore[arg-type]
            pass
    for first, code in [
        ({"kind": "hello", "token": "wrong"}, 4401),
        ({"kind": "watch", "run": "x"}, 4400),
        ("x" * (MAX_BODY + 1), 4400),
    ]:
        async with connect(address) as socket:
            await socket.send(json.dumps(first))
            assert json.loads(await socket.recv())["kind"] == "error"
            with pytest.raises(ConnectionClosed):
                await socket.recv()
            assert socket.close_code == code


async def test_a_message_that_the_stream_does_not_know_ends_it(panel: Panel) -> None:
    async with panel.stream() as stream:
        await stream.say(kind="watch", run="no-such-run")
        assert (await stream.next())["error"] == "RunNotFound"
        await stream.say(kind="launch", run="missiles")
        assert (await stream.next())["error"] == "BadMessage"
        with pytest.raises(ConnectionClosed):
            await stream.next()
        assert stream.socket.close_code == 4400


# -- too much -------------------------------------------------------------------------------


async def test_bodies_that_are_too_large_are_not_read(panel: Panel) -> None:
    large = {"task": "x" * MAX_BODY}
    assert await error(panel, "POST", "/api/runs", body=large) == (413, "TooLarge")

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 10_000

    with pytest.raises(httpx.TransportError):  # it is hung up on
        await panel.call("POST", "/api/runs", content=endless())
    assert (await panel.get("/api/runs"))["runs"] == []


async def test_a_thousand_wrong_codes(
    panel: Panel, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await panel.post("/api/pair/code")

    def guess() -> Iterator[str]:
        connection = http.client.HTTPConnection("127.0.0.1", int(port(panel)))
        for number in range(1000):
            guessed = json.dumps({"code": f"AAAA-{number:04}"})
            headers = {"Content-Type": "application/json"}
            connection.request("POST", "/api/pair", guessed, headers)
            yield json.loads(connection.getresponse().read())["error"]
        connection.close()

    said = await asyncio.to_thread(lambda: list(guess()))
    assert set(said) == {"WrongCode", "TooOften"}
    refused = [r for r in caplog.records if r.getMessage().startswith("refused POST /api/pair ")]
    assert len(refused) == 1000
    assert len(Pairings(tmp_path).all()) == 1
    assert (await panel.get("/api/about"))["paired"]


def test_a_code_is_good_once_for_a_time_and_a_few_tries() -> None:
    now, shown = [0.0], list[str]()
    codes = Codes(lambda code, _: shown.append(code), clock=lambda: now[0])
    with pytest.raises(WrongCode):
        codes.spend("")
    codes.ask()
    codes.spend(shown[-1].lower().replace("-", " "))
    with pytest.raises(WrongCode):
        codes.spend(shown[-1])
    codes.ask()
    now[0] += 601
    with pytest.raises(WrongCode):
        codes.spend(shown[-1])
    codes.ask()
    assert shown[-1] != shown[-2]
    for _ in range(5):
        with pytest.raises(WrongCode):
            codes.spend("AAAAAAAA")
    with pytest.raises(WrongCode):
        codes.spend(shown[-1])
    with pytest.raises(TooSoon):
        codes.ask()
    now[0] += COOLING_SECONDS
    codes.ask()
    codes.spend(shown[-1])


def test_a_bucket_refills() -> None:
    now = [0.0]
    bucket = Bucket(rate=2, burst=3, clock=lambda: now[0])
    for _ in range(3):
        bucket.take()
    with pytest.raises(Refused) as refused:
        bucket.take()
    assert refused.value.status == 429
    now[0] += 0.5
    bucket.take()


async def test_too_many_requests_are_refused_and_it_still_serves(tmp_path: Path) -> None:
    async with served(tmp_path, limits=Limits(client=(0.01, 5), strangers=(0.01, 10))) as panel:
        answers = [await panel.call("GET", "/api/runs") for _ in range(8)]
        assert [a.status_code for a in answers] == [200] * 5 + [429] * 3
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert (await Panel(panel.url).call("GET", "/api/about")).status_code == 200


async def test_no_secret_stands_in_the_log(panel: Panel, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "secondlook")
    await error(panel, "GET", "/api/runs?token=hunter2", headers={"Host": "evil.example"})
    await error(Panel(panel.url, token="hunter2"), "GET", "/api/runs")
    assert "hunter2" not in "".join(r.getMessage() for r in caplog.records)
