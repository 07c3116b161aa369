"""Streams of training batches: random repetitions for "copy", conversations for the rest.

Every stream is cut into numbered chunks, and a chunk depends on nothing but stage and number.
Training resumed after a kill goes to its chunk, skips the batches it has had, and continues
with exactly the data it would have seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice

import torch
from tokenizers import Tokenizer
from torch import Tensor

from training.conversation import ConversationSource, Stage
from training.tokenizer import CONTROL, REFS, encode, families, id_of

CHUNK = 1000  # conversations
KINDS = 3  # of copying
EXERCISE_EVERY = 4  # batches: how often conversations are interrupted by an exercise in copying
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


def copy_batches(
    tokenizer: Tokenizer, tokens: int, chunk: int = 0, index: int = 0, stride: int = 1
) -> Iterator[Batch]:
    """Random tokens to be repeated; the loss is on the repetition.

    A third are repeated as they are, a third in shuffled pieces, and a third after a second
    text in which the same words stand in another dress (case, leading space).
    """
    kin = _kin(tokenizer)
    for number in count(chunk, stride):
        for position in range(64):
            if number > chunk or position >= index:
                made = copying(tokenizer, kin, tokens, number * 64 + position, position % KINDS)
                yield Batch(*made, number, position)


def copying(
    tokenizer: Tokenizer, kin: Tensor, tokens: int, seed: int, kind: int
) -> tuple[Tensor, Tensor]:
    """One batch of random tokens and their repetition: as they are, in pieces, in other dress."""
    rng = torch.Generator().manual_seed(seed)
    length = int(torch.randint(16, 97, (1,), generator=rng))
    rows = max(1, tokens // (2 * length))
    refs = torch.tensor([id_of(tokenizer, ref) for ref in REFS])
    first = torch.randint(len(CONTROL), len(kin), (rows, length), generator=rng)
    with_refs = torch.rand(first.shape, generator=rng) < 0.15
    some = refs[torch.randint(len(refs), first.shape, generator=rng)]
    return _repeat(torch.where(with_refs, some, first), kind, kin, rng)


def _repeat(first: Tensor, kind: int, kin: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    rows, length = first.shape
    if kind == 0:
        ids, start = torch.cat((first, first), 1), length + 1
    elif kind == 1:
        piece = int(torch.randint(4, 9, (1,), generator=rng))
        pieces = list(range(0, length, piece))
        shuffled = torch.randperm(len(pieces), generator=rng).tolist()
        again = torch.cat([first[:, pieces[at] : pieces[at] + piece] for at in shuffled], 1)
        ids, start = torch.cat((first, again), 1), length + 1
    else:  # pairs (word, next) asked for by the word in another dress
        half = first[:, : length // 2 * 2]
        order = torch.randperm(half.shape[1] // 2, generator=rng)
        pairs = half.view(rows, -1, 2)[:, order]
        choice = torch.randint(kin.shape[1], pairs.shape[:2], generator=rng)
        dressed = kin[pairs[..., 0]].gather(-1, choice[..., None])[..., 0]
        asked = torch.stack((dressed, pairs[..., 1]), -1)
        ids, start = torch.cat((half, asked.view(rows, -1)), 1), half.shape[1] + 1
    own = torch.zeros(ids.shape, dtype=torch.bool)
    own[:, start:] = True
    if kind == 2:
        own[:, start - 1 :: 2] = False  # which word is asked for cannot be known
    return ids, own


def spelling(tokenizer: Tokenizer, tokens: int, seed: int) -> tuple[Tensor, Tensor]:
    """Strings over a few tokens, repeated piece by piece in another order.

    What follows a token is told by the two or three before it, not by one: so it is with
    telephone numbers and codes, where looking back for the last digit alone goes astray.
    """
    rng = torch.Generator().manual_seed(seed)
    piece = int(torch.randint(6, 13, (1,), generator=rng))
    pieces = int(torch.randint(4, 9, (1,), generator=rng))
    rows = max(1, tokens // (2 * piece * pieces))
    digits = [id_of(tokenizer, str(digit)) for digit in range(10)]
    some = torch.randint(len(CONTROL), tokenizer.get_vocab_size(), (6,), generator=rng)
    alphabet = torch.tensor([*digits, *some.tolist()])
    drawn = torch.randint(len(alphabet), (rows, pieces, piece), generator=rng)
    first = alphabet[drawn]
    order = torch.stack([torch.randperm(pieces, generator=rng) for _ in range(rows)])
    again = first.gather(1, order[..., None].expand_as(first))
    own = torch.ones(again.shape, dtype=torch.bool)
    own[..., :3] = False  # which piece comes next cannot be known
    ids = torch.cat((first.view(rows, -1), again.view(rows, -1)), 1)
    own = torch.cat((torch.zeros_like(first.view(rows, -1)).bool(), own.view(rows, -1)), 1)
    return ids, own


def _kin(tokenizer: Tokenizer) -> Tensor:
    """For each token four tokens of its family (itself among them)."""
    members: dict[int, list[int]] = {}
    groups = families(tokenizer)
    for token, family in enumerate(groups):
        members.setdefault(family, []).append(token)
    return torch.tensor([(members[family] * 4)[:4] for family in groups])


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

    Those longer than `longest` tokens are left out. Now and then comes an exercise, spelling and
    copying by turns: without them the copying of rare words is soon forgotten.
    """
    kin = _kin(tokenizer)
    for number in count(chunk, stride):
        batches = _chunk(tokenizer, source, stage, tokens, longest, number)
        for at in range(0, len(batches), EXERCISE_EVERY):
            seed = number * 1000 + at // EXERCISE_EVERY
            if seed % 2:
                exercise = spelling(tokenizer, tokens, seed)
            else:
                exercise = copying(tokenizer, kin, tokens, seed, seed // 2 % KINDS)
            batches[at] = Batch(*exercise, number, at)
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
