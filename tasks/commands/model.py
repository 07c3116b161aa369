"""`secondlook model`: what an endpoint can do, and models for machines without a GPU."""

from contextlib import AsyncExitStack
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
    from agent.model.endpoints import configured
    from tasks import model_check
    from tasks.bundled import bundled_model
    from tasks.lines import Writer
    from tasks.signals import run_stoppable

    async def checked() -> "Report":
        async with AsyncExitStack() as stack:
            endpoint = configured(opt.checked_url(model_url, "--model-url"), model)
            if endpoint is None:
                served = await stack.enter_async_context(bundled_model())
                endpoint = configured(bundled_url=served.url, environment={})
            assert endpoint is not None
            return await model_check.check(endpoint)

    report = run_stoppable(checked(), on_first=_nothing, on_second=_nothing)
    if json_lines:
        Writer().line(report.model_dump_json(ensure_ascii=True))
    else:
        console = Console()
        console.print(_table(report, console))
    return ExitCode.DONE if report.ok else ExitCode.FAILED


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


def _nothing() -> None:
    """Nothing is being saved that somebody would have to be told about."""
