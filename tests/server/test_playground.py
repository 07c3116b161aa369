"""The playground in a real browser: what is asked, what is seen, and who may ask."""

import json
import os
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from pydantic import SecretStr

from agent.model.endpoints import Endpoint
from server.playground import SYSTEM
from server.playground_server import FIRST_PORT, served
from tasks.exit_codes import ExitCode
from tests.scripted_model import ScriptedModel
from tests.scripted_replies import Cut, Drop, Endless, Reasoning, Reply, Slow, Status, answer
from tests.tasks.command import COMMAND, environment, secondlook

THINKING = "First I add. <reflection>No: subtract.</reflection> Now I have it."
OUTPUT = '{"answer": 1.10, "big": 12345678901234567890, "none": [], "of": ["a", {"b": null}]}'
LAID_OUT = """\
{
  "answer": 1.10,
  "big": 12345678901234567890,
  "none": [],
  "of": [
    "a",
    {
      "b": null
    }
  ]
}"""
TAGGED = f"<thinking>{THINKING}</thinking><output>{OUTPUT}</output>"


@contextmanager
def playground(model: ScriptedModel | str, key: str = "") -> Iterator[str]:
    """The page's address."""
    url = model if isinstance(model, str) else model.url
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        served(Endpoint(url=url, key=SecretStr(key)), listener) as page,
    ):
        yield page


@pytest_asyncio.fixture
async def page(chromium: Browser) -> AsyncIterator[Page]:
    """A tab in which no script of ours may fail."""
    context = await chromium.new_context(viewport={"width": 1280, "height": 800})
    tab = await context.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    await context.close()
    assert not errors


async def ask(page: Page, url: str, question: str = "What is 3 - 2?") -> None:
    await page.goto(url)
    await page.get_by_label("Question").fill(question)
    await page.get_by_role("button", name="Send").click()


async def problem(page: Page) -> str:
    """The one sentence that says what went wrong."""
    alert = page.get_by_role("alert")
    await expect(alert).to_be_visible()
    return await alert.locator("p").inner_text()


@pytest.mark.parametrize(
    "reply",
    [
        TAGGED,
        Reasoning(THINKING, OUTPUT),
        Reasoning(THINKING, OUTPUT, field="reasoning"),
    ],
    ids=["tags", "reasoning_content", "reasoning"],
)
@pytest.mark.parametrize("chunk", [1, 50])
async def test_the_parts_come_apart(page: Page, reply: Reply, chunk: int) -> None:
    with ScriptedModel([reply], chunk=chunk) as model, playground(model) as url:
        await ask(page, url)
        await expect(page.get_by_role("status")).to_contain_text("Done in")
    thinking = page.get_by_role("region", name="Thinking")
    paragraphs = thinking.locator(".flow > p")
    assert await paragraphs.all_inner_texts() == ["First I add.", "Now I have it."]
    reflection = thinking.get_by_role("region", name="Reflection", exact=True)
    await expect(reflection.locator("p")).to_have_text("No: subtract.")
    output = page.get_by_role("region", name="Output").locator("pre")
    assert await output.inner_text() == LAID_OUT, "as written: no digit or key may change"
    await expect(page.locator("#count-tokens")).to_have_text("20")  # the endpoint's own count


@pytest.mark.parametrize("by", ["button", "Escape"])
async def test_it_is_seen_while_it_comes_and_can_be_stopped(page: Page, by: str) -> None:
    reply = Slow(0, Endless("so on and "), between=0.02)
    with ScriptedModel([reply, TAGGED]) as model, playground(model) as url:
        await ask(page, url)
        await expect(page.get_by_role("region", name="Thinking")).to_contain_text("so on and so")
        await expect(page.get_by_role("status")).to_have_text("Thinking")
        await expect(page.locator("#count-tokens")).to_contain_text("≈")
        if by == "button":
            await page.get_by_role("button", name="Stop").click()
        else:
            await page.keyboard.press(by)
        await expect(page.get_by_role("status")).to_have_text("Stopped")
        assert model.hung_up.wait(20), "the endpoint goes on for nobody"
        await expect(page.get_by_role("region", name="Thinking")).to_contain_text("so on and so")
        await page.keyboard.press("Control+Enter")
        await expect(page.get_by_role("status")).to_contain_text("Done in")
        await expect(page.get_by_role("region", name="Thinking")).not_to_contain_text("so on")


async def test_the_raw_stream_is_shown_on_demand(page: Page) -> None:
    with ScriptedModel([TAGGED], chunk=5) as model, playground(model) as url:
        await ask(page, url)
        await expect(page.get_by_role("status")).to_contain_text("Done in")
    raw = page.locator("#raw-text")
    await expect(raw).not_to_be_visible()
    await page.get_by_text("Raw stream").press("Enter")
    await page.wait_for_function(
        "n => document.querySelector('#raw-text').innerText.trim().split('\\n').length >= n",
        arg=len(TAGGED) // 5,
    )
    lines = (await raw.inner_text()).strip().splitlines()
    deltas = [json.loads(line.partition(" s  ")[2]) for line in lines]
    assert "".join(delta["content"] for delta in deltas) == TAGGED
    assert all(len(delta["content"]) <= 5 for delta in deltas), "as they came"


