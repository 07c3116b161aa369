"""What training data and an evaluation share."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["exact", "run of words", "label", "word", "paraphrase"]


@dataclass(frozen=True)
class Overlap:
    """A text of the training data that says what `judged` says."""

    level: Level
    judged: str
    text: str

    def __str__(self) -> str:
        return f"{self.level} of {self.judged}: “{self.text}”"
