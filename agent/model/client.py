"""Asking the model: one question, one answer that fits its schema, streamed while it comes.

Where the endpoint can constrain decoding, the answer fits because nothing else can be said;
elsewhere an answer that does not fit gets one repair turn. Whatever may pass (a busy server,
a broken stream) is tried again; a run that is given up on that account can be resumed.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import openai
from openai.types.chat.chat_completion_chunk import ChoiceDelta

from agent.context import Prompt, follow_up
from agent.errors import MalformedAnswer, ModelMisconfigured, PromptTooLong
from agent.events import Base, Waiting
from agent.model.check import problem
from agent.model.endpoints import Abilities, Endpoint, abilities, configured, count_exactly
from agent.model.failures import overflows, refused
from agent.model.http import Http
from agent.model.metrics import ServerCounts, read_counts
from agent.model.object_protocol import ObjectParser
from agent.model.protocol import Parsed, Parser, Piece
from agent.model.request import CARDS, LEARNED, Message, Requests, Sampling
from agent.model.schema import Schema
from agent.model.strict import unwrapped
from agent.model.tokens import TokenCounter

if TYPE_CHECKING:  # settings name a browser's options; the client itself needs none of it
    from agent.settings import RunSettings

OnPiece = Callable[[Piece], None]

_TEMPLATE_TOKENS = 24
"""What the chat template adds to a prompt, at most."""

VLLM_RETURNS = 300
"""Seconds that a vLLM which was started anew may take: it loads and compiles for minutes."""

_ENDS_BY_ITSELF = 4
"""A grammar bounds the characters of an answer; a model that babbles may need so many times the
tokens for them, and must not be cut off before the grammar has brought it to its end."""

_LEAST_ANSWER = 96
"""Tokens without which no answer can be given."""

_SHOWN_AGAIN = 1500
"""Characters of an unusable answer that its repair turn shows."""


@dataclass(frozen=True)
class Reply:
    """The answer to one question; `output` fits the schema. Tokens include a repair turn.

    `text` is the answer as the model wrote it, thinking that came apart put back before it.
    """

    thinking: str
    reflections: list[str]
    output: dict[str, Any]
    text: str
    prompt_tokens: int
    answer_tokens: int
    seconds: float


@dataclass
class _Heard:
    """One streamed answer, whole."""

    text: str
    parsed: Parsed
    cut: bool
    prompt_tokens: int
    answer_tokens: int
    reasoning: str = ""

    @property
    def written(self) -> str:
        """The answer with the thinking that the endpoint sent apart."""
        return f"<thinking>{self.reasoning}</thinking>{self.text}" if self.reasoning else self.text


@dataclass
class _Spent:
    """What a question has cost so far."""

    prompt: int = 0
    answer: int = 0
    since: float = field(default_factory=time.monotonic)


class Model:
    """A model at an endpoint, ready to be asked. Made by `open_model` or `connect`."""

    def __init__(
        self, http: Http, can: Abilities, counter: TokenCounter, sampling: Sampling | None = None
    ) -> None:
        self.name = can.name
        self.context_length = can.context_length
        self.can = can
        self._http = http
        self._counter = counter
        self._requests = Requests(can, sampling or CARDS.get(can.base or can.name, Sampling()))

    @property
    def learned(self) -> frozenset[str] | None:
        """The actions that it was trained for; None if those are all."""
        return LEARNED.get(self.name)

    @property
    def answer_tokens(self) -> int:
        """The room that is kept for an answer: an eighth of the context, at most 2,048."""
        return max(_LEAST_ANSWER, min(2048, self.context_length // 8))

    def count(self, text: str) -> int:
        """Tokens of a text, estimated on the high side; fast."""
        return self._counter.count(text)

    async def count_exactly(self, text: str) -> int:
        """Tokens of a text as the endpoint counts them, else the estimate."""
        if self._counter.exact is None:
            return self.count(text)
        return await self._counter.exact(text)

    def room(self, prompt: Prompt) -> int:
        """Tokens that may be added to this prompt, with an answer's room kept; 0 if none."""
        used = self._length(prompt) + self.answer_tokens + _TEMPLATE_TOKENS
        return max(0, self.context_length - used)

    async def server_counts(self) -> ServerCounts | None:
        """vLLM's counters now; None where the endpoint is none of vLLM's, or does not answer."""
        return read_counts(await self._http.page(self.can.metrics)) if self.can.metrics else None

    async def ask(self, prompt: Prompt, schema: Schema, on_piece: OnPiece) -> Reply:
        """The answer to a prompt, its pieces handed to `on_piece` as they come.

        After a broken stream the pieces begin anew. Raises MalformedAnswer, PromptTooLong,
        ModelUnavailable, ModelMisconfigured. Cancelling it closes the stream.
        """
        spent = _Spent()
        messages = self._requests.messages(prompt)
        heard, wrong = await self._turn(prompt, messages, schema, on_piece, spent)
        if wrong:
            messages += [
                {"role": "assistant", "content": heard.text[:_SHOWN_AGAIN] or "…"},
                {"role": "user", "content": follow_up("repair", problem=wrong)},
            ]
            heard, wrong = await self._turn(prompt, messages, schema, on_piece, spent)
        if wrong:
            raise MalformedAnswer(wrong)
        return Reply(
            thinking=heard.parsed.thinking,
            reflections=heard.parsed.reflections,
            output=unwrapped(schema, heard.parsed.data()),
            text=heard.written,
            prompt_tokens=spent.prompt,
            answer_tokens=spent.answer,
            seconds=time.monotonic() - spent.since,
        )

    async def _turn(
        self,
        prompt: Prompt,
        messages: list[Message],
        schema: Schema,
        on_piece: OnPiece,
        spent: _Spent,
    ) -> tuple[_Heard, str]:
        """One answer, and what is wrong with it ("" if nothing)."""
        heard = await self._constrained(prompt, messages, schema, on_piece)
        spent.prompt += heard.prompt_tokens
        spent.answer += heard.answer_tokens
        try:
            wrong = problem(schema, unwrapped(schema, heard.parsed.data()))
        except ValueError as error:
            wrong = str(error)
        if wrong and heard.cut:
            wrong = f"it was too long and was cut off ({wrong})"
        return heard, wrong

    async def _constrained(
        self, prompt: Prompt, messages: list[Message], schema: Schema, on_piece: OnPiece
    ) -> _Heard:
        """One answer, decoding held to the schema as far as the endpoint can.

        The answer's room shrinks when it turns out that the prompt is longer than estimated,
        and a constraint that the endpoint refuses for this very schema is left out.
        """
        left = self._left(messages)
        room = max(_LEAST_ANSWER, min(self.answer_tokens, left))
        fields = self._requests.constraint(schema, room)
        if self._requests.bounded(fields):
            room = max(room, min(_ENDS_BY_ITSELF * room, left))
        while True:
            try:
                return await self._patient(messages, fields, room, on_piece)
            except openai.APIStatusError as error:
                if overflows(error):
                    room //= 2
                    if room < _LEAST_ANSWER:
                        raise self._too_long(prompt) from error
                elif self._requests.learn(error):
                    continue
                elif fields:
                    fields = {}
                else:
                    raise refused(self._http.url, error) from error

    async def _patient(
        self, messages: list[Message], fields: dict[str, Any], tokens: int, on_piece: OnPiece
    ) -> _Heard:
        body = self._requests.body(messages, fields, tokens)
        whole = "response_format" in fields

        async def attempt() -> _Heard:
            return await self._stream(body, ObjectParser(on_piece) if whole else Parser(on_piece))

        return await self._http.patiently(attempt)

    async def _stream(self, body: dict[str, Any], parser: Parser | ObjectParser) -> _Heard:
        """One streamed answer, heard to its end."""
        text: list[str] = []
        reasoning: list[str] = []
        cut, usage = False, None
        async with self._http.stream(**body) as chunks:
            async for chunk in chunks:
                usage = chunk.usage or usage
                for choice in chunk.choices:
                    cut = cut or choice.finish_reason == "length"
                    reasoning.append(reasoning_in(choice.delta))
                    parser.feed_reasoning(reasoning[-1])
                    if choice.delta.content:
                        text.append(choice.delta.content)
                        parser.feed(choice.delta.content)
        said = "".join(text)
        asked = sum(self.count(m["content"]) for m in body["messages"])
        return _Heard(
            text=said,
            parsed=parser.finish(),
            cut=cut,
            prompt_tokens=usage.prompt_tokens if usage else asked,
            answer_tokens=usage.completion_tokens if usage else self.count(said),
            reasoning="".join(reasoning),
        )

    def _length(self, prompt: Prompt) -> int:
        system = self.count(prompt.system) if self.can.reads_system else 0
        return system + self.count(prompt.user)

    def _left(self, messages: list[Message]) -> int:
        """Tokens that the context leaves for the answer, as far as can be estimated."""
        read = messages if self.can.reads_system else messages[1:]
        return self.context_length - sum(self.count(m["content"]) + 8 for m in read)

    def _too_long(self, prompt: Prompt) -> PromptTooLong:
        return PromptTooLong(
            f"The question is too long for the model {self.name} (about {self._length(prompt)} "
            f"tokens; its context has {self.context_length}): give it a shorter task, or use a "
            "model with a longer context."
        )


