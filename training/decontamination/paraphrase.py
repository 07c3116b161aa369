"""The paraphrase level: for each task that is judged, the training task most like it.

Two tasks are as alike as the mean of two cosines, of the sentences as they stand and of the
sentences with their values masked (`text.masked`); "and press Submit" is left out. Values that
happen to be alike raise only the first, an everyday frame ("click on something") only the second.
`ALIKE` is where known paraphrases and unrelated tasks part, which
tests/training/test_decontamination_paraphrases.py measures; docs/tuning.md has the figures.

What a MiniWoB++ task says may be what a public one says that may be trained on (book-flight-nodelay
has the very sentence of book-flight). So a training task counts only if it is nearer to the judged
task than to everything public, by `NEARER`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from torch import Tensor

from training.decontamination.embedding import embed
from training.decontamination.evaluation import Evaluation, EvaluationTask
from training.decontamination.overlap import Overlap
from training.decontamination.text import masked, tells, without_sending

ALIKE = 0.70
NEARER = 0.10
OF_A_TEMPLATE = 5

ACCEPTED = {
    "enter-time": "any form may have a field named time; the sentence says no more than that",
    "enter-date": "the public choose-date in other words",
    "email-inbox-nl-turk": "the public email-inbox in other words",
    "email-inbox-forward-nl-turk": "the public email-inbox-forward in other words",
}
"""Tasks of which a person found that only their very wording can be kept out, and why."""


@dataclass(frozen=True)
class Nearest:
    """The training task that is most like a judged task, and the public one most like that."""

    judged: EvaluationTask
    task: str
    score: float
    public: str
    public_score: float

    @property
    def alike(self) -> bool:
        """Whether it says the same, and does not say what a public task says."""
        return self.score >= ALIKE and self.score > self.public_score + NEARER

    def overlap(self) -> Overlap | None:
        """This as a finding, unless it is none or was accepted."""
        if not self.alike or self.judged.name in ACCEPTED:
            return None
        return Overlap("paraphrase", self.judged.name, self.task)


class Sentences:
    """Sentences that can be compared with others."""

    def __init__(self, texts: Sequence[str]) -> None:
        plain = [without_sending(text) for text in texts]
        without = [masked(text) for text in plain]
        unique = list(dict.fromkeys([*plain, *without]))
        rows = embed(unique)
        at = {text: number for number, text in enumerate(unique)}
        self._plain = rows[[at[text] for text in plain]]
        self._masked = rows[[at[text] for text in without]]
        self._masked[[not tells(text) for text in without]] = 0

    def alike(self, other: "Sentences") -> Tensor:
        """A row for each of these, a column for each of the others."""
        return (self._plain @ other._plain.T + self._masked @ other._masked.T) / 2


def nearest(judged: Evaluation, training: Sequence[str]) -> list[Nearest]:
    """For each task that is judged, what is most like it; the most alike first.

    Where some say the same and are not what a public task says, it is one of those.
    """
    texts = list(dict.fromkeys(training))
    trained_on = Sentences(texts)
    owners = [task.name for task in judged.public for _ in _templates(task)]
    public = tuple(goal for task in judged.public for goal in _templates(task))
    own, by = trained_on.alike(_sentences(public)).max(dim=1)
    found = []
    for task in judged.unseen:
        scores = trained_on.alike(_sentences(_templates(task))).max(dim=1).values
        alike = (scores >= ALIKE) & (scores > own + NEARER)
        at = int((scores + alike.float()).argmax())
        shown = owners[int(by[at])]
        found.append(Nearest(task, texts[at], float(scores[at]), shown, float(own[at])))
    return sorted(found, key=lambda one: -one.score)


def _templates(task: EvaluationTask) -> tuple[str, ...]:
    """A few goals for each that there is with its values masked."""
    alike: dict[str, list[str]] = {}
    for goal in task.goals:
        alike.setdefault(masked(goal), []).append(goal)
    return tuple(goal for goals in alike.values() for goal in goals[:OF_A_TEMPLATE])


@cache
def _sentences(texts: tuple[str, ...]) -> Sentences:
    return Sentences(texts)
