"""Conversations from a file among those of the generator, at a share of the stage "full"."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.batches import HELD_OUT
from training.conversation import Conversation, ConversationSource, Stage, Turn


@dataclass(frozen=True)
class Mixed:
    """A conversation source like `source`, but that share of "full" is drawn from `kept`.

    Held-out conversations stay the source's own: what is trained on measures nothing. It is a
    class because worker processes get it pickled.
    """

    source: ConversationSource
    kept: Sequence[Conversation]
    share: float

    def __call__(self, stage: Stage, seed: int) -> Iterator[Conversation]:
        """The stream of this stage and seed, the same each time."""
        made = self.source(stage, seed)
        if stage != "full" or seed >= HELD_OUT:
            return made
        return self._mixed(made, random.Random(f"mixed {stage} {seed}"))

    def _mixed(self, made: Iterator[Conversation], rng: random.Random) -> Iterator[Conversation]:
        while True:
            yield rng.choice(self.kept) if rng.random() < self.share else next(made)


def mixed(source: ConversationSource, file: Path | None, share: float) -> ConversationSource:
    """The source with the file's conversations mixed in, itself without a file.

    Leaves with one sentence where the file or the share is none.
    """
    if file is None:
        return source
    if not 0 < share < 1:
        raise SystemExit(f"--share {share:g}: a share is more than 0 and less than 1.")
    return Mixed(source, read_conversations(file), share)


def read_conversations(file: Path) -> list[Conversation]:
    """The conversations of a file of `{"messages": [...]}` lines; leaves if it holds none."""
    try:
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        found = [tuple(Turn(m["role"], m["content"]) for m in line["messages"]) for line in lines]
    except OSError as error:
        raise SystemExit(f"{file} cannot be read: {error.strerror or error}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SystemExit(f'{file} is no file of {{"messages": [...]}} lines.') from error
    if not found:
        raise SystemExit(f"{file} holds no conversation.")
    return found


def line_of(conversation: Conversation) -> str:
    """A conversation as `read_conversations` reads it."""
    messages = [{"role": turn.role, "content": turn.content} for turn in conversation]
    return f"{json.dumps({'messages': messages}, ensure_ascii=False)}\n"