async def test_what_is_recommended_is_sent_unless_it_is_changed(page: Page) -> None:
    with ScriptedModel(["<output>1</output>"] * 2) as model, playground(model) as url:
        await ask(page, url)
        await expect(page.get_by_role("status")).to_contain_text("Done in")
        await page.get_by_label("Temperature").fill("1.2")
        await page.get_by_label("Top p").fill("0.5")
        await page.get_by_label("Tokens at most").fill("77")
        await page.get_by_label("Seed").fill("7")
        await page.get_by_role("switch", name="Think carefully").press("Space")
        await page.get_by_text("System prompt", exact=False).first.click()
        await page.get_by_label("System prompt").fill("Be brief.")
        await page.get_by_role("button", name="Send").press("Enter")
        await expect(page.locator("#raw-note")).not_to_be_empty()
        await expect(page.get_by_role("status")).to_contain_text("Done in")
        first, second = model.requests
    assert (first["temperature"], first["top_p"], first["max_tokens"]) == (0.7, 0.95, 2048)
    assert "seed" not in first
    assert ScriptedModel.system_prompt(first) == SYSTEM
    assert ScriptedModel.prompt(first) == "What is 3 - 2?\nThink carefully."
    assert (second["temperature"], second["top_p"], second["max_tokens"]) == (1.2, 0.5, 77)
    assert second["seed"] == 7
    assert ScriptedModel.system_prompt(second) == "Be brief."
    assert ScriptedModel.prompt(second) == "What is 3 - 2?"


async def test_an_endpoint_that_takes_no_temperature_is_asked_without_and_it_is_said(
    page: Page,
) -> None:
    refusal = Status(400, body='{"error":{"message":"Unsupported parameter: temperature"}}')
    with ScriptedModel([refusal, TAGGED]) as model, playground(model) as url:
        await ask(page, url)
        await expect(page.get_by_role("status")).to_contain_text("without temperature and top_p")
        assert "temperature" not in model.requests[1]


async def test_markup_in_an_answer_is_text(page: Page) -> None:
    evil = '<img src="x" onerror="document.title=1"><script>document.title=1</script>'
    replies: list[Reply] = [answer(evil, {evil: evil}, reflection=evil), f"<output>{evil}</output>"]
    with ScriptedModel(replies, name=evil) as model, playground(model) as url:
        await ask(page, url, evil)
        output = page.get_by_role("region", name="Output").locator("pre")
        await expect(output).to_contain_text(json.dumps(evil))
        await expect(page.get_by_role("region", name="Reflection", exact=True)).to_contain_text(
            evil
        )
        await page.get_by_role("button", name="Send").click()
        await expect(output).to_have_text(evil)
    assert await page.locator("main img, main script").count() == 0
    assert await page.title() == "secondlook playground"


async def test_an_answer_without_tags_is_the_output(page: Page) -> None:
    with ScriptedModel(["Just prose."]) as model, playground(model) as url:
        await ask(page, url)
        output = page.get_by_role("region", name="Output")
        await expect(output).to_contain_text("the model wrote no tags")
        await expect(output.locator("pre")).to_have_text("Just prose.")
        await expect(page.get_by_role("region", name="Thinking")).not_to_be_visible()


async def test_an_answer_that_was_cut_off_says_so(page: Page) -> None:
    with ScriptedModel([Cut("<thinking>I add")]) as model, playground(model) as url:
        await ask(page, url)
        await expect(page.get_by_role("status")).to_contain_text("Cut off")


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Drop("<thinking>I add"), "The answer ended too early"),
        (Status(503), "does not answer (status 503)"),
        (Status(400, body='{"error":{"message":"bad s3cret-key"}}'), "refuses the question"),
        (
            Status(400, body='{"error":{"message":"maximum context length is 10 tokens"}}'),
            "longer than the model's context",
        ),
    ],
)
async def test_what_goes_wrong_is_said_in_one_sentence(
    page: Page, reply: Reply, words: str
) -> None:
    with (
        ScriptedModel([reply], key="s3cret-key") as model,
        playground(model, "s3cret-key") as url,
    ):
        await ask(page, url)
        sentence = await problem(page)
    assert words in sentence and sentence.endswith((".", "--model."))
    assert "\n" not in sentence and "s3cret-key" not in sentence
    await expect(page.get_by_role("status")).to_have_text("No answer")


async def test_an_endpoint_that_is_not_there_and_one_that_comes_back(page: Page) -> None:
    with ScriptedModel([TAGGED]) as model:
        address = model.url
    with playground(address) as url:
        await page.goto(url)
        assert await problem(page) == (
            f"The model at {address} does not answer (connection refused): start it, and try again."
        )
        await expect(page.get_by_role("button", name="Send")).to_be_disabled()
    with ScriptedModel([TAGGED], models=Status(503)) as model, playground(model) as url:
        await page.goto(url)
        assert "does not answer (status 503)" in await problem(page)
        model.models = None
        await page.get_by_role("button", name="Try again").click()
        await expect(page.get_by_role("alert")).not_to_be_visible()
        await expect(page.get_by_role("button", name="Send")).to_be_enabled()


