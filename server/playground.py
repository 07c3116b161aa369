"""The playground: ask a model anything, and see thinking, reflections and output apart.

`playground` gives its routes, for whoever serves them on loopback:

    GET  /playground/        the page (`playground_page/`), in the panel's colours
    GET  /playground/about   the endpoint's models and what the form begins with: About
    POST /playground/ask     a question, Ask; its answer as one Event a line while it comes

The endpoint's key stays here: the page is told neither it nor an address that may hold one.
"""

from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import openai
from openai.types.chat import ChatCompletionChunk
from pydantic import BaseModel, Field, ValidationError
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from agent.errors import AgentError, ModelMisconfigured, ModelUnavailable
from agent.model.client import reasoning_in
from agent.model.endpoints import DEFAULT_CONTEXT, Abilities, Endpoint, listed_models
from agent.model.failures import overflows, reason, refused
from agent.model.http import Broken, Http
from agent.model.request import CARDS, Message, Requests, Sampling
from agent.model.retry import PASSING, Patience
from server.own_pages import OwnPagesOnly
from server.parts import Parts
from tasks.bundled import BUNDLED_NAME
from tasks.model_check import questions

PAGE = Path(__file__).with_name("playground_page")
PALETTE = Path(__file__).parent / "extension" / "panel" / "palette.css"

SYSTEM = (files("agent.prompts") / "system.j2").read_text(encoding="utf-8").partition("\n\n")[0]
"""The sentence that the reflection model was trained with; our own instructions follow it."""

THINK = "Think carefully."
"""How the model's card has a question end."""

MAX_BODY = 2_000_000
"""Bytes of a question: more than 100,000 tokens of text."""

_FOR_WEB_PAGES = (
    "This model was made for steps on web pages and knows nothing else: "
    "try the plan, the action and the reflection."
)
_RIDDLE = "Sally has 3 brothers. Each brother has 2 sisters. How many sisters does Sally have?"
_LARGER = "Which is larger, 9.11 or 9.9?"


class Choice(BaseModel):
    """A model of the endpoint, with the sampling that its card recommends."""

    name: str
    temperature: float
    top_p: float
    hint: str = ""


class Example(BaseModel):
    """A question to begin with. `think` is whether it ends with "Think carefully."."""

    label: str
    system: str = SYSTEM
    user: str
    think: bool = True


class About(BaseModel):
    """What the form begins with. `failed` says in one sentence why there are no models."""

    url: str
    system: str = SYSTEM
    models: list[Choice] = Field(default_factory=list)
    examples: list[Example] = Field(default_factory=list)
    failed: str = ""


class Ask(BaseModel):
    """One question, and how it is to be answered."""

    model: str = Field(min_length=1, max_length=300)
    system: str
    user: str = Field(min_length=1, pattern=r"\S")
    think: bool
    temperature: float = Field(ge=0, le=2)
    top_p: float = Field(gt=0, le=1)
    max_tokens: int = Field(ge=1, le=1_000_000)
    seed: int | None = Field(default=None, ge=0, lt=2**31)

    @property
    def messages(self) -> list[Message]:
        """As they go to the endpoint; an empty system prompt is left out."""
        user = self.user.strip()
        if self.think and not user.endswith(THINK):
            user = f"{user}\n{THINK}"
        system = [{"role": "system", "content": self.system}] if self.system.strip() else []
        return [*system, {"role": "user", "content": user}]


class PieceCame(BaseModel):
    """A bit of the answer, and which part of it it is."""

    event: Literal["piece"] = "piece"
    piece: Literal["thinking", "reflection", "output"]
    text: str


class DeltaCame(BaseModel):
    """A delta of the endpoint's, as it came."""

    event: Literal["delta"] = "delta"
    delta: dict[str, Any]


class Done(BaseModel):
    """The answer is whole, or cut off (`finish` is "length").

    Tokens are the endpoint's count, if it gives one. `tagless`: the model wrote none of the
    tags that it was asked for, so the output is what has been shown as thinking. `left_out`:
    settings that this endpoint does not take.
    """

    event: Literal["done"] = "done"
    finish: str
    prompt_tokens: int | None
    answer_tokens: int | None
    tagless: bool
    left_out: list[str]


class Failed(BaseModel):
    """There is no answer, or no more of it: why, in one sentence."""

    event: Literal["failed"] = "failed"
    sentence: str


Event = PieceCame | DeltaCame | Done | Failed


def playground(endpoint: Endpoint) -> Mount:
    """The routes under /playground, for this endpoint."""

    async def about(_: Request) -> Response:
        return _json(await _about(endpoint))

    async def ask(request: Request) -> Response:
        try:
            asked = Ask.model_validate_json(await request.body())
        except ValidationError as error:
            return _json(Failed(sentence=_wrong(error)), 422)
        lines = (f"{event.model_dump_json()}\n" async for event in _answer(endpoint, asked))
        return StreamingResponse(lines, media_type="application/x-ndjson")

    return Mount(
        "/playground",
        routes=[
            Route("/about", about),
            Route("/ask", ask, methods=["POST"]),
            Route("/palette.css", lambda _: FileResponse(PALETTE)),
            Mount("/", StaticFiles(directory=PAGE, html=True)),
        ],
        middleware=[Middleware(OwnPagesOnly)],
        max_body_size=MAX_BODY,
    )


