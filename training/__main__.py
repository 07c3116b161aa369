"""`python -m training make`: the bundled model from nothing, in one resumable command.

`chats` writes the same data for tuning a larger one, `from-site` makes such data from your site,
`experts`, `rehearsals` and `preferences` from the agent's runs; `prefer` learns from the last.
"""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import get_args

from training.conversation import Stage
from training.live.options import add_practise, add_replay
from training.site.options import add_options, read_options

# Small steps run twice as fast when freed pages are kept instead of faulted in again.
MALLOC = {
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
    "MALLOC_TRIM_THRESHOLD_": "8589934592",
    "MALLOC_TOP_PAD_": "268435456",
}
GGUF = Path("server/models/secondlook-mini.gguf")
OUT = {
    "chats": "build/chats",
    "from-site": "build/site",
    "experts": "build/training/experts.jsonl",
    "rehearsals": "build/training/rehearsals.jsonl",
    "preferences": "build/training/preferences.jsonl",
    "prefer": "build/preferred",
    "replay": "build/training/replayed.jsonl",
}
REPORT = Path("server/models/secondlook-mini.decontamination.json")


def main() -> None:
    """Parse the command line and do it."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, says in (
        ("make", "train all stages (or go on where a killed run stopped) and export"),
        ("train", "train only"),
        ("export", "write the GGUF file and the Hugging Face folder"),
        ("evaluate", "score the trained model, teacher-forced or through llama.cpp"),
        ("chats", "write the data as chat files, for tuning a large model (docs/tuning.md)"),
        ("decontaminate", "report what the data shares with the tasks that the model is judged on"),
        ("from-site", "make chat files from a site of your own (docs/tuning.md)"),
        ("experts", "runs on the public MiniWoB++ tasks, with what was right (docs/tuning.md)"),
        ("rehearsals", "keep the successes of an evaluation to train on (docs/tuning.md)"),
        ("practise", "run an agent on the generator's live pages (docs/tuning.md)"),
        ("replay", "have the teacher do live pages, and keep what it did (docs/tuning.md)"),
        ("preferences", "pair right and wrong answers of evaluations (docs/tuning.md)"),
        ("prefer", "tune a finished model to prefer the right answers of such pairs"),
    ):
        command = verbs.add_parser(verb, help=says)
        if verb not in ("decontaminate", "practise"):
            out = OUT.get(verb, "build/training")
            command.add_argument("--out", type=Path, default=Path(out))
        if verb == "chats":
            command.add_argument("--count", type=int, default=20_000, help="conversations")
            command.add_argument("--seed", type=int, default=0)
        if verb == "decontaminate":
            command.add_argument("--count", type=int, default=6_000, help="conversations")
            command.add_argument("--report", type=Path, default=REPORT)
        if verb == "from-site":
            add_options(command)
        if verb == "replay":
            add_replay(command)
        if verb == "practise":
            add_practise(command)
        if verb == "experts":
            _add_experts(command)
        if verb == "rehearsals":
            command.add_argument("results", type=Path, help="of `secondlook eval --chats --json`")
            command.add_argument("home", type=Path, help="its --home")
        if verb == "preferences":
            runs = "results of `secondlook eval --chats --json`, each followed by its --home"
            command.add_argument("evaluations", type=Path, nargs="+", metavar="PATH", help=runs)
            right = "right answers as conversations, preferred to all others"
            command.add_argument("--expert", type=Path, metavar="FILE", help=right)
        if verb == "prefer":
            _add_prefer(command)
        if verb in ("make", "train"):
            command.add_argument("--threads", type=int, default=1, help="in each process")
            command.add_argument("--workers", type=int, default=0, help="processes; 0: the cores")
            command.add_argument("--until", choices=get_args(Stage), default="full")
            dial = "how many tokens a stage trains on, e.g. full=12e6"
            command.add_argument("--tokens", action="append", default=[], metavar="N", help=dial)
            peak = "a stage's highest learning rate, e.g. full=3e-4"
            command.add_argument("--rate", action="append", default=[], metavar="R", help=peak)
            rows = "tokens in a batch of a stage, e.g. full=16384 on a GPU"
            command.add_argument("--batch-tokens", action="append", default=[], help=rows)
            sizes = ("mini", "small", "base")
            command.add_argument("--size", choices=sizes, default="mini", help="of the model")
            base = "a Hugging Face folder: go on with that model in the stage full"
            command.add_argument("--from", dest="base", type=Path, metavar="FOLDER", help=base)
            file = "what `rehearsals` kept: mix it into the stage full"
            command.add_argument("--rehearsals", type=Path, metavar="FILE", help=file)
            share = "of the conversations of full that are drawn from it"
            command.add_argument("--share", type=float, default=0.15, help=share)
        if verb in ("make", "export"):
            command.add_argument("--gguf", type=Path, default=GGUF)
            command.add_argument("--type", choices=["f16", "q8_0"], default="q8_0")
        if verb == "evaluate":
            command.add_argument("--stage", choices=["small_pages", "full"], default="full")
            command.add_argument("--count", type=int, default=100, help="conversations")
            command.add_argument("--gguf", type=Path, help="ask this file through llama.cpp")
            command.add_argument("--temperature", type=float, default=0.0)
            command.add_argument("--wrong", type=int, default=5, help="wrong answers to print")
    options = parser.parse_args()
    if options.verb in ("make", "train"):
        _train(options)
    if options.verb in ("make", "export"):
        from training.export import export

        export(options.out, options.gguf, options.type)
    if options.verb == "chats":
        from training.chats import write

        write(options)
    if options.verb == "decontaminate":
        from training.decontamination.report import write as write_report

        write_report(options)
    if options.verb == "from-site":
        from training.site.command import from_site

        from_site(read_options(options))
    if options.verb == "experts":
        from training.expert.collect import collect

        collect(options)
    if options.verb == "rehearsals":
        from training.rehearsals import write as write_rehearsals

        write_rehearsals(options)
    if options.verb == "replay":
        from training.live.command import replay

        replay(options)
    if options.verb == "practise":
        from training.live.practise import practise

        practise(options)
    if options.verb == "preferences":
        from training.preferences import write as write_preferences

        write_preferences(options)
    if options.verb == "prefer":
        _prefer(options)
    if options.verb == "evaluate":
        from training.evaluate import report

        report(options)


def _add_experts(command: argparse.ArgumentParser) -> None:
    command.add_argument("tasks", nargs="*", help="all public ones if none is named")
    command.add_argument("--seeds", type=int, default=10, help="episodes of each task")
    command.add_argument("--seed", type=int, default=0, help="of the first episode")
    command.add_argument("--parallel", type=int, default=2, help="episodes at once")
    command.add_argument("--faults", type=float, default=0.0, help="share of actions that are hit")
    command.add_argument("--slips", type=float, default=0.0, help="share that is wrong on purpose")
    student = "let the bundled model act, and say what was right where it came to (DAgger)"
    command.add_argument("--student", action="store_true", help=student)
    command.add_argument("--temperature", type=float, default=0.0, help="of the bundled model")


def _add_prefer(command: argparse.ArgumentParser) -> None:
    base = "a Hugging Face folder: the model to start from"
    command.add_argument(
        "--from", dest="base", type=Path, metavar="FOLDER", required=True, help=base
    )
    file = "what `preferences` wrote"
    command.add_argument("--pairs", type=Path, metavar="FILE", required=True, help=file)
    far = "how closely to stay with the start: the less, the farther it may go"
    command.add_argument("--beta", type=float, default=0.1, help=far)
    command.add_argument("--rate", type=float, default=1e-5, help="the highest learning rate")
    command.add_argument("--epochs", type=int, default=1, help="times through all pairs")
    weight = "weight of the imitation of chosen answers beside it"
    command.add_argument("--anchor", type=float, default=0.2, help=weight)
    aside = "share of the tasks that is only measured"
    command.add_argument("--held-out", type=float, default=0.1, help=aside)
    rows = "tokens in a batch"
    command.add_argument("--batch-tokens", type=int, default=8192, help=rows)
    command.add_argument("--threads", type=int, default=os.cpu_count() or 1)


def _prefer(options: argparse.Namespace) -> None:
    _with_malloc()
    from training.prefer import Settings, prefer

    dials = {name: value for name, value in vars(options).items() if name != "verb"}
    prefer(Settings(**dials))


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


def _with_malloc() -> None:
    """Start this program again with the allocator's settings, which are read at start only."""
    if all(os.environ.get(name) == value for name, value in MALLOC.items()):
        return
    environment = {**os.environ, **MALLOC, "TOKENIZERS_PARALLELISM": "false"}
    arguments = [sys.executable, "-m", "training", *sys.argv[1:]]
    os.execve(sys.executable, arguments, environment)


if __name__ == "__main__":
    main()
