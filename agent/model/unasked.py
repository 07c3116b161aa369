"""The stand-in for a model in a run that has asked none."""

from typing import NoReturn

from agent.model.client import Model
from agent.model.tokens import TokenCounter

ROOM = 32_768
"""The context length that pages are fitted to while nobody has to read them."""


class Unasked(Model):
    """Counts tokens as any model does, and is never asked anything."""

    def __init__(self) -> None:
        self.name = ""
        self.context_length = ROOM
        self._counter = TokenCounter()

    async def ask(self, *question: object) -> NoReturn:
        """There is nobody to ask: whoever needs a model opens one first."""
        raise AssertionError("a run without a model asked one")

    async def server_counts(self) -> None:
        """Nothing is counted."""
