"""`python -m training make`: the bundled model from nothing, in one resumable command.

`chats` writes the same data for tuning a larger one, `from-site` makes such data from your site,
`replay` and `experts` from live pages, `rehearsals` and `preferences` from the agent's runs;
`prefer` learns from the last.
"""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from training import options as told
from training.live.options import add_practise, add_replay
from training.site.options import add_options, read_options

# Small steps run twice as fast when freed pages are kept instead of faulted in again.
MALLOC = {
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
    "MALLOC_TRIM_THRESHOLD_": "8589934592",
    "MALLOC_TOP_PAD_": "268435456",
}


def main() -> None:
    """Parse the command line and do it."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb in VERBS:
        command = verbs.add_parser(verb.name, help=verb.says)
        verb.add(command)
        command.set_defaults(run=verb.run)
    options = parser.parse_args()
    options.run(options)


def _make(options: argparse.Namespace) -> None:
    _train(options)
    _export(options)


def _train(options: argparse.Namespace) -> None:
    _with_malloc()
    from training.train import Settings, train

    settings = Settings(out=options.out, size=options.size, base=options.base)
    stages = dict(settings.stages)
    for name in ("tokens", "rate", "batch_tokens"):
        for dial in getattr(options, name):
            stage, _, number = dial.partition("=")
            if stage not in stages:
                known = ", ".join(stages)
                option = name.replace("_", "-")
                sys.exit(f"--{option} {dial}: there is no stage {stage}; stages are {known}")
            value = type(getattr(stages[stage], name))(float(number))
            stages[stage] = replace(stages[stage], **{name: value})
    workers = options.workers or os.cpu_count() or 1
    settings = replace(settings, stages=stages, threads=options.threads, workers=workers)
    if options.until == "copy":
        train(settings, None, "copy")
    else:
        from training.curriculum import conversations
        from training.decontamination.check import require_clean
        from training.mixing import mixed

        source = mixed(conversations, options.rehearsals, options.share)
        require_clean(conversations)
        train(settings, source, options.until)


def _export(options: argparse.Namespace) -> None:
    from training.export import export

    export(options.out, options.gguf, options.type)


def _evaluate(options: argparse.Namespace) -> None:
    from training.evaluate import report

    report(options)


def _chats(options: argparse.Namespace) -> None:
    from training.chats import write

    write(options)


def _decontaminate(options: argparse.Namespace) -> None:
    from training.decontamination.report import write

    write(options)


def _from_site(options: argparse.Namespace) -> None:
    from training.site.command import from_site

    from_site(read_options(options))


def _experts(options: argparse.Namespace) -> None:
    from training.expert.collect import collect

    collect(options)


def _rehearsals(options: argparse.Namespace) -> None:
    from training.rehearsals import write

    write(options)


def _replay(options: argparse.Namespace) -> None:
    from training.live.command import replay

    replay(options)


def _practise(options: argparse.Namespace) -> None:
    from training.live.practise import practise

    practise(options)


def _preferences(options: argparse.Namespace) -> None:
    from training.preferences import write

    write(options)


def _prefer(options: argparse.Namespace) -> None:
    _with_malloc()
    from training.prefer import Settings, prefer

    dials = {name: value for name, value in vars(options).items() if name not in ("verb", "run")}
    prefer(Settings(**dials))


def _with_malloc() -> None:
    """Start this program again with the allocator's settings, which are read at start only."""
    if all(os.environ.get(name) == value for name, value in MALLOC.items()):
        return
    environment = {**os.environ, **MALLOC, "TOKENIZERS_PARALLELISM": "false"}
    arguments = [sys.executable, "-m", "training", *sys.argv[1:]]
    os.execve(sys.executable, arguments, environment)


class Verb(NamedTuple):
    """One thing that can be done: what it is told, and what does it."""

    name: str
    says: str
    add: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], None]


VERBS = (
    Verb(
        "make",
        "train all stages (or go on where a killed run stopped) and export",
        told.add_make,
        _make,
    ),
    Verb("train", "train only", told.add_train, _train),
    Verb("export", "write the GGUF file and the Hugging Face folder", told.add_export, _export),
    Verb(
        "evaluate",
        "score the trained model, teacher-forced or through llama.cpp",
        told.add_evaluate,
        _evaluate,
    ),
    Verb("chats", "write the data as chat files, for a large model", told.add_chats, _chats),
    Verb(
        "decontaminate",
        "report what the data shares with the tasks that the model is judged on",
        told.add_decontaminate,
        _decontaminate,
    ),
    Verb("from-site", "make chat files from a site of your own", add_options, _from_site),
    Verb("replay", "have the teacher do live pages, and keep it", add_replay, _replay),
    Verb("practise", "run an agent on the generator's live pages", add_practise, _practise),
    Verb(
        "experts",
        "runs on the public MiniWoB++ tasks, with what was right",
        told.add_experts,
        _experts,
    ),
    Verb(
        "rehearsals",
        "keep the successes of an evaluation to train on",
        told.add_rehearsals,
        _rehearsals,
    ),
    Verb(
        "preferences",
        "pair right and wrong answers of evaluations",
        told.add_preferences,
        _preferences,
    ),
    Verb(
        "prefer", "tune a model to prefer the right answers of such pairs", told.add_prefer, _prefer
    ),
)
"""docs/tuning.md tells how those from `chats` on belong together."""


if __name__ == "__main__":
    main()
