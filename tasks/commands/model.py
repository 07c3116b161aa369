"""`secondlook model`: what an endpoint can do, and models for machines without a GPU."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tasks.commands import options as opt
from tasks.exit_codes import ExitCode
from tasks.pieces import BAD, FAILED, GOOD, OK, mark, said

if TYPE_CHECKING:
    from agent.model.endpoints import Endpoint
    from tasks.model_bench import Row
    from tasks.model_check import Report

app = typer.Typer(
    name="model",
    help="Check an endpoint; fetch a model and make it the default.",
    invoke_without_command=True,
)

Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME|REPO/FILE.gguf",
        help="A recommended model (docs/model.md), or a GGUF file on the Hugging Face hub.",
        show_default=False,
    ),
]
Choice = Annotated[
    str,
    typer.Argument(
        metavar="NAME|REPO/FILE.gguf|PATH",
        help="A model that was pulled, or a GGUF file here; `mini` for the bundled one.",
        show_default=False,
    ),
]


AtOnce = Annotated[
    str,
    typer.Option("--at-once", metavar="N,N,…", help="Runs at once, a row of the table for each."),
]


@app.callback()
def model_commands(ctx: typer.Context) -> None:
    """Without a command, the help."""
    if ctx.invoked_subcommand is None:
        ctx.get_help()
        raise typer.Exit(ExitCode.USAGE)


@app.command()
def check(
    model_url: opt.ModelUrl = "", model: opt.ModelName = "", json_lines: opt.Json = False
) -> int:
    """Ask the model for a plan, an action and a reflection, and say what its endpoint can do."""
    from tasks import model_check
    from tasks.lines import Writer
    from tasks.signals import run_stoppable

    async def checked() -> "Report":
        async with _endpoint(model_url, model) as endpoint:
            return await model_check.check(endpoint)

    report = run_stoppable(checked(), on_first=_nothing, on_second=_nothing)
    if json_lines:
        Writer().line(report.model_dump_json(ensure_ascii=True))
    else:
        console = Console()
        console.print(_table(report, console))
    return ExitCode.DONE if report.ok else ExitCode.FAILED


@app.command()
def bench(
    model_url: opt.ModelUrl = "",
    model: opt.ModelName = "",
    at_once: AtOnce = "1,8,64",
    json_lines: opt.Json = False,
) -> int:
    """Measure actions per second with many runs at once, with and without the grammar."""
    from tasks.lines import Writer
    from tasks.model_bench import Row
    from tasks.model_bench import bench as measure
    from tasks.signals import run_stoppable

    sizes = [int(word) for word in at_once.split(",") if word.strip().isdigit()]
    if not sizes or 0 in sizes:
        raise typer.BadParameter("--at-once takes numbers of runs, such as 1,8,64.")
    rows: list[Row] = []

    async def measured() -> None:
        async with _endpoint(model_url, model) as endpoint:
            with Console(stderr=True).status("Asking …"):
                await measure(endpoint, sizes, rows.append)

    run_stoppable(measured(), on_first=_nothing, on_second=_nothing)
    if json_lines:
        for row in rows:
            Writer().line(row.model_dump_json(ensure_ascii=True))
    else:
        Console().print(_paces(rows))
    return ExitCode.DONE


@asynccontextmanager
async def _endpoint(model_url: str, model: str) -> "AsyncIterator[Endpoint]":
    """The endpoint that is configured; the bundled model is started if it is that."""
    from agent.model.endpoints import configured
    from tasks.bundled import bundled_model

    async with AsyncExitStack() as stack:
        endpoint = configured(opt.checked_model_url(model_url), model)
        if endpoint is None:
            served = await stack.enter_async_context(bundled_model())
            endpoint = configured(bundled_url=served.url, environment={})
        assert endpoint is not None
        yield endpoint


@app.command()
def pull(name: Name) -> int:
    """Fetch a GGUF file into your cache, going on where an earlier try broke off."""
    from tasks import pull as fetching
    from tasks.local_model import source_of

    source = source_of(name)
    if source is None:
        raise typer.BadParameter(f"{name!r} is neither of {_names()} nor REPO/FILE.gguf.")
    fetching.pull(source, print)
    print(f"Use it: secondlook model use {name}")
    return ExitCode.DONE


@app.command()
def use(choice: Choice) -> int:
    """Have this model answer from now on, where no endpoint is named."""
    from tasks.local_model import BUNDLED, choose, source_of

    if choice == BUNDLED:
        choose(None)
        print("The bundled model answers from now on.")
        return ExitCode.DONE
    source, path = source_of(choice), Path(choice).expanduser()
    if not path.is_file():
        if source is None:
            raise typer.BadParameter(
                f"{choice!r} is neither a file here nor one of {_names()} nor REPO/FILE.gguf."
            )
        path = source.path
    if not path.is_file():
        raise typer.BadParameter(f"{choice} is not here yet: secondlook model pull {choice}")
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise typer.BadParameter(f"{path} is no GGUF file.")
    choose(path.absolute())
    print(f"{path.stem} answers from now on. Try it: secondlook model check")
    return ExitCode.DONE


def _names() -> str:
    from tasks.local_model import RECOMMENDED

    return ", ".join(model.name for model in RECOMMENDED)


def _table(report: "Report", console: Console) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row("model", said(f"{report.model} at {report.url}"))
    table.add_row("context", f"{report.context:,} tokens")
    grammar = f"yes, by `{report.grammar}`" if report.grammar else "no"
    table.add_row("grammar", grammar)
    table.add_row("JSON schema", "yes" if report.json_schema else "no")
    table.add_row("streaming", "yes" if report.streaming else "no, answers come whole")
    table.add_row("first token", f"{report.first_token_seconds:.2f} s")
    table.add_row("speed", f"{report.tokens_per_second:.0f} tokens/s")
    for answer in report.asked:
        symbol, style = (OK, GOOD) if answer.ok else (FAILED, BAD)
        words = Text(f"{mark(console, symbol)} ", style=style).append_text(said(answer.said))
        table.add_row(answer.question, words)
    return table


def _paces(rows: "Iterable[Row]") -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in (
        "runs at once",
        "actions/s",
        "tokens/s",
        "free: actions/s",
        "tokens/s",
        "the grammar costs",
    ):
        table.add_column(name, justify="right")
    cached = ""
    for row in rows:
        table.add_row(
            f"{row.runs}",
            f"{row.held.actions_per_second:.1f}",
            f"{row.held.tokens_per_second:.0f}",
            f"{row.free.actions_per_second:.1f}",
            f"{row.free.tokens_per_second:.0f}",
            f"{row.cost:.1%}",
        )
        if row.cached is not None:
            cached = f"{row.cached:.0%} of a run's prompts from the prefix cache after two actions"
    table.caption = cached or None
    return table


def _nothing() -> None:
    """Nothing is being saved that somebody would have to be told about."""
