"""Quick scores taken while training: does it copy, and are its answers right?"""

from collections.abc import Iterable

import torch
from tokenizers import Tokenizer

from training.batches import exercise_batches, pad
from training.conversation import Conversation
from training.model import Model
from training.tokenizer import encode, id_of


def copy_accuracy(model: Model, tokenizer: Tokenizer, batches: int = 9) -> dict[str, float]:
    """The share of tokens of unseen random repetitions that the model predicts rightly.

    By kind: repeated as they are, in shuffled pieces, and asked for in another dress.
    """
    kinds = ("repeated", "shuffled", "dressed")
    right = dict.fromkeys(kinds, 0)
    total = dict.fromkeys(kinds, 0)
    stream = exercise_batches(tokenizer, "copy", 2048, chunk=1_000_000)
    for _ in range(batches):
        batch = next(stream).to(model.device)
        kind = kinds[batch.index % 3]
        wanted = batch.own[:, 1:]
        with torch.no_grad():
            guess = model(batch.ids[:, :-1], wanted).argmax(-1)
        right[kind] += int((guess == batch.ids[:, 1:][wanted]).sum())
        total[kind] += guess.numel()
    return {kind: round(right[kind] / total[kind], 3) for kind in kinds}


def answers_right(
    model: Model, tokenizer: Tokenizer, conversations: Iterable[Conversation]
) -> float:
    """The share of answers whose whole <output> is predicted, each token given those before.

    Teacher-forced, so it is an upper bound of what greedy decoding gets right.
    """
    opening, closing = id_of(tokenizer, "<output>"), id_of(tokenizer, "</output>")
    right = total = 0
    for conversation in conversations:
        ids, own = pad([encode(tokenizer, conversation)], 0)
        with torch.no_grad():
            guess = model(ids[:, :-1].to(model.device))[0].argmax(-1).cpu()
        tokens = ids[0].tolist()
        good = [False, *(guess == ids[0, 1:]).tolist()]
        start: int | None = None
        for at, token in enumerate(tokens):
            if token == opening and own[0, at]:
                start = at
            elif token == closing and start is not None:
                right += all(good[start + 1 : at + 1])
                total += 1
                start = None
    return round(right / max(1, total), 3)
