"""`secondlook workflow`: check workflow files, run them, record them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tasks.commands import options as opt
from tasks.commands.record import export_file, from_run, import_file
from tasks.commands.workflow_run import run
from tasks.exit_codes import ExitCode

if TYPE_CHECKING:
    from tasks.workflow.summary import Summary

app = typer.Typer(
    name="workflow",
    help="Check, run, record and export workflow files (docs/workflows.md).",
    invoke_without_command=True,
)

Files = Annotated[
    list[Path] | None,
    typer.Argument(metavar="FILE…", help="Workflow files.", show_default=False),
]
SchemaOnly = Annotated[
    bool,
    typer.Option("--schema", metavar="", help="Print the JSON Schema of workflow files instead."),
]


@app.callback()
def workflow_commands(ctx: typer.Context) -> None:
    """Without a command, the help."""
    if ctx.invoked_subcommand is None:
        ctx.get_help()
        raise typer.Exit(ExitCode.USAGE)


@app.command()
def check(files: Files = None, schema: SchemaOnly = False, json_lines: opt.Json = False) -> int:
    """Say whether workflow files are right, and what they need; each error on a line."""
    from tasks.lines import Writer
    from tasks.workflow.load import load
    from tasks.workflow.problems import WorkflowInvalid
    from tasks.workflow.schema import json_schema
    from tasks.workflow.summary import refused, summary

    writer = Writer()
    if schema:
        writer.line(json.dumps(json_schema(), indent=2, ensure_ascii=False))
        return ExitCode.DONE
    if not files:
        raise typer.BadParameter("Which file? secondlook workflow check FILE")
    found = []
    for path in files:
        try:
            found.append(summary(load(path)))
        except WorkflowInvalid as error:
            found.append(refused(str(path), error.problems))
        shown = found[-1].model_dump_json(ensure_ascii=True) if json_lines else _said(found[-1])
        writer.line(shown)
    return ExitCode.DONE if all(each.fine for each in found) else ExitCode.USAGE


app.command()(run)
app.command("from-run")(from_run)
app.command("import")(import_file)
app.command("export")(export_file)


def _said(found: "Summary") -> str:
    """`order.yaml: fine, 12 steps (11 exact, 1 for the model)` and its needs, or the errors."""
    from tasks.terminal_text import safe
    from tasks.workflow.problems import Problem

    if not found.fine:
        places = [Problem(Path(p.file), p.line, p.column, p.message) for p in found.problems]
        return "\n".join(safe(str(place)) for place in places)
    steps = found.exact + found.asked
    whom = f"{found.exact} exact, {found.asked} for the model" if found.asked else "no model needed"
    lines = [f"{found.file}: fine, {steps} step{'s' if steps != 1 else ''} ({whom})"]
    lines += [f"input {name}: {told}" for name, told in found.inputs.items()]
    for word, names in (("secrets", found.secrets), ("sites", found.sites), ("calls", found.calls)):
        lines += [f"{word} {', '.join(names)}"] if names else []
    return "\n  ".join(map(safe, lines))
