"""Exercises in copying on random tokens: what conversations ask for once, asked many times.

A conversation of 400 tokens holds one place where the ref just quoted is to be repeated and a
handful where a plan goes on behind the piece it copied last. Such skills appear after so many
steps with them, and here every second or sixth token is one.
"""

import torch
from tokenizers import Tokenizer
from torch import Tensor

from training.tokenizer import CONTROL, REFS, families, id_of, traits

KINDS = 3  # of copying

Exercise = tuple[Tensor, Tensor]
"""Token ids (rows, length) and where a loss is taken."""

_FILLERS = (
    ", , , ; . : = \" ' ( ) and with or is if that it as for to be else gone out the a not of"
).split()
_GAPS = ('"},{"do":"Set', '"},{"do":"Choose', " to", "\n3. Set", "\n8. Choose", '","text":"', " or")


class Exercises:
    """Draws exercises for one tokenizer; the same seed gives the same one."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.size = tokenizer.get_vocab_size()
        self._kin = _relatives(tokenizer)
        self._spaced, self._bare = (_in_dress(tokenizer, spaced=s) for s in (True, False))
        self._refs = torch.tensor([id_of(tokenizer, ref) for ref in REFS])
        self._digits = [id_of(tokenizer, str(digit)) for digit in range(10)]
        fillers = [
            t for text in _FILLERS for t in (text, f" {text}") if text.isalpha() or t == text
        ]
        self._fillers = torch.tensor([n for t in fillers for n in tokenizer.encode(t).ids])
        self._gaps = [(tokenizer.encode(gap).ids, gap.endswith('"')) for gap in _GAPS]

    def draw(self, tokens: int, seed: int) -> Exercise:
        """Spelling, copying, resuming and resuming again, by turns."""
        match seed % 4:
            case 0:
                return self.spelling(tokens, seed)
            case 1:
                return self.copying(tokens, seed, seed // 4 % KINDS)
            case _:
                return self.resuming(tokens, seed)

    def copying(self, tokens: int, seed: int, kind: int) -> Exercise:
        """Random tokens and their repetition: as they are, in pieces, or in another dress."""
        rng = torch.Generator().manual_seed(seed)
        length = int(torch.randint(16, 97, (1,), generator=rng))
        rows = max(1, tokens // (2 * length))
        first = torch.randint(len(CONTROL), self.size, (rows, length), generator=rng)
        with_refs = torch.rand(first.shape, generator=rng) < 0.15
        some = self._refs[torch.randint(len(self._refs), first.shape, generator=rng)]
        return _repeat(torch.where(with_refs, some, first), kind, self._kin, rng)

    def spelling(self, tokens: int, seed: int) -> Exercise:
        """Strings over a few tokens, repeated piece by piece in another order.

        What follows a token is told by the two or three before it, not by one: so it is with
        telephone numbers and codes, where looking back for the last digit alone goes astray.
        """
        rng = torch.Generator().manual_seed(seed)
        piece = int(torch.randint(6, 13, (1,), generator=rng))
        pieces = int(torch.randint(4, 9, (1,), generator=rng))
        rows = max(1, tokens // (2 * piece * pieces))
        some = torch.randint(len(CONTROL), self.size, (6,), generator=rng)
        alphabet = torch.tensor([*self._digits, *some.tolist()])
        drawn = torch.randint(len(alphabet), (rows, pieces, piece), generator=rng)
        first = alphabet[drawn]
        order = torch.stack([torch.randperm(pieces, generator=rng) for _ in range(rows)])
        again = first.gather(1, order[..., None].expand_as(first))
        own = torch.ones(again.shape, dtype=torch.bool)
        own[..., :3] = False  # which piece comes next cannot be known
        ids = torch.cat((first.view(rows, -1), again.view(rows, -1)), 1)
        own = torch.cat((torch.zeros_like(first.view(rows, -1)).bool(), own.view(rows, -1)), 1)
        return ids, own

    def resuming(self, tokens: int, seed: int) -> Exercise:
        """Pieces between fillers, repeated with something else between them.

        After each interruption copying goes on with the next piece, whatever fillers stand
        before it: a plan is written so from its task. A piece begins in the dress that fits.
        """
        rng = torch.Generator().manual_seed(seed)

        def below(limit: int) -> int:
            return int(torch.randint(limit, (1,), generator=rng))

        lengths = [1 + below(4) for _ in range(5 + below(5))]
        between = [1 + below(1 + below(6)) for _ in lengths]
        gap, bare = self._gaps[below(len(self._gaps))]
        dress = self._bare if bare else self._spaced
        size = 2 * sum(lengths) + sum(between) + len(lengths) * len(gap)
        rows = max(1, tokens // size)
        gaps = torch.tensor(gap).expand(rows, -1)
        source, answer, own = [], [], []
        for at, (length, count) in enumerate(zip(lengths, between, strict=True)):
            piece = torch.randint(len(CONTROL), self.size, (rows, length), generator=rng)
            filler = torch.randint(len(self._fillers), (rows, count), generator=rng)
            source += [piece, self._fillers[filler]]
            answer += [gaps, dress[piece[:, :1]], piece[:, 1:]]
            own += [at > 0, *[False] * (len(gap) - 1), *[True] * length]
        ids = torch.cat((*source, *answer), 1)
        mine = torch.tensor([False] * (ids.shape[1] - len(own)) + own).expand(rows, -1)
        return ids, mine


def _repeat(first: Tensor, kind: int, kin: Tensor, rng: torch.Generator) -> Exercise:
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


def _relatives(tokenizer: Tokenizer) -> Tensor:
    """For each token four tokens of its family (itself among them)."""
    members: dict[int, list[int]] = {}
    groups = families(tokenizer)
    for token, family in enumerate(groups):
        members.setdefault(family, []).append(token)
    return torch.tensor([(members[family] * 4)[:4] for family in groups])


def _in_dress(tokenizer: Tokenizer, *, spaced: bool) -> Tensor:
    """For each token the same with (or without) the space before it, where there is one."""
    kinds = list(zip(families(tokenizer), traits(tokenizer), strict=True))
    number = {
        (family, trait.capital): token
        for token, (family, trait) in enumerate(kinds)
        if trait.spaced == spaced
    }
    return torch.tensor([number.get((f, t.capital), at) for at, (f, t) in enumerate(kinds)])