def shown(endpoint: Endpoint) -> str:
    """The endpoint's address without user, password and query, which may hold a key."""
    parts = urlsplit(endpoint.url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


async def _about(endpoint: Endpoint) -> About:
    http = _http(endpoint)
    names, failed = [endpoint.model] if endpoint.model else [], ""
    try:
        rows = await listed_models(endpoint, http)
        names += [name for row in rows if (name := str(row.get("id", ""))) not in ("", *names)]
        if not names:
            failed = f"The endpoint {shown(endpoint)} names no models: choose one with --model."
    except (openai.APIError, AgentError) as error:
        names, failed = [], _sentence(endpoint, error)
    finally:
        await http.close()
    return About(
        url=shown(endpoint),
        models=[_choice(name) for name in names],
        examples=_examples(),
        failed=failed,
    )


def _choice(name: str) -> Choice:
    card = CARDS.get(name, Sampling())
    hint = _FOR_WEB_PAGES if name == BUNDLED_NAME else ""
    return Choice(name=name, temperature=card.temperature, top_p=card.top_p, hint=hint)


def _examples() -> list[Example]:
    """Two for any model, and what `secondlook model check` asks."""
    asked = [
        Example(
            label=f"Web: {name}",
            system=prompt.system,
            user=prompt.user.strip().removesuffix(THINK).strip(),
        )
        for name, _, prompt in questions()
    ]
    riddles = [Example(label="A riddle", user=_RIDDLE), Example(label="A trap", user=_LARGER)]
    return [*riddles, *asked]


async def _answer(endpoint: Endpoint, asked: Ask) -> AsyncIterator[Event]:
    """The events of one answer; the last is Done or Failed. Cancelling it hangs up."""
    http = _http(endpoint)
    can = Abilities(name=asked.model, context_length=DEFAULT_CONTEXT, constraint="none")
    requests = Requests(can, Sampling(temperature=asked.temperature, top_p=asked.top_p))
    fields = {} if asked.seed is None else {"seed": asked.seed}
    try:
        while True:
            body = requests.body(asked.messages, fields, asked.max_tokens)
            try:
                async with http.stream(**body) as chunks:
                    async for event in _heard(chunks, body):
                        yield event
                return
            except openai.APIStatusError as error:
                if overflows(error) or not requests.learn(error):
                    raise
    except (openai.APIError, Broken, TimeoutError, AgentError) as error:
        yield Failed(sentence=_sentence(endpoint, error))
    finally:
        await http.close()


async def _heard(
    chunks: AsyncIterator[ChatCompletionChunk], body: dict[str, Any]
) -> AsyncIterator[Event]:
    told = "\n".join(message["content"] for message in body["messages"])
    parts = Parts(tags_expected="<thinking>" in told or "<output>" in told)
    finish, usage = "", None
    async for chunk in chunks:
        usage = chunk.usage or usage
        for choice in chunk.choices[:1]:
            finish = choice.finish_reason or finish
            delta = choice.delta
            if raw := delta.model_dump(exclude_unset=True):
                yield DeltaCame(delta=raw)
            for piece in parts.feed(reasoning_in(delta), delta.content or ""):
                yield PieceCame(piece=piece.kind, text=piece.text)
    for piece in parts.finish():
        yield PieceCame(piece=piece.kind, text=piece.text)
    yield Done(
        finish=finish,
        prompt_tokens=usage.prompt_tokens if usage else None,
        answer_tokens=usage.completion_tokens if usage else None,
        tagless=parts.tagless,
        left_out=[name for name in ("temperature", "top_p") if name not in body],
    )


def _http(endpoint: Endpoint) -> Http:
    """Asked once: whoever looks at the page can try again."""
    return Http(endpoint.url, endpoint.key.get_secret_value(), patience=Patience(tries=1))


def _sentence(endpoint: Endpoint, error: Exception) -> str:
    """What went wrong, without the key, should the endpoint have said it."""
    url = shown(endpoint)
    match error:
        case openai.APIStatusError() if overflows(error):
            text = (
                "The question and the room for its answer are longer than the model's context: "
                "shorten the question, or lower the tokens at most."
            )
        case openai.APIStatusError() if error.status_code not in PASSING:
            text = str(refused(url, error))
        case Broken():
            text = f"The answer ended too early ({error}): ask again."
        case ModelMisconfigured():
            text = str(error).replace(endpoint.url, url)
        case _:
            cause = error.__cause__ if isinstance(error, ModelUnavailable) else error
            assert isinstance(cause, Exception)
            text = f"The model at {url} does not answer ({reason(cause)}): start it, and try again."
    key = endpoint.key.get_secret_value()
    return text.replace(key, "…") if key else text


def _wrong(error: ValidationError) -> str:
    """A form that the page would not have sent."""
    first = error.errors()[0]
    field = ".".join(map(str, first["loc"])) or "the request"
    return f"The question cannot be sent: {field}: {first['msg']}."


def _json(model: BaseModel, status: int = 200) -> Response:
    return Response(model.model_dump_json(), status, media_type="application/json")
