"""Pairs of answers to one question, the right and the wrong one (docs/tuning.md).

`secondlook eval … --chats` collects the model's runs; what led to the page's reward is put
against what did not, and, where an expert knows the right answer, that against the model's own.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from rich.console import Console

from agent.errors import AgentError
from training.evaluate import output_of
from training.mixing import read_conversations
from training.pairs import Message, Pair
from training.runs import Run, by_task, runs_of, shorter, table
from training.train import replace_file


@dataclass
class Answers:
    """What was answered to one question, by output: how it was thought of does not count."""

    prompt: list[Message]
    done: dict[str, str] = field(default_factory=dict)  # in episodes that were done
    short: dict[str, str] = field(default_factory=dict)  # … on one of the shorter ways
    failed: dict[str, str] = field(default_factory=dict)


Question = tuple[str, ...]
"""The user's messages, word for word."""

NO_OUTPUT = "null"
"""What `_output` gives for an answer without one."""


def write(options: argparse.Namespace) -> None:
    """Write the pairs to `options.out`, and tell them as a table."""
    if len(options.evaluations) % 2:
        raise SystemExit("Each results file is followed by the --home of its runs.")
    paths = iter(options.evaluations)
    expert = read_expert(options.expert) if options.expert else {}
    try:
        runs = [run for file, home in zip(paths, paths, strict=True) for run in runs_of(file, home)]
        found = [(task, each, list(pairs_of(each, expert))) for task, each in by_task(runs)]
    except AgentError as error:
        raise SystemExit(str(error)) from error
    lines = [f"{pair.model_dump_json()}\n" for _, _, pairs in found for pair in pairs]
    Console(highlight=False).print(table([(t, r, len(pairs)) for t, r, pairs in found], "Pairs"))
    if not lines:
        raise SystemExit(
            "No question was answered rightly and wrongly: there is nothing to prefer, and "
            "nothing was written. Evaluate the same seeds more often, or give --expert."
        )
    text = "".join(lines)
    replace_file(options.out, lambda draft: draft.write_text(text, encoding="utf-8"))
    print(f"{options.out}: {len(lines)} pairs")


def read_expert(file: Path) -> dict[Question, str]:
    """The right answers in a file of `{"messages": [...]}` lines, by their questions."""
    return {
        tuple(turn.content for turn in talk[:-1] if turn.role == "user"): talk[-1].content
        for talk in read_conversations(file)
    }


def pairs_of(runs: Sequence[Run], expert: Mapping[Question, str]) -> Iterator[Pair]:
    """The pairs that the runs of one task give. Raises AgentError where a run is not there.

    Each wrong output is left once, for the right ones in turn. Wrong is an output of an episode
    that was not done, unless one that was done has it too; right is the expert's, and where it
    is not known, those of the shorter ways to the reward.
    """
    for question, answers in _answers(runs).items():
        known = expert.get(question)
        right = {_output(known): known} if known else answers.short
        wrong = [a for out, a in answers.failed.items() if out not in {*answers.done, *right}]
        for rejected, chosen in zip(wrong, cycle(right.values()), strict=False):
            yield Pair(
                prompt=answers.prompt,
                chosen=[Message(role="assistant", content=chosen)],
                rejected=[Message(role="assistant", content=rejected)],
            )


def _answers(runs: Sequence[Run]) -> dict[Question, Answers]:
    found: dict[Question, Answers] = {}
    short = shorter(runs)
    for run in runs:
        if run.episode.ended == "error":
            continue
        for chat in run.chats():
            question = tuple(m["content"] for m in chat.messages if m["role"] == "user")
            answers = found.setdefault(
                question, Answers([Message.model_validate(m) for m in chat.messages])
            )
            output = _output(chat.answer)
            ends = answers.done if run.episode.success else answers.failed
            ends.setdefault(output, chat.answer)
            if run in short and output != NO_OUTPUT:
                answers.short.setdefault(output, chat.answer)
    return found


def _output(answer: str) -> str:
    """An answer's output, the same for all spellings of one JSON."""
    return json.dumps(output_of(answer), sort_keys=True)
