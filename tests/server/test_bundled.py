"""The bundled model's server, with random weights: what it says is nonsense, yet always valid."""

import asyncio
import json
import os
import re
import select
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from agent.answers import Answer, FinishAnswer, PlanAnswer, ReflectAnswer
from agent.context import Prompt
from agent.model.client import Model, connect
from agent.model.endpoints import Endpoint
from agent.model.http import Http
from agent.model.protocol import Piece
from agent.model.request import Sampling
from agent.model.schema import Question, answer_schema
from tests.agent.model.pages import shop_page
from tests.server.tiny_gguf import write_random_model
from tools.record import REGISTRY

WORDS = "thinking output action actions click fill ref text the Add button Size completes_step"
TAG = re.compile("</?(thinking|reflection|output)")
LOADS = 60
"""Seconds after which a server that should be up is not coming."""

Process = subprocess.Popen[str]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "random.gguf"
    write_random_model(path, words=WORDS)
    return path


def start(*arguments: str) -> Process:
    command = [sys.executable, "-m", "server.bundled", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def first_line(process: Process) -> dict[str, str]:
    assert process.stdout is not None
    found: dict[str, str] = json.loads(process.stdout.readline())
    return found


@pytest.fixture(scope="module")
def url(weights: Path) -> Iterator[str]:
    process = start("--model", str(weights))
    yield first_line(process)["url"]
    process.communicate(timeout=LOADS)


@asynccontextmanager
async def model_at(url: str, temperature: float = 1.2) -> AsyncIterator[Model]:
    async with connect(Endpoint(url=url), Http(url), Sampling(temperature)) as model:
        yield model


def test_one_line_says_where_and_the_log_is_silent(weights: Path) -> None:
    process = start("--model", str(weights))
    said = first_line(process)
    assert said["model"] == "random"
    assert said["url"].startswith("http://127.0.0.1:") and said["url"].endswith("/v1")
    assert httpx.get(f"{said['url']}/models", trust_env=False).status_code == 200
    rest, log = process.communicate(timeout=LOADS)  # closes its standard input
    assert (process.returncode, rest, log) == (0, "", "")


def test_it_leaves_when_its_starter_is_killed(weights: Path) -> None:
    starter = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-m', 'server.bundled', '--model', "
        f"{str(weights)!r}], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "print(child.stdout.readline().decode().strip(), flush=True)\n"
        "print(child.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    pipe = subprocess.PIPE
    parent = subprocess.Popen([sys.executable, "-c", starter], stdin=pipe, stdout=pipe, text=True)
    first_line(parent)
    assert parent.stdout is not None
    child = os.pidfd_open(int(parent.stdout.readline()))
    parent.kill()
    parent.wait(timeout=LOADS)
    assert select.select([child], [], [], LOADS)[0], "no orphan stays"  # readable: it has ended
    os.close(child)


def test_it_leaves_also_while_it_still_loads(tmp_path: Path) -> None:
    endless = tmp_path / "endless.gguf"
    os.mkfifo(endless)  # reading it never ends
    process = start("--model", str(endless))
    process.communicate(timeout=LOADS)
    assert process.returncode is not None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "is missing. Name another model"),
        (b"no model at all" * 100, "cannot be loaded"),
    ],
)
def test_what_cannot_be_served_is_said_in_one_sentence(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "broken.gguf"
    if content is not None:
        path.write_bytes(content)
    process = start("--model", str(path))
    assert process.stderr is not None and process.stdout is not None
    log = process.stderr.read()  # standard input stays open
    assert (process.wait(timeout=LOADS), process.stdout.read()) == (1, "")
    process.communicate()
    assert words in log.splitlines()[-1] and "Traceback" not in log


async def test_what_it_can_do_is_found_out(url: str) -> None:
    async with model_at(url) as model:
        assert model.can.constraint == "grammar"
        assert (model.name, model.context_length) == ("random", 4096)
        assert await model.count_exactly("[e12]<output>[e300]") == 3, "one token each"
        page = shop_page().text * 20
        assert model.count(page) >= await model.count_exactly(page)


async def test_no_answer_of_a_model_without_sense_is_malformed(url: str) -> None:
    """Random weights at a high temperature, yet each answer fits page, schema and protocol."""
    kinds: dict[str, type[Answer]] = {
        "plan": PlanAnswer,
        "reflect": ReflectAnswer,
        "finish": FinishAnswer,
    }
    page = shop_page()
    decide: list[Question] = ["decide"] * 9
    questions: list[Question] = ["plan", "reflect", "finish", *decide]
    async with model_at(url) as model:
        for number, question in enumerate(questions):
            user = f"{number}\n<page>\n{page.text}\n</page>\nThink carefully."
            pieces: list[Piece] = []
            reply = await model.ask(
                Prompt(system="", user=user),
                answer_schema(question, page),
                pieces.append,
            )
            assert pieces[-1].kind == "output"
            assert not TAG.search(json.dumps(reply.output)), "a text holds a tag of the protocol"
            if question in kinds:
                kinds[question].model_validate(reply.output)
            for action in reply.output.get("actions", ()):
                REGISTRY[action["action"]].args.model_validate(action)


async def test_an_open_dialog_leaves_no_other_answer(url: str) -> None:
    schema = answer_schema("decide", shop_page(dialog="confirm: Leave?"))
    async with model_at(url) as model:
        for number in range(4):
            prompt = Prompt(system="", user=f"{number} What now?")
            reply = await model.ask(prompt, schema, lambda _: None)
            assert reply.output["actions"][0]["action"] in ("dialog", "ask")


async def test_what_was_read_before_is_not_read_again(url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:

        async def fresh(text: str) -> int:
            body = {"messages": [{"role": "user", "content": text}], "max_tokens": 1}
            answer = (await client.post(f"{url}/chat/completions", json=body)).json()
            return int(answer["timings"]["prompt_n"])

        history = "Task: order\n" + "1. click button Add: ok\n" * 20
        whole = await fresh(history)
        assert await fresh(history + "2. fill textbox Street: ok\n") < whole / 3


async def test_it_serves_several_questions_at_once(url: str) -> None:
    schema = answer_schema("finish", shop_page())
    async with model_at(url) as model:
        prompts = [Prompt(system="", user=f"{n} done?") for n in range(3)]
        replies = await asyncio.gather(*(model.ask(p, schema, lambda _: None) for p in prompts))
    assert all(isinstance(reply.output["done"], bool) for reply in replies)
