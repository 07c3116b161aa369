"""`secondlook eval`: how often tasks come out right, on MiniWoB++ or on one's own."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
import typer.core
from rich.console import Console

from tasks.commands import options as opt
from tasks.exit_codes import ExitCode

if TYPE_CHECKING:
    from tasks.eval.progress import Watcher
    from tasks.eval.results import Results
    from tasks.eval.suite import Group, Key, Suite

WHICH = "Which episodes"


class FileOrCommand(typer.core.TyperGroup):
    """`secondlook eval FILE.jsonl` is short for `secondlook eval file FILE.jsonl`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the first word names, or `file` for the name of one."""
        short = args and args[0] not in self.commands and Path(args[0]).suffix
        return super().resolve_command(ctx, ["file", *args] if short else args)


app = typer.Typer(
    name="eval",
    cls=FileOrCommand,
    help="Measure how often tasks come out right (docs/eval.md); FILE.jsonl holds your own.",
    invoke_without_command=True,
)

Tasks = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[TASK]…",
        help="MiniWoB++ tasks by name, such as click-button. Default: those of --list.",
        show_default=False,
    ),
]
ListName = Annotated[
    Literal["public", "unseen", "all"],
    typer.Option(
        "--list",
        metavar="public|unseen|all",
        help="Tasks that may be trained on, the others, or all 125 of BrowserGym's. Default: all.",
        rich_help_panel=WHICH,
    ),
]
Seeds = Annotated[
    int,
    typer.Option(
        "--seeds",
        metavar="N",
        min=1,
        help="So often each task, with a seed each. Default: 1.",
        rich_help_panel=WHICH,
    ),
]
FirstSeed = Annotated[
    int,
    typer.Option(
        "--first-seed",
        metavar="N",
        min=0,
        help="The first seed. Default: 0.",
        rich_help_panel=WHICH,
    ),
]
Parallel = Annotated[
    int,
    typer.Option(
        "--parallel",
        metavar="N",
        min=1,
        max=64,
        help="So many at once, each in a browser of its own. Default: 1.",
        rich_help_panel=WHICH,
    ),
]
Faults = Annotated[
    float,
    typer.Option(
        "--faults",
        metavar="SHARE",
        min=0,
        max=1,
        help="Hit this share of the actions: a banner appears, an element goes stale, or a click "
        "is swallowed. The same seeds meet the same faults.",
        rich_help_panel=WHICH,
    ),
]
MaxActions = Annotated[
    int,
    typer.Option(
        "--max-actions",
        metavar="N",
        min=1,
        help="Actions at most in an episode. Default: 10, as in BrowserGym.",
        rich_help_panel=opt.LIMITS,
    ),
]
MaxSeconds = Annotated[
    float,
    typer.Option(
        "--max-seconds",
        metavar="S",
        min=1,
        help="Seconds at most in an episode. Default: 300.",
        rich_help_panel=opt.LIMITS,
    ),
]
ResultsFile = Annotated[
    Path | None,
    typer.Option(
        "--json",
        metavar="FILE",
        help="Keep each result there, one JSON object a line, as soon as it is known; what the "
        "file holds already is not done again.",
        rich_help_panel=opt.OUTPUT,
    ),
]
Plot = Annotated[
    Path | None,
    typer.Option("--plot", metavar="FILE.svg", help="Draw the rates.", rich_help_panel=opt.OUTPUT),
]
Home = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="DIR",
        help="Keep the runs there, for `secondlook show`. Default: they are forgotten.",
        rich_help_panel=opt.OUTPUT,
    ),
]
Chats = Annotated[
    bool,
    typer.Option(
        "--chats",
        help="Keep with each run what the model was asked and what it answered, word for word, to "
        "train on (docs/tuning.md). Needs --home.",
        rich_help_panel=opt.OUTPUT,
    ),
]
OwnFile = Annotated[
    Path, typer.Argument(metavar="FILE.jsonl", help="One task a line (docs/eval.md).")
]
ResultsOf = Annotated[
    Path, typer.Argument(metavar="FILE", help="The results of one evaluation (--json).")
]


@app.callback()
def eval_commands(ctx: typer.Context) -> None:
    """Without a command, the help."""
    if ctx.invoked_subcommand is None:
        ctx.get_help()
        raise typer.Exit(ExitCode.USAGE)


@app.command()
def miniwob(
    ctx: typer.Context,
    tasks: Tasks = None,
    list_name: ListName = "all",
    seeds: Seeds = 1,
    first_seed: FirstSeed = 0,
    parallel: Parallel = 1,
    faults: Faults = 0,
    model_url: opt.ModelUrl = "",
    model: opt.ModelName = "",
    temperature: opt.Temperature = None,
    reflection: opt.Reflection = "on",
    max_actions: MaxActions = 10,
    max_seconds: MaxSeconds = 300,
    executable: opt.Executable = "",
    results: ResultsFile = None,
    plot: Plot = None,
    home: Home = None,
    chats: Chats = False,
) -> int:
    """MiniWoB++ as in BrowserGym: the goal only as the task, judged by the page's reward."""
    from tasks.eval.miniwob import GROUPS, MiniWoB, installed_pages
    from tasks.eval.miniwob_lists import LISTS

    suite = MiniWoB(installed_pages())
    chosen = tasks or LISTS[list_name]
    suite.check(chosen)
    wanted = _wanted(ctx)
    return _carry_out(suite, chosen, GROUPS, wanted)


