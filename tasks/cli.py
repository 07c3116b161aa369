"""The `secondlook` command: its commands and help, and the one place where errors end."""

import contextlib
import os
import sys
from typing import Annotated, Any

import typer
import typer.core
from rich.console import Console
from typer.exceptions import TyperException

from tasks.commands import eval as evaluation
from tasks.commands import model, workflow
from tasks.commands.check import doctor
from tasks.commands.extension import extension
from tasks.commands.playground import playground
from tasks.commands.record import record
from tasks.commands.run import plan, resume, run
from tasks.commands.serve import serve
from tasks.commands.serve_model import PASS_ON, serve_model
from tasks.commands.stored import runs, show
from tasks.exit_codes import MEANING, ExitCode
from tasks.failures import Edge
from tasks.signals import Stopped, interrupt_on_terminate

EXAMPLES = (
    'secondlook run "Order a large Funghi for Ann" --url http://127.0.0.1:8000',
    'secondlook run "Log in with {{PASSWORD}}" --url bank.example --secret PASSWORD',
    'secondlook plan "Find the opening hours" --url museum.example',
    "secondlook show 20261124-funghi-x7",
)


class Commands(typer.core.TyperGroup):
    """The group of all commands; its help ends with examples and exit codes, line by line."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help."""
        super().format_help(ctx, formatter)
        console = Console(highlight=False)
        console.print(" [dim]Examples[/dim]")
        for example in EXAMPLES:
            console.print(f"   {example}", markup=False, soft_wrap=True)
        console.print("\n [dim]Exit codes[/dim]")
        for code, meaning in MEANING.items():
            console.print(f"   [bold]{code.value:>3}[/bold]  {meaning}", soft_wrap=True)
        console.print()


app = typer.Typer(
    name="secondlook",
    help="A browser assistant that plans, acts in a real browser, and takes a second look "
    "when something fails.",
    cls=Commands,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"secondlook {version('secondlook')}")
        raise typer.Exit


@app.callback()
def secondlook(
    ctx: typer.Context,
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            metavar="",
            callback=_print_version,
            is_eager=True,
            help="Print the version.",
        ),
    ] = False,
) -> None:
    """Without a command, the help."""
    if ctx.invoked_subcommand is None:
        ctx.get_help()
        raise typer.Exit(ExitCode.USAGE)


for command in (run, plan, resume, runs, show, record, doctor):
    app.command()(command)
app.command()(serve)
app.command()(extension)
app.command(context_settings=PASS_ON)(serve_model)
app.command()(playground)
app.add_typer(model.app)
app.add_typer(workflow.app)
app.add_typer(evaluation.app)


def main() -> None:
    """The console command: run it, print what went wrong in one sentence, leave with its code."""
    interrupt_on_terminate()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # replaced by something that is no file
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    code = _run(sys.argv[1:])
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.exit(code)
    os._exit(code)  # stdout is gone; the interpreter's own flush would complain about it


def _run(arguments: list[str]) -> int:
    # --json of eval names a file
    edge = Edge(json_lines="--json" in arguments and arguments[:1] != ["eval"])
    try:
        return int(app(arguments, obj=edge, standalone_mode=False, prog_name="secondlook") or 0)
    except TyperException as error:
        return edge.say(ExitCode.USAGE, "BadUsage", f"{error.format_message()}")
    except (KeyboardInterrupt, Stopped, typer.Abort):
        if edge.ended is None:
            edge.say(ExitCode.STOPPED, "Stopped", "Stopped.")
        return ExitCode.STOPPED
    except BrokenPipeError:
        return ExitCode.DONE
    except Exception as error:  # noqa: BLE001  the edge: everything becomes a sentence here
        return edge.report(error)


if __name__ == "__main__":
    main()
