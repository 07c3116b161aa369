"""A server that speaks the OpenAI protocol over real HTTP on loopback and says what a test wants.

    with ScriptedModel([answer("Save[e3] button", {"actions": [...], ...}), ...]) as server:
        settings = RunSettings(..., model_url=server.url)

A script is a list of replies, one per chat request in order (when it runs out, the server
answers 500, so that a test notices), or a function from the request's JSON to a reply, so
that a test can act like a sensible model by reading the prompt:

    def reply(request):
        page = ScriptedModel.prompt(request)      # the user prompt; system_prompt() for the other
        ref = re.search(r"button Add\\[(e\\d+)\\]", page)[1]
        return answer(f"Add[{ref}] button", {"actions": [{"action": "click", "ref": f"[{ref}]"}],
                                             "completes_step": True})

`asked_for(request)` tells which question it is: plan, replan, decide, reflect, finish.

A reply is one of
    answer(thinking, output, reflection="")   a well-formed answer, in the form the request asks for
    "any text"                                streamed just so: garbage, truncated tags, ...
    Reasoning(thinking, content)              thinking in `reasoning_content` deltas
    Endless(text)                             the text again and again until max_tokens or hang-up
    Cut(text)                                 text with finish_reason "length"
    Drop(text)                                text, then the connection breaks
    Status(429, {"retry-after": "1"}, body)   an HTTP error
    Html()                                    a web page instead of JSON
    Slow(seconds, reply)                      the reply, its first byte only after some time

`kind` is what the server pretends to be able to do: "llama.cpp" (`grammar`), "vllm"
(`structured_outputs`), "json_schema" (`response_format`), "plain" (nothing). The client's
probes of that are answered by the server itself and never reach the script; they are kept in
`probes`, chat requests in `requests`; `hung_up` is set when a client left in mid-answer. The
server does not enforce a grammar on the script.

It runs in a thread of its own, so it serves sync tests, async tests and subprocesses alike.
"""

import asyncio
import json
import re
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Literal

from tests.scripted_replies import (
    Answer,
    Cut,
    Drop,
    Endless,
    Html,
    Json,
    Reply,
    Slow,
    Status,
    chunk,
    deltas,
    whole,
)

Kind = Literal["llama.cpp", "vllm", "json_schema", "plain"]
Script = Sequence[Reply] | Callable[[Json], Reply]


class ScriptedModel:
    """The server; use as a context manager. `url` ends in /v1."""

    def __init__(
        self,
        script: Script,
        kind: Kind = "llama.cpp",
        *,
        name: str = "scripted",
        context: int = 16384,
        key: str = "",
        chunk: int = 7,
        says_context: bool = True,
        models: Reply | None = None,
    ) -> None:
        """`chunk` is the characters per streamed delta; `models` replaces /v1/models' answer."""
        self.script = script if callable(script) else list(script)
        self.kind, self.name, self.context, self.key = kind, name, context, key
        self.chunk, self.says_context, self.models = chunk, says_context, models
        self.requests: list[Json] = []
        self.probes: list[Json] = []
        self.paths: list[str] = []
        self.hung_up = threading.Event()
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> "ScriptedModel":
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    @staticmethod
    def prompt(request: Json) -> str:
        """The first user message of a chat request; in a repair turn there is a second."""
        return str(next(m for m in request["messages"] if m["role"] == "user")["content"])

    @staticmethod
    def system_prompt(request: Json) -> str:
        """The system message of a chat request."""
        return str(next(m for m in request["messages"] if m["role"] == "system")["content"])

    # -- the thread ---------------------------------------------------------------------------

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._connection, "127.0.0.1", 0)
        )
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in self._tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._exchange(reader, _Wire(writer))
        except (ConnectionError, asyncio.IncompleteReadError):
            self.hung_up.set()
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, wire: "_Wire") -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        path = head[0].split(" ")[1]
        headers = {k.lower(): v.strip() for k, _, v in (h.partition(":") for h in head[1:])}
        raw = await reader.readexactly(int(headers.get("content-length", "0")))
        self.paths.append(path)
        if self.key and headers.get("authorization") != f"Bearer {self.key}":
            return await wire.send(Status(401))
        body: Json = json.loads(raw) if raw else {}
        if path == "/v1/chat/completions":
            return await self._chat(body, wire)
        if path == "/v1/models" and self.models is not None:
            return await wire.send(self.models)
        found = self._described(path, body)
        return await (wire.send(Status(404)) if found is None else wire.json(found))

    def _described(self, path: str, body: Json) -> Json | None:
        """What the pretended server tells of itself outside of chat; None for 404."""
        if path == "/v1/models":
            row: Json = {"id": self.name, "object": "model", "owned_by": self.kind}
            if self.says_context and self.kind == "vllm":
                row["max_model_len"] = self.context
            if self.says_context and self.kind == "llama.cpp":
                row["meta"] = {"n_ctx_train": self.context, "n_ctx": self.context}
            return {"object": "list", "data": [row]}
        if path == "/props" and self.kind == "llama.cpp" and self.says_context:
            return {"default_generation_settings": {"n_ctx": self.context}}
        if path == "/tokenize" and self.kind == "llama.cpp":
            return {"tokens": _tokens(body.get("content", ""))}
        if path == "/tokenize" and self.kind == "vllm":
            chat = "".join(message["content"] for message in body.get("messages", ()))
            tokens = _tokens(body.get("prompt", chat))
            return {"tokens": tokens, "count": len(tokens), "max_model_len": self.context}
        return None

    async def _chat(self, body: Json, wire: "_Wire") -> None:
        probe = _probe(body)
        if probe is not None:
            self.probes.append(body)
            kind, word = probe
            return await self._say(word if kind == self.kind else "Hello!", body, wire)
        self.requests.append(body)
        if callable(self.script):
            return await self._say(self.script(body), body, wire)
        if not self.script:
            return await wire.send(Status(500, body='{"error":{"message":"script is over"}}'))
        return await self._say(self.script.pop(0), body, wire)

    async def _say(self, reply: Reply, body: Json, wire: "_Wire") -> None:
        between = 0.0
        if isinstance(reply, Slow):
            await asyncio.sleep(reply.seconds)
            between, reply = reply.between, reply.reply
        if isinstance(reply, Status | Html):
            return await wire.send(reply)
        if isinstance(reply, Answer):
            reply = reply.as_object() if "response_format" in body else reply.tagged()
        if not body.get("stream"):
            return await wire.json(whole(reply, self.name))
        await wire.begin_stream()
        for delta in deltas(reply, self.chunk, int(body.get("max_tokens", 4096))):
            await wire.event(chunk(self.name, delta))
            await asyncio.sleep(between)
        if isinstance(reply, Drop):
            return wire.abort()
        cut = isinstance(reply, Cut | Endless)
        await wire.event(chunk(self.name, {}, "length" if cut else "stop"))
        if body.get("stream_options", {}).get("include_usage"):
            usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
            await wire.event({**chunk(self.name, {}), "choices": [], "usage": usage})
        return await wire.end_stream()


