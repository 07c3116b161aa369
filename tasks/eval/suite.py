"""What a set of tasks must be able to do to be measured."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from playwright.async_api import BrowserContext


@dataclass(frozen=True)
class Asked:
    """What the agent is given, as `secondlook run` takes it."""

    task: str
    url: str
    allow: Sequence[str] = ()
    secrets: Sequence[str] = ()
    yes: bool = False


@dataclass(frozen=True)
class Judgement:
    """Whether the task is done, by the page; `why` not, in words."""

    success: bool
    why: str = ""


@dataclass(frozen=True)
class Key:
    """One episode of a suite: a task and its seed."""

    task: str
    seed: int


class Suite(Protocol):
    """Tasks that are begun and judged in a window of a browser. `name` tells which they are."""

    name: str

    def served(self) -> AbstractAsyncContextManager[None]:
        """What must be there while episodes run."""
        ...

    async def begin(self, window: BrowserContext, key: Key) -> Asked:
        """Open the task's page in an empty window, or just a tab for the agent to begin in."""
        ...

    async def over(self, window: BrowserContext) -> bool:
        """Whether nothing that the agent does can change the judgement any more."""
        ...

    async def judge(self, window: BrowserContext, key: Key) -> Judgement:
        """What the page says, at the end."""
        ...


@dataclass(frozen=True)
class Group:
    """Tasks that are counted together in the report."""

    name: str
    tasks: frozenset[str] = field(default_factory=frozenset)
