"""What the verbs of `python -m training` are told; light, so that the command line is quick."""

import argparse
import os
from pathlib import Path
from typing import get_args

from training.conversation import Stage

GGUF = Path("server/models/secondlook-mini.gguf")
REPORT = Path("server/models/secondlook-mini.decontamination.json")


def add_make(command: argparse.ArgumentParser) -> None:
    """The options of `make`."""
    add_train(command)
    _add_files(command)


def add_train(command: argparse.ArgumentParser) -> None:
    """The options of `train`."""
    _add_out(command, "build/training")
    add = command.add_argument
    add("--threads", type=int, default=1, help="in each process")
    add("--workers", type=int, default=0, help="processes; 0: the cores")
    add("--until", choices=get_args(Stage), default="full")
    dial = "how many tokens a stage trains on, e.g. full=12e6"
    add("--tokens", action="append", default=[], metavar="N", help=dial)
    peak = "a stage's highest learning rate, e.g. full=3e-4"
    add("--rate", action="append", default=[], metavar="R", help=peak)
    rows = "tokens in a batch of a stage, e.g. full=16384 on a GPU"
    add("--batch-tokens", action="append", default=[], help=rows)
    add("--size", choices=("mini", "small", "base"), default="mini", help="of the model")
    base = "a Hugging Face folder: go on with that model in the stage full"
    add("--from", dest="base", type=Path, metavar="FOLDER", help=base)
    file = "what `experts`, `replay` or `rehearsals` kept: mix it into the stage full"
    add("--rehearsals", type=Path, metavar="FILE", help=file)
    share = "of the conversations of full that are drawn from it"
    add("--share", type=float, default=0.15, help=share)


def add_export(command: argparse.ArgumentParser) -> None:
    """The options of `export`."""
    _add_out(command, "build/training")
    _add_files(command)


def add_evaluate(command: argparse.ArgumentParser) -> None:
    """The options of `evaluate`."""
    _add_out(command, "build/training")
    add = command.add_argument
    add("--stage", choices=("small_pages", "full"), default="full")
    add("--count", type=int, default=100, help="conversations")
    add("--gguf", type=Path, help="ask this file through llama.cpp")
    add("--temperature", type=float, default=0.0)
    add("--wrong", type=int, default=5, help="wrong answers to print")


def add_chats(command: argparse.ArgumentParser) -> None:
    """The options of `chats`."""
    _add_out(command, "build/chats")
    command.add_argument("--count", type=int, default=20_000, help="conversations")
    command.add_argument("--seed", type=int, default=0)


def add_decontaminate(command: argparse.ArgumentParser) -> None:
    """The options of `decontaminate`."""
    command.add_argument("--count", type=int, default=6_000, help="conversations")
    command.add_argument("--report", type=Path, default=REPORT)


def add_experts(command: argparse.ArgumentParser) -> None:
    """The options of `experts`."""
    _add_out(command, "build/training/experts.jsonl")
    add = command.add_argument
    add("tasks", nargs="*", help="all public ones if none is named")
    add("--seeds", type=int, default=10, help="episodes of each task")
    add("--seed", type=int, default=0, help="of the first episode")
    add("--parallel", type=int, default=2, help="episodes at once")
    add("--faults", type=float, default=0.0, help="share of actions that are hit")
    add("--slips", type=float, default=0.0, help="share that is wrong on purpose")
    student = "let the bundled model act, and say what was right where it came to (DAgger)"
    add("--student", action="store_true", help=student)
    add("--temperature", type=float, default=0.0, help="of the bundled model")


def add_rehearsals(command: argparse.ArgumentParser) -> None:
    """The options of `rehearsals`."""
    _add_out(command, "build/training/rehearsals.jsonl")
    command.add_argument("results", type=Path, help="of `secondlook eval --chats --json`")
    command.add_argument("home", type=Path, help="its --home")


def add_preferences(command: argparse.ArgumentParser) -> None:
    """The options of `preferences`."""
    _add_out(command, "build/training/preferences.jsonl")
    runs = "results of `secondlook eval --chats --json`, each followed by its --home"
    command.add_argument("evaluations", type=Path, nargs="+", metavar="PATH", help=runs)
    right = "right answers as conversations, preferred to all others"
    command.add_argument("--expert", type=Path, metavar="FILE", help=right)


def add_prefer(command: argparse.ArgumentParser) -> None:
    """The options of `prefer`."""
    _add_out(command, "build/preferred")
    add = command.add_argument
    base = "a Hugging Face folder: the model to start from"
    add("--from", dest="base", type=Path, metavar="FOLDER", required=True, help=base)
    add("--pairs", type=Path, metavar="FILE", required=True, help="what `preferences` wrote")
    far = "how closely to stay with the start: the less, the farther it may go"
    add("--beta", type=float, default=0.1, help=far)
    add("--rate", type=float, default=1e-5, help="the highest learning rate")
    add("--epochs", type=int, default=1, help="times through all pairs")
    weight = "weight of the imitation of chosen answers beside it"
    add("--anchor", type=float, default=0.2, help=weight)
    aside = "share of the tasks that is only measured"
    add("--held-out", type=float, default=0.1, help=aside)
    add("--batch-tokens", type=int, default=8192, help="tokens in a batch")
    add("--threads", type=int, default=os.cpu_count() or 1)


def _add_out(command: argparse.ArgumentParser, default: str) -> None:
    command.add_argument("--out", type=Path, default=Path(default))


def _add_files(command: argparse.ArgumentParser) -> None:
    command.add_argument("--gguf", type=Path, default=GGUF)
    command.add_argument("--type", choices=("f16", "q8_0"), default="q8_0")
