"""What the data generator hands to the training loop: conversations, and nothing else.

`training.curriculum.conversations(stage, seed)` yields an endless, deterministic stream of
them for the stages "small_pages" and "full": the same stage and seed always give the same
stream, so that training resumed after a kill continues with the data it would have seen.
The stages "copy" and "exercises" need no conversations (see `training.exercises`).

System messages are left out on purpose: the bundled model has its instructions in its
weights, and its chat template drops them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

Role = Literal["user", "assistant"]
Stage = Literal["copy", "small_pages", "exercises", "full"]
UNSPOKEN: tuple[Stage, ...] = ("copy", "exercises")
"""The stages that are trained on random tokens, without conversations."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message. The loss is taken on an assistant's content and the end-of-turn after it."""

    role: Role
    content: str


Conversation = tuple[Turn, ...]
"""Turns in order, beginning with the user's and ending with the assistant's."""

ConversationSource = Callable[[Stage, int], Iterator[Conversation]]
"""The type of `training.curriculum.conversations`."""
