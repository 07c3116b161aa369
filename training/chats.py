"""The training data as chat files, for tuning a large model with TRL and PEFT (docs/tuning.md).

One JSON object a line, `prompt` (system, user and earlier turns) and `completion` (the answer):
TRL's conversational prompt-completion format, on which it takes the loss of the completion only.
https://huggingface.co/docs/trl/dataset_formats
"""

import argparse
import json
from collections.abc import Iterable, Iterator
from itertools import islice, tee

from agent.context import system_prompt
from training.batches import HELD_OUT
from training.conversation import Conversation
from training.decontamination.check import require_clean, require_clean_wording
from training.evaluate import kind_of
from training.train import replace_file

Example = dict[str, list[dict[str, str]]]

HELD_BACK = 20
"""One line of test.jsonl for so many of train.jsonl."""


def examples(conversation: Conversation) -> Iterator[Example]:
    """An example for each answer, the turns before it as its prompt.

    The system prompt stands before it as the loop sends it: the bundled model does without, a
    large model reads there what the actions are.
    """
    messages = [{"role": turn.role, "content": turn.content} for turn in conversation]
    for at, turn in enumerate(conversation):
        if turn.role == "assistant":
            system = {"role": "system", "content": system_prompt(kind_of(conversation[at - 1]))}
            yield {"prompt": [system, *messages[:at]], "completion": [messages[at]]}


def write(options: argparse.Namespace) -> None:
    """Write train.jsonl and test.jsonl; raises SystemExit if an evaluation's tasks are in them."""
    from training.curriculum import conversations

    require_clean(conversations)
    for name, seed, count in (
        ("train", options.seed, options.count),
        ("test", HELD_OUT + 2, max(1, options.count // HELD_BACK)),
    ):
        checked, written = tee(islice(conversations("full", seed), count))
        require_clean_wording(checked)
        path = options.out / f"{name}.jsonl"
        lines = _lines(written)
        replace_file(path, lambda draft, lines=lines: draft.write_text("".join(lines)))
        print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


def _lines(conversations: Iterable[Conversation]) -> list[str]:
    return [
        json.dumps(example, ensure_ascii=False) + "\n"
        for conversation in conversations
        for example in examples(conversation)
    ]