@app.command("file")
def own_tasks(
    ctx: typer.Context,
    file: OwnFile,
    seeds: Seeds = 1,
    first_seed: FirstSeed = 0,
    parallel: Parallel = 1,
    faults: Faults = 0,
    model_url: opt.ModelUrl = "",
    model: opt.ModelName = "",
    temperature: opt.Temperature = None,
    reflection: opt.Reflection = "on",
    max_actions: MaxActions = 60,
    max_seconds: MaxSeconds = 300,
    executable: opt.Executable = "",
    results: ResultsFile = None,
    plot: Plot = None,
    home: Home = None,
    chats: Chats = False,
) -> int:
    """Your own tasks, judged by conditions on the page; also `secondlook eval FILE.jsonl`."""
    from tasks.eval.own_tasks import OwnTasks, TasksInvalid

    try:
        suite = OwnTasks(file)
    except TasksInvalid as error:
        for problem in error.problems:
            typer.echo(problem, err=True)
        raise
    wanted = _wanted(ctx)
    return _carry_out(suite, list(suite.tasks), (), wanted)


@app.command()
def compare(first: ResultsOf, second: ResultsOf) -> int:
    """How much more often the second evaluation's tasks came out right, over the same seeds."""
    from tasks.eval import compare as side_by_side
    from tasks.eval.miniwob import GROUPS
    from tasks.eval.results import read_results

    paths, console = (first, second), Console(highlight=False)
    one, other = read_results(first), read_results(second)
    groups = GROUPS if one.setup.suite == "miniwob" else ()
    differences = side_by_side.compare(one, other, groups, paths)
    console.print(side_by_side.differing(one.setup, other.setup), markup=False)
    console.print(side_by_side.table(differences, paths))
    return ExitCode.DONE


@dataclass(frozen=True)
class _Wanted:
    """What the options of both kinds of evaluation say."""

    seeds: range
    parallel: int
    model_url: str
    model: str
    executable: str
    results: Path | None
    plot: Path | None
    home: Path | None
    chats: bool
    conditions: dict[str, Any]