async def test_a_server_that_is_gone(page: Page) -> None:
    with ScriptedModel([TAGGED]) as model:
        with playground(model) as url:
            await page.goto(url)
            await expect(page.get_by_role("button", name="Send")).to_be_enabled()
        await page.get_by_label("Question").fill("Still there?")
        await page.get_by_role("button", name="Send").click()
        assert "is its command still running?" in await problem(page)


def form(**changed: object) -> dict[str, object]:
    sampling = {"temperature": 0.7, "top_p": 0.95, "max_tokens": 9, "think": True}
    return {"model": "scripted", "system": "", "user": "Hi", **sampling, **changed}


def test_strangers_are_refused() -> None:
    with ScriptedModel([TAGGED]) as model, playground(model) as url:
        port = url.split(":")[2].split("/")[0]
        own = f"http://127.0.0.1:{port}"
        for host in ("evil.example", f"evil.example:{port}", f"127.0.0.1.evil.example:{port}", ""):
            for path in ("", "about", "ask"):
                assert httpx.get(f"{url}{path}", headers={"Host": host}).status_code == 403
        assert httpx.get(url, headers={"Host": f"localhost:{port}"}).status_code == 200
        for origin in ("http://evil.example", "null", f"https://127.0.0.1:{port}", f"{own}1", own):
            answered = httpx.post(f"{url}ask", json=form(), headers={"Origin": origin})
            assert answered.status_code == (200 if origin == own else 403)
        assert httpx.post(f"{url}ask", json=form()).status_code == 403
        assert len(model.requests) == 1, "none of the others reached the model"


def test_what_the_page_would_not_send_is_refused() -> None:
    with ScriptedModel([]) as model, playground(model) as url:
        headers = {"Origin": url.removesuffix("/playground/")}
        large = httpx.post(f"{url}ask", json=form(user="x" * 3_000_000), headers=headers)
        assert large.status_code == 413
        for wrong in ({"temperature": 9}, {"user": " "}, {"max_tokens": 0}, {"seed": "x"}):
            answered = httpx.post(f"{url}ask", json=form(**wrong), headers=headers)
            assert answered.status_code == 422
            assert next(iter(wrong)) in answered.json()["sentence"]
        assert model.requests == []


def test_nothing_from_elsewhere_and_nothing_inline_runs_in_the_page() -> None:
    with ScriptedModel([]) as model, playground(model) as url:
        for path in ("", "page.js", "about"):
            headers = httpx.get(f"{url}{path}").headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy and "unsafe" not in policy
            assert headers["referrer-policy"] == "no-referrer"


def test_the_key_stays_in_the_server_and_its_page_is_for_who_started_it() -> None:
    with ScriptedModel([TAGGED], key="s3cret-key") as model, playground(model, "s3cret-key") as url:
        root, _, rest = url.removeprefix("http://").partition("/")
        assert len(rest.removesuffix("/playground/")) > 20, "a secret of its own"
        assert httpx.get(f"http://{root}/playground/").status_code == 404
        about = httpx.get(f"{url}about")
        headers = {"Origin": f"http://{root}"}
        asked = httpx.post(f"{url}ask", json=form(), headers=headers)
        assert about.json()["models"] and '"event":"done"' in asked.text
        assert "s3cret-key" not in about.text + asked.text + str(about.headers)
    with playground("http://user:s3cret-key@127.0.0.1:9/v1?api-key=s3cret-key") as url:
        assert "s3cret-key" not in httpx.get(f"{url}about").text


@pytest.fixture
def command() -> Iterator[subprocess.Popen[str]]:
    """`secondlook playground`, with the bundled model."""
    with subprocess.Popen(
        [*COMMAND, "playground"], stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        yield process
        process.kill()


async def test_the_command_with_the_bundled_model(
    page: Page, command: subprocess.Popen[str]
) -> None:
    assert command.stdout is not None
    url = next(line.split()[-1] for line in command.stdout if "Ask it:" in line)
    assert int(url.split(":")[2].split("/")[0]) >= FIRST_PORT
    await page.goto(url)
    await expect(page.get_by_label("Model")).to_have_value("secondlook-mini")
    assert await page.get_by_label("Temperature").input_value() == "0"
    await page.get_by_role("button", name="Web: reflection").click()
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("status")).to_contain_text("Done in")
    await expect(page.get_by_role("region", name="Reflection", exact=True)).to_be_visible()
    output = page.get_by_role("region", name="Output").locator("pre")
    assert set(json.loads(await output.inner_text())) == {"diagnosis", "strategy", "advice"}
    if picture := os.environ.get("PLAYGROUND_PICTURE"):
        await page.screenshot(path=picture)
    command.send_signal(signal.SIGINT)
    assert command.wait(60) == ExitCode.STOPPED


def test_a_port_that_is_taken_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = secondlook("playground", "--model-url", "http://127.0.0.1:9", "--port", str(port))
    assert said.code == ExitCode.USAGE
    assert said.err.startswith(f"secondlook: Port {port} of 127.0.0.1 is taken")
    assert said.err.count("\n") == 1
