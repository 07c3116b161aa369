"""Pairs of answers to one question, as they are kept in a file and as a model reads them.

The file has one JSON object a line, in TRL's conversational preference format, for
`training prefer` and for TRL's DPOTrainer alike. https://huggingface.co/docs/trl/dataset_formats
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Len
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from tokenizers import Tokenizer

from training.conversation import Conversation, Role, Turn
from training.decontamination.text import task_of
from training.tokenizer import encode

Row = tuple[list[int], list[bool]]
"""Tokens, and which of them are the answer's."""


def _asking(prompt: "list[Message]") -> "list[Message]":
    if not prompt or prompt[-1].role != "user":
        raise ValueError("a prompt ends with the user's message")
    return prompt


class Message(BaseModel):
    """One message of a pair."""

    model_config = ConfigDict(frozen=True)

    role: Role | Literal["system"]
    content: str


class Pair(BaseModel):
    """A question (with its system message), the answer to prefer, and the one to leave."""

    model_config = ConfigDict(frozen=True)

    prompt: Annotated[list[Message], AfterValidator(_asking)]
    chosen: Annotated[list[Message], Len(1, 1)]
    rejected: Annotated[list[Message], Len(1, 1)]

    @property
    def asked(self) -> Conversation:
        """The question without its system message, which our own model never reads."""
        return tuple(Turn(m.role, m.content) for m in self.prompt if m.role != "system")

    @property
    def sentence(self) -> str:
        """The task that the question is about."""
        return task_of(self.asked) or self.asked[0].content


def read_pairs(file: Path) -> list[Pair]:
    """The pairs in a file; leaves with one sentence if it holds none."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
        found = [Pair.model_validate_json(line) for line in lines]
    except OSError as error:
        raise SystemExit(f"{file} cannot be read: {error.strerror or error}.") from error
    except (ValidationError, UnicodeDecodeError) as error:
        raise SystemExit(
            f"{file} is no file of pairs, as `training preferences` writes."
        ) from error
    if not found:
        raise SystemExit(f"{file} holds no pair.")
    return found


@dataclass(frozen=True)
class Encoded:
    """A pair as the model reads it."""

    chosen: Row
    rejected: Row

    @cached_property
    def length(self) -> int:
        """Tokens of the longer one."""
        return max(len(self.chosen[0]), len(self.rejected[0]))


def encoded(tokenizer: Tokenizer, pair: Pair) -> Encoded:
    """A pair's tokens.

    `encode` marks more than the answer: the plan that a question repeats is imitated in
    ordinary training, and here stands on both sides.
    """
    before = len(encode(tokenizer, pair.asked)[0])

    def row(answer: str) -> Row:
        ids, own = encode(tokenizer, (*pair.asked, Turn("assistant", answer)))
        return ids, [mine and at >= before for at, mine in enumerate(own)]

    return Encoded(row(pair.chosen[0].content), row(pair.rejected[0].content))


def held_out(pairs: Sequence[Pair], share: float) -> list[bool]:
    """Which pairs are only measured: those of a share of the tasks' sentences."""
    sentences = sorted({p.sentence for p in pairs}, key=lambda s: sha256(s.encode()).digest())
    aside = set(sentences[: round(share * len(sentences))])
    return [pair.sentence in aside for pair in pairs]


def grouped(which: Sequence[int], pairs: Sequence[Encoded], tokens: int) -> list[list[int]]:
    """Pairs of like lengths together, up to `tokens` tokens with both answers and padding."""
    groups: list[list[int]] = []
    for at in sorted(which, key=lambda at: pairs[at].length):
        if not groups or 2 * (len(groups[-1]) + 1) * pairs[at].length > tokens:
            groups.append([])
        groups[-1].append(at)
    return groups