def _wanted(ctx: typer.Context) -> _Wanted:
    """What the options say that both kinds have. Raises `typer.BadParameter`."""
    given = ctx.params
    named = ("temperature", "faults", "max_actions", "max_seconds")
    return _Wanted(
        seeds=range(given["first_seed"], given["first_seed"] + given["seeds"]),
        parallel=given["parallel"],
        model_url=opt.checked_model_url(given["model_url"]),
        model=given["model"],
        executable=given["executable"],
        results=given["results"],
        plot=_checked_plot(given["plot"]),
        home=given["home"],
        chats=_checked_chats(given["chats"], given["home"]),
        conditions={
            **{name: given[name] for name in named},
            "reflection": given["reflection"] == "on",
        },
    )


def _carry_out(
    suite: "Suite", tasks: Sequence[str], groups: "Sequence[Group]", wanted: _Wanted
) -> ExitCode:
    """Do the episodes that are missing, and show the tables, also when it is stopped."""
    from tasks.eval.evaluate import keys_of
    from tasks.eval.plot import svg
    from tasks.eval.problems import writing
    from tasks.eval.progress import Watcher
    from tasks.eval.report import report
    from tasks.eval.results import Results, Setup
    from tasks.signals import run_stoppable

    setup = Setup(suite=suite.name, model=_said(wanted), **wanted.conditions)
    results, keys = Results(setup, wanted.results), keys_of(tasks, wanted.seeds)
    console = Console(highlight=False)
    try:
        with Watcher(Console(stderr=True, highlight=False), results, keys) as watcher:
            run_stoppable(
                _evaluated(suite, keys, results, wanted, watcher),
                on_first=watcher.stopping,
                on_second=watcher.leaving,
            )
    finally:
        asked = [results.episodes[key] for key in keys if key in results.episodes]
        if asked:
            console.print(report(setup, asked, groups))
    if wanted.plot is not None:
        with writing(wanted.plot):
            wanted.plot.write_text(svg(setup, asked, groups), encoding="utf-8")
    return ExitCode.DONE


async def _evaluated(
    suite: "Suite",
    keys: "Sequence[Key]",
    results: "Results",
    wanted: _Wanted,
    watcher: "Watcher",
) -> None:
    from agent.model.endpoints import configured
    from tasks.bundled import bundled_model
    from tasks.eval.episode import Agent
    from tasks.eval.evaluate import evaluate
    from tools.browser import BrowserOptions

    bundled = configured(wanted.model_url, wanted.model) is None and results.missing(keys)
    async with AsyncExitStack() as stack:
        agent = Agent(
            model_url=wanted.model_url,
            model_name=wanted.model,
            bundled_url=(await stack.enter_async_context(bundled_model())).url if bundled else "",
            home=wanted.home.expanduser().absolute() if wanted.home else None,
            chats=wanted.chats,
        )
        options = BrowserOptions(executable=wanted.executable)
        await evaluate(suite, keys, results, agent, options, wanted.parallel, watcher.told)


def _said(wanted: _Wanted) -> str:
    """Who answers, as reports say it; of the bundled model, which is remade, its digest, too."""
    from agent.model.endpoints import configured
    from tasks.bundled import bundled_digest, local_name
    from tasks.local_model import chosen

    endpoint = configured(wanted.model_url, wanted.model)
    if endpoint is None:
        return local_name() if chosen() else f"{local_name()} {bundled_digest()}"
    return f"{endpoint.model} at {endpoint.url}" if endpoint.model else endpoint.url


def _checked_plot(path: Path | None) -> Path | None:
    if path is not None and path.suffix.lower() != ".svg":
        raise typer.BadParameter(f"--plot {path}: the picture is an SVG, so name it FILE.svg.")
    if path is not None and not path.absolute().parent.is_dir():
        raise typer.BadParameter(f"--plot {path}: there is no folder {path.parent}.")
    return path


def _checked_chats(chats: bool, home: Path | None) -> bool:
    if chats and home is None:
        raise typer.BadParameter(
            "--chats keeps the chats with the runs: name their folder with --home DIR."
        )
    return chats
