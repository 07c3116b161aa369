"""How good the trained model is on conversations it was not trained on.

`python -m training evaluate` scores teacher-forced; with `--gguf FILE` the file is served by
llama.cpp and asked over HTTP, which is what users get: free text, no grammar, right only if
the whole output is right. Rates are told by kind of question.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import httpx

from training.batches import HELD_OUT
from training.conversation import Conversation, Stage, Turn

KINDS = {
    "List the steps.": "plan",
    "List the steps that remain.": "replan",
    "What went wrong?": "reflect",
    "Is the task done?": "finish",
}


@contextmanager
def served(path: Path, threads: int = 1) -> Iterator[httpx.Client]:
    """llama.cpp with this file on a free loopback port, as a client of its HTTP server."""
    import xllamacpp

    settings = xllamacpp.CommonParams()
    settings.model.path = str(path)
    settings.n_ctx, settings.n_parallel, settings.port = 4096, 1, 0
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = threads
    settings.verbosity = 0
    server = xllamacpp.Server(settings)
    with httpx.Client(base_url=server.listening_address, timeout=120) as client:
        yield client
    del server


def ask(client: httpx.Client, turns: Conversation, temperature: float = 0.0) -> str:
    """What the served model answers to these turns."""
    request = {
        "messages": [{"role": turn.role, "content": turn.content} for turn in turns],
        "temperature": temperature,
        "top_p": 0.95,
        "max_tokens": 600,
    }
    response = client.post("/v1/chat/completions", json=request)
    response.raise_for_status()
    return str(response.json()["choices"][0]["message"]["content"])


def output_of(answer: str) -> Any:
    """The JSON between the output tags; None if there is none that parses."""
    text = answer.partition("<output>")[2].partition("</output>")[0]
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return None


def kind_of(turn: Turn) -> str:
    """What a user's turn asks for."""
    for line in turn.content.splitlines()[-3:]:
        if line in KINDS:
            return KINDS[line]
    return "decide"


@dataclass
class Tally:
    """Counts by kind of question."""

    asked: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    invalid: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    wrong: list[tuple[str, str, str, str]] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """One line a kind."""
        for kind, asked in sorted(self.asked.items()):
            rate = self.right[kind] / asked
            yield f"{kind:24} {rate:6.1%} right of {asked}, {self.invalid[kind]} unparseable"
        yield f"{self.seconds / max(1, self.asked.total() / 2) * 1000:.0f} ms an answer"


def detail_of(kind: str, wanted: Any) -> str:
    """A finer name for a question: the first action for decisions, the strategy for reflections."""
    if kind == "decide":
        return f"decide {wanted['actions'][0]['action']}"
    if kind == "reflect":
        return f"reflect {wanted['strategy']}"
    return f"{kind} {wanted.get('done', '')}".strip()


def tally(
    client: httpx.Client, conversations: list[Conversation], temperature: float = 0.0
) -> Tally:
    """Ask every question of these conversations, each after the true answers before it."""
    result = Tally()
    for conversation in conversations:
        for at, turn in enumerate(conversation):
            if turn.role != "assistant":
                continue
            wanted = output_of(turn.content)
            started = time.monotonic()
            answer = ask(client, conversation[:at], temperature)
            result.seconds += time.monotonic() - started
            got = output_of(answer)
            kind = kind_of(conversation[at - 1])
            for name in (kind, detail_of(kind, wanted)):
                result.asked[name] += 1
                result.right[name] += got == wanted
                result.invalid[name] += got is None
            if got != wanted:
                question = conversation[0].content + "\n…\n" + conversation[at - 1].content
                result.wrong.append((kind, question, turn.content, answer))
    return result


def held_out(stage: Stage, count: int, seed: int = HELD_OUT + 1) -> list[Conversation]:
    """Conversations that no training saw."""
    from training.curriculum import conversations

    return list(islice(conversations(stage, seed), count))


def report(options: argparse.Namespace) -> None:
    """Print the scores that the command line asks for."""
    talks = held_out(options.stage, options.count)
    if options.gguf is None:
        from training.export import trained_model
        from training.scores import answers_right

        model, tokenizer = trained_model(options.out)
        print(f"{options.stage}: {answers_right(model, tokenizer, talks):.1%} teacher-forced")
        return
    with served(options.gguf) as client:
        result = tally(client, talks, options.temperature)
    for kind, question, wanted, got in result.wrong[: options.wrong]:
        print(f"--- {kind}\n{question}\nwanted {wanted}\ngot    {got[:400]}\n")
    print("\n".join(result.lines()))
