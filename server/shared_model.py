"""The bundled model, started when the first run needs it and shared by all that do."""

import asyncio
from contextlib import AsyncExitStack

from agent.settings import RunSettings
from tasks.bundled import bundled_model
from tasks.commands.carry_out import needs_bundled


class SharedModel:
    """One process of the bundled model, or of the one chosen with `model use`."""

    def __init__(self) -> None:
        self._url = ""
        self._stack = AsyncExitStack()
        self._starting = asyncio.Lock()

    async def url_for(self, settings: RunSettings) -> str:
        """Where it answers, "" if these settings name another. Raises ModelUnavailable."""
        if not needs_bundled(settings):
            return ""
        async with self._starting:
            if not self._url:
                self._url = (await self._stack.enter_async_context(bundled_model())).url
            return self._url

    async def close(self) -> None:
        """End it; the next run that needs it starts it anew."""
        async with self._starting:
            self._url = ""
            await self._stack.aclose()
