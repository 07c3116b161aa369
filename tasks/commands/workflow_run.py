"""`secondlook workflow run`: carry a workflow out, once or for every row of a table."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tasks.commands import given
from tasks.commands import options as opt
from tasks.commands.stored import find_run, home_folder
from tasks.exit_codes import BY_STATUS

if TYPE_CHECKING:
    from agent.folder import RunFolder
    from agent.settings import RunSettings
    from tasks.failures import Edge
    from tasks.output import Mode, Output
    from tasks.workflow.run import WorkflowResult
    from tasks.workflow.table import TableResult

INPUTS = "Inputs"
HEALING = "Mending"

File = Annotated[
    Path | None,
    typer.Argument(metavar="FILE", help="The workflow file.", show_default=False),
]
Given = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        "-i",
        metavar="NAME=VALUE",
        help="The value of an input; repeatable.",
        rich_help_panel=INPUTS,
    ),
]
Table = Annotated[
    Path | None,
    typer.Option(
        "--inputs",
        metavar="FILE.csv",
        help="Do it for every row; the first line names the inputs.",
        rich_help_panel=INPUTS,
    ),
]
Parallel = Annotated[
    int | None,
    typer.Option(
        "--parallel",
        metavar="N",
        min=1,
        max=64,
        help="So many rows at once. Default: 1.",
        rich_help_panel=INPUTS,
    ),
]
Resume = Annotated[
    str,
    typer.Option(
        "--resume",
        metavar="RUN",
        help="Go on with a run; of a table only the rows that are not done.",
        rich_help_panel=INPUTS,
    ),
]
Heal = Annotated[
    bool | None,
    typer.Option(
        "--heal/--no-heal",
        metavar="",
        help="Have the model mend a step that fails, or stop there. Default: mend.",
        show_default=False,
        rich_help_panel=HEALING,
    ),
]
Update = Annotated[
    bool,
    typer.Option(
        "--update",
        metavar="",
        help="Write to the file what was mended.",
        rich_help_panel=HEALING,
    ),
]
Results = Annotated[
    Path | None,
    typer.Option(
        "--results",
        metavar="FILE",
        help="Write the outcome, of a table each row's, to a .csv or .json file.",
        rich_help_panel=opt.OUTPUT,
    ),
]
JUnit = Annotated[
    Path | None,
    typer.Option(
        "--junit",
        metavar="FILE",
        help="Write a report in JUnit's XML: a test case a step, or a row.",
        rich_help_panel=opt.OUTPUT,
    ),
]

_RESUMES = frozenset(
    "resume parallel heal update allow yes headed model_url model max_seconds max_tokens "
    "results junit json_lines quiet home".split()
)
"""The options that can be given with --resume."""


def run(
    ctx: typer.Context,
    file: File = None,
    inputs: Given = None,
    table: Table = None,
    parallel: Parallel = None,
    resume: Resume = "",
    heal: Heal = None,
    update: Update = False,
    allow: opt.Allow = None,
    yes: opt.Yes = False,
    secret: opt.Secret = None,
    headed: opt.Headed = None,
    cdp: opt.Cdp = "",
    profile: opt.Profile = None,
    storage_state: opt.StorageState = None,
    executable: opt.Executable = "",
    model_url: opt.ModelUrl = "",
    model: opt.ModelName = "",
    temperature: opt.Temperature = None,
    max_seconds: opt.MaxSeconds = None,
    max_tokens: opt.MaxTokens = None,
    trace: opt.Trace = False,
    results: Results = None,
    junit: JUnit = None,
    json_lines: opt.Json = False,
    quiet: opt.Quiet = False,
    home: opt.Home = None,
) -> int:
    """Carry a workflow out: exact steps without a model, at the browser's speed."""
    from agent.folder import RunFolder

    mode = output_mode(json_lines, quiet)
    if resume:
        _check_resume(ctx)
        folder = find_run(home_folder(home), resume)
        return take_up(ctx.obj, folder, mode, _changes(ctx, folder), results, junit)
    if file is None:
        raise typer.BadParameter("Which file? secondlook workflow run FILE --input NAME=VALUE")
    if table is not None and (cdp or profile):
        raise typer.BadParameter("--inputs opens windows of its own: leave out --cdp, --profile.")
    base = given.settings(
        task=str(file),
        url="",
        allow=allow,
        yes=yes,
        secrets=secret,
        browser=given.browser(headed, cdp, profile, storage_state, executable),
        model_url=model_url,
        model_name=model,
        temperature=temperature,
        limits=given.limits(None, max_seconds, max_tokens),
        trace=trace,
        home=home_folder(home),
    )
    from tasks.workflow.load import load
    from tasks.workflow.run import settings_for
    from tasks.workflow.table import read_table

    workflow, values = load(file), _values(inputs or [])
    rows = read_table(table, workflow, values) if table else []
    asked = {"heal": heal is not False, "update": update, "outputs": Path.cwd()}
    settings = settings_for(
        workflow, rows[0] if rows else values, base, table=rows, parallel=parallel or 1, **asked
    )
    return _carry_out(ctx.obj, RunFolder.create(settings), mode, results, junit)


