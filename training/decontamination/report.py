"""The report that is shipped with the model: what is nearest to each task that is judged."""

import argparse
import json
from hashlib import sha256
from itertools import islice
from typing import Any

from training.conversation import Conversation
from training.decontamination import embedding, paraphrase, wording
from training.decontamination.check import FOLDER, SEED, generator_digest, refuse
from training.decontamination.evaluation import Evaluation, evaluation
from training.decontamination.overlap import Overlap
from training.decontamination.paraphrase import ACCEPTED, Nearest, nearest
from training.decontamination.text import task_of
from training.decontamination.wording import Wording
from training.train import replace_file

STAGES = ("small_pages", "full")


def write(options: argparse.Namespace) -> None:
    """Write the report on `options.count` conversations; leaves with one sentence if not clean."""
    from training.curriculum import conversations

    each = options.count // len(STAGES)
    sample = [one for stage in STAGES for one in islice(conversations(stage, SEED), each)]
    judged = evaluation(FOLDER)
    worded = list(dict.fromkeys(Wording(judged).found_in(sample)))
    tasks = [task for task in map(task_of, sample) if task]
    compared = nearest(judged, tasks)
    found = worded + [overlap for one in compared if (overlap := one.overlap())]
    told = {
        "sample": _sample(sample, len(set(tasks))),
        "thresholds": _thresholds(),
        "counts": _counts(judged, compared, found),
        "overlaps": [str(overlap) for overlap in found],
        "tasks": [_told(one) for one in compared],
    }
    text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
    replace_file(options.report, lambda draft: draft.write_text(text))
    print(f"{options.report}: {len(compared)} tasks, {len(found)} overlaps")
    refuse(found)


def _sample(sample: list[Conversation], tasks: int) -> dict[str, Any]:
    digest = sha256()
    for conversation in sample:
        for turn in conversation:
            digest.update(f"{turn.role}\n{turn.content}\n".encode())
    return {
        "stages": STAGES,
        "seed": SEED,
        "conversations": len(sample),
        "different_tasks": tasks,
        "sha256": digest.hexdigest(),
        "sources": generator_digest(),
    }


def _thresholds() -> dict[str, Any]:
    return {
        "run_of_words": wording.RUN_OF_WORDS,
        "words_of_a_label": wording.LABEL_WORDS,
        "paraphrase": paraphrase.ALIKE,
        "nearer_than_to_public": paraphrase.NEARER,
        "embedding": embedding.NAME,
    }


def _counts(judged: Evaluation, compared: list[Nearest], found: list[Overlap]) -> dict[str, int]:
    levels = ("exact", "run of words", "label", "word", "paraphrase")
    return {
        "tasks": len(judged.unseen),
        "goals": sum(len(task.goals) for task in judged.unseen),
        **{level: sum(overlap.level == level for overlap in found) for level in levels},
        "accepted": sum(one.alike and one.judged.name in ACCEPTED for one in compared),
    }


def _told(one: Nearest) -> dict[str, Any]:
    told: dict[str, Any] = {
        "suite": one.judged.suite,
        "task": one.judged.name,
        "score": round(one.score, 3),
        "nearest": one.task,
        "public_score": round(one.public_score, 3),
        "public": one.public,
    }
    if one.alike and one.judged.name in ACCEPTED:
        told["accepted"] = ACCEPTED[one.judged.name]
    return told