class _Wire:
    """The answering half of one connection."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer

    async def send(self, reply: Reply) -> None:
        if isinstance(reply, Html):
            return await self._whole(200, {"content-type": "text/html"}, reply.body)
        if isinstance(reply, Slow):
            await asyncio.sleep(reply.seconds)
            return await self.send(reply.reply)
        if isinstance(reply, str):
            return await self._whole(200, {}, reply)
        assert isinstance(reply, Status)
        error = {"message": f"scripted {reply.code}", "type": "scripted", "code": reply.code}
        return await self._whole(
            reply.code, reply.headers, reply.body or json.dumps({"error": error})
        )

    async def json(self, body: Json) -> None:
        await self._whole(200, {}, json.dumps(body))

    async def _whole(self, status: int, headers: dict[str, str], body: str) -> None:
        raw = body.encode()
        lines = {"content-type": "application/json", **headers, "content-length": str(len(raw))}
        head = "".join(f"{k}: {v}\r\n" for k, v in {**lines, "connection": "close"}.items())
        self.writer.write(f"HTTP/1.1 {status} Scripted\r\n{head}\r\n".encode() + raw)
        await self.writer.drain()

    async def begin_stream(self) -> None:
        self.writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
            b"transfer-encoding: chunked\r\nconnection: close\r\n\r\n"
        )
        await self.writer.drain()

    async def event(self, data: Json) -> None:
        await self._part(f"data: {json.dumps(data)}\n\n")

    async def end_stream(self) -> None:
        await self._part("data: [DONE]\n\n")
        self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()

    async def _part(self, text: str) -> None:
        raw = text.encode()
        self.writer.write(f"{len(raw):x}\r\n".encode() + raw + b"\r\n")
        await self.writer.drain()

    def abort(self) -> None:
        self.writer.transport.abort()


_PROBE_WORD = re.compile(r'^root ::= "(\w+)"\s*$')


def _probe(body: Json) -> tuple[Kind, str] | None:
    """Whether this request only asks what the server can do: the kind that can, and its answer."""
    if found := _PROBE_WORD.match(str(body.get("grammar", ""))):
        return "llama.cpp", found[1]
    grammar = body.get("structured_outputs", {}).get("grammar", body.get("guided_grammar", ""))
    if found := _PROBE_WORD.match(str(grammar)):
        return "vllm", found[1]
    schema = body.get("response_format", {}).get("json_schema", {})
    if schema.get("name") == "probe":
        fields = schema["schema"]["properties"]
        return "json_schema", json.dumps({k: v["const"] for k, v in fields.items()})
    return None


def _tokens(text: str) -> list[int]:
    """One token per three characters, roughly as a small vocabulary does."""
    return list(range((len(text) + 2) // 3))


_QUESTIONS = (
    ("List the steps that remain.", "replan"),
    ("List the steps.", "plan"),
    ("What went wrong?", "reflect"),
    ("Is the task done?", "finish"),
)


def asked_for(request: Json) -> str:
    """Which question a chat request asks: plan, replan, decide, reflect or finish."""
    ending = ScriptedModel.prompt(request).rsplit("</page>", 1)[-1]
    return next((kind for words, kind in _QUESTIONS if words in ending), "decide")
