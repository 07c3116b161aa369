"""The bundled model, started when the first run needs it and shared by all that do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from urllib.parse import urlsplit

from tasks.bundled import Endpoint, bundled_model


class SharedModel:
    """One process of the bundled model, or of the one chosen with `model use`."""

    def __init__(self) -> None:
        self._endpoint: Endpoint | None = None
        self._stack = AsyncExitStack()
        self._starting = asyncio.Lock()

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[Endpoint]:
        """Where it answers; it goes on afterwards. One that has crashed is started anew.

        Raises ModelUnavailable.
        """
        async with self._starting:
            if self._endpoint is None or not await _answers(self._endpoint.url):
                await self._stack.aclose()
                self._endpoint = await self._stack.enter_async_context(bundled_model())
        yield self._endpoint

    async def close(self) -> None:
        """End it."""
        async with self._starting:
            self._endpoint = None
            await self._stack.aclose()


async def _answers(url: str) -> bool:
    parts = urlsplit(url)
    with suppress(OSError):
        _, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.close()
        return True
    return False
