"""Streams of training batches: exercises for "copy" and "exercises", conversations for the rest.

Every stream is cut into numbered chunks, and a chunk depends on nothing but stage and number.
Training resumed after a kill goes to its chunk, skips the batches it has had, and continues
with exactly the data it would have seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count, islice

import torch
from tokenizers import Tokenizer
from torch import Tensor

from training.conversation import ConversationSource, Stage
from training.exercises import KINDS, Exercises
from training.tokenizer import encode, id_of

CHUNK = 1000  # conversations
EXERCISES = 63  # in a chunk
EXERCISE_EVERY = 4  # batches: how often conversations are interrupted by an exercise
HELD_OUT = 900_000_000  # seed of the conversations that are never trained on


@dataclass(frozen=True)
class Batch:
    """Token ids (rows, length) and where a loss is taken, with the place it came from."""

    ids: Tensor
    own: Tensor
    chunk: int
    index: int

    @property
    def tokens(self) -> int:
        """How many tokens the model has to go through, padding included."""
        return self.ids.numel()

    def to(self, device: torch.device) -> "Batch":
        """The same on this device."""
        return replace(self, ids=self.ids.to(device), own=self.own.to(device))


def exercise_batches(
    tokenizer: Tokenizer,
    stage: Stage,
    tokens: int,
    chunk: int = 0,
    index: int = 0,
    stride: int = 1,
) -> Iterator[Batch]:
    """The stages that need no conversations: "copy" (one kind after another), and "exercises"."""
    exercises = Exercises(tokenizer)
    for number in count(chunk, stride):
        for position in range(index if number == chunk else 0, EXERCISES):
            seed = number * EXERCISES + position
            if stage == "copy":
                made = exercises.copying(tokens, seed, position % KINDS)
            else:
                made = exercises.draw(tokens, seed)
            yield Batch(*made, number, position)


def conversation_batches(
    tokenizer: Tokenizer,
    source: ConversationSource,
    stage: Stage,
    tokens: int,
    longest: int,
    chunk: int = 0,
    index: int = 0,
    stride: int = 1,
) -> Iterator[Batch]:
    """Conversations in batches of like lengths, up to `tokens` tokens each.

    Those longer than `longest` tokens are left out. Now and then comes an exercise: without
    them the copying of rare words is soon forgotten.
    """
    exercises = Exercises(tokenizer)
    for number in count(chunk, stride):
        batches = _chunk(tokenizer, source, stage, tokens, longest, number)
        for at in range(0, len(batches), EXERCISE_EVERY):
            seed = number * 1000 + at // EXERCISE_EVERY
            batches[at] = Batch(*exercises.draw(tokens, seed), number, at)
        skip = index if number == chunk else 0
        yield from batches[skip:]


def _chunk(
    tokenizer: Tokenizer,
    source: ConversationSource,
    stage: Stage,
    tokens: int,
    longest: int,
    number: int,
) -> list[Batch]:
    pairs = [encode(tokenizer, talk) for talk in islice(source(stage, number), CHUNK)]
    pairs = sorted((pair for pair in pairs if len(pair[0]) <= longest), key=lambda p: len(p[0]))
    groups: list[list[tuple[list[int], list[bool]]]] = [[]]
    for pair in pairs:
        if groups[-1] and (len(groups[-1]) + 1) * len(pair[0]) > tokens:
            groups.append([])
        groups[-1].append(pair)
    rng = torch.Generator().manual_seed(number)
    order = torch.randperm(len(groups), generator=rng).tolist()
    padding = id_of(tokenizer, "<|end_of_text|>")
    return [
        Batch(*pad(groups[at], padding), chunk=number, index=index)
        for index, at in enumerate(order)
        if groups[at]
    ]


def pad(pairs: list[tuple[list[int], list[bool]]], padding: int) -> tuple[Tensor, Tensor]:
    """Rows of equal length; no loss is taken on padding, and nothing attends to it."""
    longest = max(len(ids) for ids, _ in pairs)
    ids = torch.full((len(pairs), longest), padding)
    own = torch.zeros((len(pairs), longest), dtype=torch.bool)
    for row, (tokens, mine) in enumerate(pairs):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        own[row, : len(mine)] = torch.tensor(mine)
    return ids, own
