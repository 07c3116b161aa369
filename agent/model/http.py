"""The `openai` client with our patience: every request is tried again while that may help."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import openai
from openai.types.chat import ChatCompletionChunk

from agent.model.failures import gave_up, misconfigured, reason, refused
from agent.model.retry import PASSING, Patience, retry_after

T = TypeVar("T")
Told = Callable[[str, float], None]
"""Called before a pause: why, and for how many seconds."""


_SHORT = 128
"""Tokens of a short answer; some models think before it."""


@dataclass(frozen=True)
class Timeouts:
    """Seconds: to connect, to the first token (a long prompt takes a while), from one token to
    the next, and for a whole answer."""

    connect: float = 10
    first: float = 180
    between: float = 60
    whole: float = 900


class Broken(Exception):
    """The answer's stream ended in its midst, or too late."""


class Http:
    """Requests to one endpoint. Close it when done.

    `sleep` waits between tries; `told` hears of each wait.
    """

    def __init__(
        self,
        url: str,
        key: str = "",
        *,
        timeouts: Timeouts | None = None,
        patience: Patience | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        told: Told = lambda why, seconds: None,
    ) -> None:
        self.url = url
        self.returning = 0.0
        """Seconds in which a server that has answered before may come back."""
        self._timeouts = timeouts or Timeouts()
        self._patience = patience or Patience()
        self._sleep = sleep
        self._told = told
        self._openai = openai.AsyncOpenAI(
            base_url=url,
            api_key=key or "none",
            max_retries=0,
            timeout=openai.Timeout(self._timeouts.whole, connect=self._timeouts.connect),
            http_client=openai.DefaultAsyncHttpxClient(trust_env=not _is_loopback(url)),
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._openai.close()

    async def models_text(self) -> str:
        """The body of the list of models, whatever it is. Raises as `patiently` does."""

        async def request() -> str:
            async with asyncio.timeout(self._timeouts.between):
                response = await self._openai.models.with_raw_response.list()
                return response.text

        return await self.patiently(request)

    async def chat_text(self, model: str, prompt: str, extra: dict[str, Any]) -> str:
        """A short answer to a short question, for finding out what the endpoint can do."""

        async def request() -> str:
            async with asyncio.timeout(self._timeouts.first):
                answer = await self._openai.chat.completions.create(
                    model=model,
                    messages=[{"role": "user", "content": prompt}],
                    max_tokens=_SHORT,
                    extra_body=extra,
                )
            choices = getattr(answer, "choices", None)
            if not choices:
                raise misconfigured(self.url, html=False)
            return choices[0].message.content or ""

        return await self.patiently(request)

    async def optional(
        self, method: str, url: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """What a page that only some servers have says; empty where it is missing."""
        try:
            async with asyncio.timeout(self._timeouts.connect):
                if method == "GET":
                    found = await self._openai.get(url, cast_to=object)
                else:
                    found = await self._openai.post(url, cast_to=object, body=body)
        except (openai.APIError, TimeoutError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    async def page(self, url: str) -> str:
        """The text of a page that only some servers have; empty where it is missing."""
        try:
            async with asyncio.timeout(self._timeouts.connect):
                return await self._openai.get(url, cast_to=str)
        except (openai.APIError, TimeoutError, ValueError):
            return ""

    @contextlib.asynccontextmanager
    async def stream(self, **request: Any) -> AsyncIterator[AsyncIterator[ChatCompletionChunk]]:
        """One streamed answer, tried once; leaving the block closes the connection.

        Raises Broken for a stream that is none, breaks or stalls; openai's errors before it.
        """
        ends = time.monotonic() + self._timeouts.whole
        async with asyncio.timeout(self._timeouts.first):
            answer = await self._openai.chat.completions.create(stream=True, **request)
        async with answer:
            kind = answer.response.headers.get("content-type", "")
            if "event-stream" not in kind:
                raise misconfigured(self.url, html="html" in kind)
            yield self._chunks(answer, ends)

    async def _chunks(
        self, answer: openai.AsyncStream[ChatCompletionChunk], ends: float
    ) -> AsyncIterator[ChatCompletionChunk]:
        chunks, limit, finished = answer.__aiter__(), self._timeouts.first, False
        while True:
            try:
                async with asyncio.timeout(min(limit, max(0.0, ends - time.monotonic()))):
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                break
            except TimeoutError as error:
                raise Broken("it takes too long") from error
            except (openai.APIError, ValueError) as error:
                raise Broken(reason(error)) from error
            limit = self._timeouts.between
            finished = finished or any(choice.finish_reason for choice in chunk.choices)
            yield chunk
        if not finished:
            raise Broken("the answer broke off")

    async def patiently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """The result of `attempt`, made again while its failure may pass: so many times, and
        where the server itself is gone, for as long as it may take to come back.

        Raises ModelUnavailable after the last try, ModelMisconfigured for a failure that
        stays; 400, 404 and 422 are the caller's to understand and raised as they are.
        """
        failures, since = 0, time.monotonic()
        while True:
            gone = False
            try:
                return await attempt()
            except (openai.BadRequestError, openai.UnprocessableEntityError, openai.NotFoundError):
                raise
            except openai.APIStatusError as error:
                if error.status_code not in PASSING:
                    raise refused(self.url, error) from error
                failure: Exception = error
                asked = retry_after(error.response.headers)
            except (openai.APIConnectionError, TimeoutError, Broken) as error:
                failure, asked = error, None
                gone = time.monotonic() - since < self.returning
            failures += 1
            if failures >= self._patience.tries and not gone:
                raise gave_up(self.url, failures, failure) from failure
            pause = self._patience.pause(failures, asked)
            self._told(reason(failure), pause)
            await self._sleep(pause)


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")
