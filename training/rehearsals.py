"""The model's own successes as training data (rejection sampling, docs/tuning.md).

`secondlook eval … --chats` collects its runs; here those that the page called done are told
from the rest, and the shorter ones of them are kept as conversations.
"""

import argparse
from collections.abc import Iterator, Sequence

from rich.console import Console

from agent.errors import AgentError
from training.conversation import Conversation, Turn
from training.evaluate import output_of
from training.mixing import line_of
from training.runs import Run, by_task, runs_of, shorter, table
from training.train import replace_file


def write(options: argparse.Namespace) -> None:
    """Write what is kept to `options.out`, and tell it as a table."""
    try:
        found = [
            (task, runs, rehearsed(runs))
            for task, runs in by_task(runs_of(options.results, options.home))
        ]
    except AgentError as error:
        raise SystemExit(str(error)) from error
    lines = [line_of(conversation) for _, _, kept in found for conversation in kept]
    Console(highlight=False).print(table([(t, r, len(kept)) for t, r, kept in found], "Kept"))
    if not lines:
        raise SystemExit(f"{options.results}: no answer can be learnt from; nothing was written.")
    text = "".join(lines)
    replace_file(options.out, lambda draft: draft.write_text(text, encoding="utf-8"))
    print(f"{options.out}: {len(lines)} conversations")


def rehearsed(runs: Sequence[Run]) -> list[Conversation]:
    """What one task gives, each conversation once. Raises AgentError where a run is not there."""
    return list(dict.fromkeys(talk for run in shorter(runs) for talk in _learnt(run)))


def _learnt(run: Run) -> Iterator[Conversation]:
    """A run's questions and answers, without the system message, which mini never reads."""
    for chat in run.chats():
        if output_of(chat.answer) is not None:
            asked = [Turn("user", m["content"]) for m in chat.messages if m["role"] == "user"]
            yield (*asked, Turn("assistant", chat.answer))
