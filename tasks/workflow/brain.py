"""The model of a workflow's run, opened when the first step needs it, and never before."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType
from typing import Protocol

from agent.events import Base
from agent.model.client import Model, open_model
from agent.settings import RunSettings


class Served(Protocol):
    """Where a model answers that was started for this process."""

    @property
    def url(self) -> str:
        """Its address."""
        ...


Serve = Callable[[], AbstractAsyncContextManager[Served]]
"""Starts the bundled model."""


class Brain:
    """One model for all that ask; use as a context manager, which closes it.

    `serve` starts the bundled model where the settings name no other; without it, none is.
    """

    def __init__(self, settings: RunSettings, serve: Serve | None = None) -> None:
        self._settings = settings
        self._serve = serve
        self._model: Model | None = None
        self._turn = asyncio.Lock()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "Brain":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    @property
    def name(self) -> str:
        """Who answers; "" while nobody was asked."""
        return self._model.name if self._model else ""

    async def model(self, emit: Callable[[Base], None]) -> Model:
        """The model; `emit` hears when it makes the run wait.

        Raises ModelUnavailable and ModelMisconfigured.
        """
        async with self._turn:
            if self._model is None:
                settings = self._settings
                if self._serve is not None:
                    served = await self._stack.enter_async_context(self._serve())
                    settings = settings.model_copy(update={"model_url": served.url})
                self._model = await self._stack.enter_async_context(open_model(settings, emit))
            return self._model
