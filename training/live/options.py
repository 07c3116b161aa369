"""What `python -m training replay` and `practise` are told; light, for the command line."""

import argparse
from pathlib import Path

FIRST = 100_000
"""Replays count their seeds from 0: an agent is not run on pages that it was taught on."""


def add_replay(command: argparse.ArgumentParser) -> None:
    """The options of `replay`."""
    add = command.add_argument
    add("--out", type=Path, default=Path("build/training/replayed.jsonl"))
    add("--count", type=int, default=1000, help="tasks")
    add("--seed", type=int, default=0, help="of the first task")
    add("--parallel", type=int, default=2, help="windows at once")
    trouble = "the share of decisions that something comes in the way of"
    add("--trouble", type=float, default=0.2, help=trouble)


def add_practise(command: argparse.ArgumentParser) -> None:
    """The options of `practise`."""
    add = command.add_argument
    add("--json", type=Path, required=True, metavar="FILE", help="results; goes on with those")
    add("--home", type=Path, required=True, metavar="DIR", help="where runs and chats are kept")
    add("--seeds", type=int, default=5, help="episodes of each family")
    add("--seed", type=int, default=FIRST, help="of the first")
    add("--families", nargs="+", default=[], metavar="NAME", help="only these; see docs/tuning.md")
    add("--parallel", type=int, default=2, help="episodes at once")
    add("--faults", type=float, default=0.0, help="the share of actions that meet a fault")
    add("--temperature", type=float, default=None, help="of the answers")
    add("--model-url", default="", metavar="URL|SERVICE", help="else the bundled model")
    add("--model", default="", metavar="NAME", help="the model's name there")