def reasoning_in(delta: ChoiceDelta) -> str:
    """Thinking that the endpoint sends apart, under one of the names in use."""
    extra = delta.model_extra or {}
    return str(extra.get("reasoning_content") or extra.get("reasoning") or "")


@asynccontextmanager
async def connect(
    endpoint: Endpoint, http: Http, sampling: Sampling | None = None
) -> AsyncIterator[Model]:
    """The model at an endpoint, once it is known what it can do; `http` is closed at the end.

    Raises ModelUnavailable and ModelMisconfigured.
    """
    try:
        can = await abilities(endpoint, http)
        http.returning = VLLM_RETURNS if can.metrics else 0.0
        counter = TokenCounter()
        if can.tokenizer:

            async def exact(text: str) -> int:
                found = await count_exactly(http, can.tokenizer, can.name, text)
                return counter.count(text) if found is None else found

            await counter.calibrate(exact)
        yield Model(http, can, counter, sampling)
    finally:
        await http.close()


@asynccontextmanager
async def open_model(settings: "RunSettings", emit: Callable[[Base], None]) -> AsyncIterator[Model]:
    """The model that a run's settings and the environment name; `emit` hears of waits.

    Raises ModelUnavailable and ModelMisconfigured, also where none is named.
    """
    endpoint = configured(settings.model_url, settings.model_name)
    if endpoint is None:
        raise ModelMisconfigured(
            "No model is given: name an endpoint with --model-url (or SECONDLOOK_MODEL_URL)."
        )

    def told(why: str, seconds: float) -> None:
        emit(Waiting(reason=f"the model: {why}", seconds=seconds))

    sampling = None
    if settings.temperature is not None:
        sampling = Sampling(temperature=settings.temperature)
    http = Http(endpoint.url, endpoint.key.get_secret_value(), told=told)
    async with connect(endpoint, http, sampling) as model:
        yield model
