"""Asking a model over real HTTP: what comes back, and what happens when it errs or fails."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from agent.context import Prompt
from agent.errors import (
    AgentError,
    MalformedAnswer,
    ModelMisconfigured,
    ModelUnavailable,
    PromptTooLong,
)
from agent.model.client import Model, Reply, connect
from agent.model.endpoints import Endpoint
from agent.model.http import Http, Timeouts
from agent.model.protocol import Piece
from agent.model.request import Sampling
from agent.model.retry import Patience
from agent.model.schema import answer_schema
from tests import scripted_model, scripted_replies
from tests.agent.model.pages import shop_page
from tests.scripted_model import Kind, ScriptedModel
from tests.scripted_replies import Cut, Drop, Endless, Html, Reasoning, Slow, Status, answer

CLICK = {"actions": [{"action": "click", "ref": "[e2]"}], "completes_step": True}
GOOD = answer("Add[e2] button", CLICK, reflection="It is not the heading.")
SCHEMA = answer_schema("decide", shop_page())
PROMPT = Prompt(system="You work in a browser.", user="Step 1: add it\nThink carefully.")
OVERFLOW = '{"error":{"code":400,"message":"too long","type":"exceed_context_size_error"}}'


class Waits(list[float]):
    """A clock that nobody waits for."""

    async def sleep(self, seconds: float) -> None:
        self.append(seconds)


@asynccontextmanager
async def asking(
    script: scripted_model.Script,
    kind: Kind = "llama.cpp",
    *,
    waits: Waits | None = None,
    timeouts: Timeouts | None = None,
    sampling: Sampling | None = None,
    **server: Any,
) -> AsyncIterator[tuple[Model, ScriptedModel]]:
    with ScriptedModel(script, kind, **server) as scripted:
        http = Http(
            scripted.url,
            timeouts=timeouts,
            patience=Patience(tries=4),
            sleep=(waits if waits is not None else Waits()).sleep,
        )
        async with connect(Endpoint(url=scripted.url), http, sampling) as model:
            yield model, scripted


async def ask(model: Model, pieces: list[Piece] | None = None) -> Reply:
    return await model.ask(PROMPT, SCHEMA, (pieces if pieces is not None else []).append)


@pytest.mark.parametrize("kind", ["llama.cpp", "vllm", "json_schema", "plain"])
async def test_an_answer_comes_apart_and_streams_on_every_kind_of_endpoint(kind: Kind) -> None:
    pieces: list[Piece] = []
    async with asking([GOOD], kind) as (model, server):
        reply = await ask(model, pieces)
    assert reply.output == CLICK
    assert reply.thinking == "Add[e2] button"
    assert reply.reflections == ["It is not the heading."]
    assert reply.text == (GOOD.as_object() if kind == "json_schema" else GOOD.tagged())
    assert (reply.prompt_tokens, reply.answer_tokens) == (100, 20)
    assert "".join(p.text for p in pieces if p.kind == "thinking") == "Add[e2] button"
    fields = {
        "llama.cpp": "grammar",
        "vllm": "structured_outputs",
        "json_schema": "response_format",
    }
    sent = set(server.requests[0])
    assert sent & set(fields.values()) == ({fields[kind]} if kind in fields else set())
    assert server.prompt(server.requests[0]) == PROMPT.user, "it ends as the card asks for"
    told = "one JSON object instead of tags" in server.system_prompt(server.requests[0])
    assert told == (kind == "json_schema")


async def test_the_model_cards_sampling_is_used_unless_another_is_given() -> None:
    async with asking([GOOD]) as (model, server):
        await ask(model)
    assert (server.requests[0]["temperature"], server.requests[0]["top_p"]) == (0.7, 0.95)
    async with asking([GOOD], sampling=Sampling(temperature=0)) as (model, server):
        await ask(model)
    assert server.requests[0]["temperature"] == 0


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        ("I would rather not.", "no <output>"),
        ("<thinking>hm</thinking><output>{" + '"actions":[', "ends too early"),
        (answer("", {"actions": [{"action": "click", "ref": "[e99]"}]}), "lacks 'completes_step'"),
        (
            answer("", {**CLICK, "actions": [{"action": "click", "ref": "[e99]"}]}),
            "actions[0].ref must be one of [e2]",
        ),
        (Endless("and so on "), "cut off"),
        (Cut("<thinking>so long"), "cut off"),
        ("", "no <output>"),
    ],
)
async def test_one_repair_turn_says_what_was_wrong(
    bad: scripted_replies.Reply, complaint: str
) -> None:
    async with asking([bad, GOOD], "plain") as (model, server):
        reply = await ask(model)
    assert reply.output == CLICK
    assert reply.prompt_tokens == 200, "both turns are paid for"
    again = server.requests[1]["messages"]
    assert [m["role"] for m in again] == ["system", "user", "assistant", "user"]
    assert complaint in again[-1]["content"]


async def test_after_the_repair_turn_the_answer_is_malformed() -> None:
    async with asking(["garbage", "more garbage"], "plain") as (model, server):
        with pytest.raises(MalformedAnswer, match="no <output>"):
            await ask(model)
    assert len(server.requests) == 2


async def test_reasoning_that_the_endpoint_sends_apart_is_thinking() -> None:
    said = Reasoning("I see <reflection>no</reflection>Add[e2]", GOOD.tagged().split("king>")[-1])
    pieces: list[Piece] = []
    async with asking([said], "plain") as (model, _):
        reply = await ask(model, pieces)
    assert reply.output == CLICK
    assert reply.reflections == ["no"]
    assert reply.text == f"<thinking>{said.thinking}</thinking>{said.content}"
    assert pieces[0].kind == "thinking"


@pytest.mark.parametrize(
    "failure",
    [Status(500), Status(503), Status(408), Status(429), Drop(), Drop("<thinking>Add[e2")],
)
async def test_what_may_pass_is_tried_again(failure: scripted_replies.Reply) -> None:
    waits = Waits()
    async with asking([failure, failure, GOOD], waits=waits) as (model, server):
        assert (await ask(model)).output == CLICK
    assert len(server.requests) == 3
    assert len(waits) == 2 and waits[1] > waits[0]


async def test_a_server_that_says_when_is_listened_to() -> None:
    waits = Waits()
    script: Sequence[scripted_replies.Reply] = [
        Status(429, {"retry-after": "7"}),
        Status(503, {"retry-after": "9999"}),
        GOOD,
    ]
    async with asking(script, waits=waits) as (model, _):
        await ask(model)
    assert waits == [7, 60]


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (Status(500), "status 500, tried 4 times"),
        (Status(429), "too many requests, tried 4 times"),
        (Drop("<think"), "tried 4 times"),
    ],
)
async def test_what_does_not_pass_becomes_one_sentence(
    failure: scripted_replies.Reply, words: str
) -> None:
    async with asking([failure] * 9) as (model, server):
        with pytest.raises(ModelUnavailable, match=words) as caught:
            await ask(model)
    assert len(server.requests) == 4
    assert "\n" not in str(caught.value) and "resume" in str(caught.value)


async def test_a_server_that_dies_between_questions_becomes_one_sentence() -> None:
    with ScriptedModel([GOOD]) as server:
        http = Http(server.url, patience=Patience(tries=2, first=0))
        context = connect(Endpoint(url=server.url), http)
        model = await context.__aenter__()
    with pytest.raises(ModelUnavailable, match="connection refused"):
        await ask(model)
    await context.__aexit__(None, None, None)


@pytest.mark.parametrize(
    ("failure", "error", "words"),
    [
        (Status(401), ModelMisconfigured, "refuses the key"),
        (Status(404), ModelMisconfigured, "refuses the question .*404.* check --model-url"),
        (Html(), ModelMisconfigured, "a web page"),
        (Status(400, body=OVERFLOW), PromptTooLong, "too long for the model scripted"),
    ],
)
async def test_what_trying_again_does_not_mend_is_said_at_once(
    failure: scripted_replies.Reply, error: type[AgentError], words: str
) -> None:
    async with asking(lambda request: failure) as (model, _):
        with pytest.raises(error, match=words):
            await ask(model)


async def test_a_silent_server_is_not_waited_for_for_ever() -> None:
    quick = Timeouts(first=0.3, between=0.3, whole=5)
    script: Sequence[scripted_replies.Reply] = [Slow(30, GOOD), Slow(0, GOOD, between=30), GOOD]
    async with asking(script, timeouts=quick) as (model, server):
        assert (await ask(model)).output == CLICK
    assert len(server.requests) == 3


async def test_an_answer_that_trickles_without_end_is_stopped_as_a_whole() -> None:
    quick = Timeouts(whole=0.5)
    async with asking([Slow(0, Endless("x "), between=0.05), GOOD], timeouts=quick) as (model, _):
        assert (await ask(model)).output == CLICK


async def test_cancelling_closes_the_stream() -> None:
    heard = asyncio.Event()
    async with asking([Slow(0, Endless("x "), between=0.02)]) as (model, server):
        task = asyncio.create_task(model.ask(PROMPT, SCHEMA, lambda _: heard.set()))
        await heard.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(server.hung_up.wait, 30)


async def test_the_answers_room_shrinks_when_the_prompt_was_longer_than_estimated() -> None:
    def reply(request: scripted_replies.Json) -> scripted_replies.Reply:
        return GOOD if request["max_tokens"] < 300 else Status(400, body=OVERFLOW)

    async with asking(reply, context=4096) as (model, server):
        assert (await ask(model)).output == CLICK
    first, *others = [r["max_tokens"] for r in server.requests]
    assert first > 512, "a grammar bounds the answer: tokens are only a safety net"
    assert others == [first // 2, first // 4, first // 8]


async def test_a_constraint_that_is_refused_for_this_schema_is_left_out() -> None:
    def reply(request: scripted_replies.Json) -> scripted_replies.Reply:
        return Status(400) if "grammar" in request else GOOD

    async with asking(reply) as (model, server):
        assert (await ask(model)).output == CLICK
    assert "grammar" not in server.requests[-1]


async def test_fields_that_an_endpoint_does_not_know_are_left_out_from_then_on() -> None:
    def reply(request: scripted_replies.Json) -> scripted_replies.Reply:
        for name in ("max_tokens", "temperature"):
            if name in request:
                return Status(400, body=f'{{"error":{{"message":"Unsupported: {name}"}}}}')
        return GOOD

    async with asking(reply, "plain") as (model, server):
        await ask(model)
        await ask(model)
    assert len(server.requests) == 4, "learned once"
    assert "max_completion_tokens" in server.requests[-1]


async def test_the_room_for_the_page_leaves_room_for_the_answer() -> None:
    async with asking([GOOD], context=4096) as (model, server):
        room = model.room(PROMPT)
        page = "button Add[e12]\n" * 2000
        while model.count(page) > room:
            page = page[: len(page) * 9 // 10]
        await model.ask(Prompt(system=PROMPT.system, user=PROMPT.user + page), SCHEMA, print)
        exact = await model.count_exactly(PROMPT.system + PROMPT.user + page)
    assert exact + server.requests[0]["max_tokens"] <= 4096
    assert server.requests[0]["max_tokens"] >= 500