def _check_resume(ctx: typer.Context) -> None:
    """Raise `typer.BadParameter` for what cannot be said when a run goes on."""
    for option in ctx.command.params:
        source = ctx.get_parameter_source(option.name or "")
        if source and source.name == "COMMANDLINE" and option.name not in _RESUMES:
            raise typer.BadParameter(
                f"--resume goes on with what the run was given: leave out {option.opts[0]}."
            )


def _changes(ctx: typer.Context, folder: "RunFolder") -> dict[str, Any]:
    """What changes in a run's settings from now on. Raises `typer.BadParameter`."""
    before = folder.load().settings
    if before.workflow is None:
        raise typer.BadParameter(f"{folder.run} is no workflow: secondlook resume {folder.run}")
    asked = ctx.params
    source = {"update": asked["update"] or before.workflow.update}
    source |= {name: asked[name] for name in ("heal", "parallel") if asked[name] is not None}
    return {
        "allow": [*before.allow, *(asked["allow"] or [])],
        "yes": before.yes or asked["yes"],
        "limits": given.limits(None, asked["max_seconds"], asked["max_tokens"], before.limits),
        "browser": given.shown(before.browser, asked["headed"]),
        "model_url": opt.checked_model_url(asked["model_url"]) or before.model_url,
        "model_name": asked["model"] or before.model_name,
        "workflow": before.workflow.model_copy(update=source),
    }


def take_up(
    edge: "Edge",
    folder: "RunFolder",
    mode: "Mode",
    changes: dict[str, Any],
    results: Path | None = None,
    junit: Path | None = None,
) -> int:
    """Go on with a workflow's run, its settings changed from now on."""
    record = folder.load()
    folder.save(record.model_copy(update={"settings": record.settings.model_copy(update=changes)}))
    return _carry_out(edge, folder, mode, results, junit)


def _carry_out(
    edge: "Edge",
    folder: "RunFolder",
    mode: "Mode",
    results: Path | None,
    junit: Path | None,
) -> int:
    """Work on a stored run, new or old, and report how it ended."""
    from tasks.commands.carry_out import watch
    from tasks.workflow.report import write_junit, write_results
    from tasks.workflow.run import NO_MODEL

    record = folder.load()
    edge.run, edge.folder = folder.run if record.resumable else "", folder.path

    async def work(output: "Output") -> "WorkflowResult | TableResult":
        return await _work(folder, record.settings, output)

    ended = watch(edge, mode, NO_MODEL, record.settings, work)
    if results:
        write_results(ended, results)
    if junit:
        write_junit(ended, junit)
    _tell_mended(ended, mode)
    return BY_STATUS[ended.status]


async def _work(
    folder: "RunFolder", settings: "RunSettings", output: "Output"
) -> "WorkflowResult | TableResult":
    from tasks.bundled import bundled_model
    from tasks.commands.carry_out import needs_bundled
    from tasks.workflow.rows import take_up_table
    from tasks.workflow.run import take_up

    serve = bundled_model if needs_bundled(settings) else None
    watched = (output.listener, output.approver, output.ask_secret)
    if settings.workflow and settings.workflow.table:
        return await take_up_table(folder, *watched, serve=serve)
    return (await take_up(folder, *watched, serve=serve)).result


def _tell_mended(ended: "WorkflowResult | TableResult", mode: "Mode") -> None:
    """What was mended, and the change to the file that makes it unnecessary."""
    from tasks.lines import Writer
    from tasks.output import Mode
    from tasks.terminal_text import safe

    if not ended.mended or mode in (Mode.JSON, Mode.QUIET):
        return
    writer = Writer()
    for told in ended.mended:
        writer.line(safe(f"Mended: {told}"))
    if ended.diff:
        done = "Written to the file:" if ended.updated else "--update would write to the file:"
        writer.line(f"{done}\n{safe(ended.diff.rstrip(), keep_lines=True)}")


def _values(said: list[str]) -> dict[str, str]:
    """The inputs of `--input`. Raises `typer.BadParameter` for what is no name and value."""
    values: dict[str, str] = {}
    for each in said:
        name, equals, value = each.partition("=")
        if not equals or not name.strip():
            raise typer.BadParameter(f"--input {each!r}: say NAME=VALUE, such as size=Large.")
        if name.strip() in values:
            raise typer.BadParameter(f"--input {name.strip()} is given twice.")
        values[name.strip()] = value
    return values


def output_mode(json_lines: bool, quiet: bool) -> "Mode":
    """How output is written. Raises `typer.BadParameter` where both are asked for."""
    from tasks.output import choose_mode

    if json_lines and quiet:
        raise typer.BadParameter("--json and --quiet exclude each other: take one.")
    return choose_mode(json_lines=json_lines, quiet=quiet)
