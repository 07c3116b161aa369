"""The exact and the n-gram level: tasks, runs of words, labels and names that are shared."""

from collections.abc import Iterable, Iterator
from functools import cache

from training.conversation import Conversation
from training.decontamination.evaluation import Evaluation
from training.decontamination.overlap import Overlap
from training.decontamination.shop import shop_tasks
from training.decontamination.text import masked, task_of, tells, words_of

RUN_OF_WORDS = 8
LABEL_WORDS = 3

Words = tuple[str, ...]


class Wording:
    """Looks for the wording of an evaluation in conversations."""

    def __init__(self, judged: Evaluation) -> None:
        self._names = judged.words
        self._labels = _labels(judged)
        self._runs = _runs(judged)
        self._tasks = _tasks(judged)

    def found_in(self, conversations: Iterable[Conversation]) -> Iterator[Overlap]:
        """Every overlap, as often as it is met."""
        for conversation in conversations:
            task = task_of(conversation)
            for text in _forms(task):
                if text in self._tasks:
                    yield Overlap("exact", self._tasks[text], task)
            yield from self._in_words(words_of("\n".join(turn.content for turn in conversation)))

    def _in_words(self, words: list[str]) -> Iterator[Overlap]:
        for at, word in enumerate(words):
            if word in self._names:
                yield Overlap("word", "demo shop", word)
            for label in self._labels.get(word, ()):
                if tuple(words[at : at + len(label)]) == label:
                    yield Overlap("label", "a page that is judged", " ".join(label))
            run = tuple(words[at : at + RUN_OF_WORDS])
            if run in self._runs:
                yield Overlap("run of words", self._runs[run], " ".join(run))


def _forms(task: str) -> Iterator[Words]:
    """A task word by word, and with its values masked where that still tells what it is."""
    yield tuple(words_of(task))
    if tells(without := masked(task)):
        yield tuple(words_of(without))


def _tasks(judged: Evaluation) -> dict[Words, str]:
    public = {form for task in judged.public for goal in task.goals for form in _forms(goal)}
    return {
        form: task.name
        for task in judged.unseen
        for goal in task.goals
        for form in _forms(goal)
        if form not in public
    }


def _labels(judged: Evaluation) -> dict[str, list[Words]]:
    by_first: dict[str, list[Words]] = {}
    for text in judged.labels:
        words = tuple(words_of(text))
        if len(words) >= LABEL_WORDS and words not in by_first.setdefault(words[0], []):
            by_first[words[0]].append(words)
    return by_first


def _runs(judged: Evaluation) -> dict[Words, str]:
    texts = [(task.name, goal) for task in judged.unseen for goal in task.goals]
    texts += [("a page that is judged", label) for label in judged.labels]
    texts += [("order", order) for order in _orders()]
    public = {run for task in judged.public for goal in task.goals for run in _cut(goal)}
    return {run: name for name, text in texts for run in _cut(text) if run not in public}


@cache
def _orders() -> tuple[str, ...]:
    return tuple(shop_tasks())


def _cut(text: str) -> Iterator[Words]:
    words = words_of(text)
    for at in range(len(words) - RUN_OF_WORDS + 1):
        yield tuple(words[at : at + RUN_OF_WORDS])
