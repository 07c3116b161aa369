"""`secondlook run`, `plan` and `resume`: from options to a run, from its end to an exit code."""

from typing import TYPE_CHECKING, Any

import typer

from agent.errors import AgentError
from tasks.commands import given
from tasks.commands import options as opt
from tasks.commands.record import RecordTo, Rename, check_target, record_run, renames
from tasks.commands.stored import find_run, home_folder
from tasks.commands.workflow_run import output_mode
from tasks.commands.workflow_run import take_up as take_up_workflow

if TYPE_CHECKING:
    from agent.folder import RunFolder
    from agent.state import RunState
    from tasks.failures import Edge
    from tasks.output import Mode, Output


def run(
    ctx: typer.Context,
    task: opt.Task,
    url: opt.Url = "",
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
    reflection: opt.Reflection = "on",
    no_memory: opt.NoMemory = False,
    max_steps: opt.MaxSteps = None,
    max_seconds: opt.MaxSeconds = None,
    max_tokens: opt.MaxTokens = None,
    trace: opt.Trace = False,
    record: RecordTo = None,
    rename: Rename = None,
    json_lines: opt.Json = False,
    quiet: opt.Quiet = False,
    home: opt.Home = None,
) -> int:
    """Do a task in a browser."""
    mode = output_mode(json_lines, quiet)
    names = renames(rename)
    if record is not None:
        check_target(record)
    settings = given.settings(
        task=task,
        url=url,
        allow=allow,
        yes=yes,
        secrets=secret,
        browser=given.browser(headed, cdp, profile, storage_state, executable),
        model_url=model_url,
        model_name=model,
        temperature=temperature,
        reflection=reflection == "on",
        memory=not no_memory,
        limits=given.limits(max_steps, max_seconds, max_tokens),
        trace=trace,
        home=home_folder(home),
    )
    from agent.folder import RunFolder

    # Stored before anything can go wrong, so that every error can say how to go on.
    folder = RunFolder.create(settings)
    code = _go_on(ctx.obj, folder, mode, {})
    if record is not None:
        record_run(folder, record, names, aside=json_lines or quiet)
    return code


def resume(
    ctx: typer.Context,
    run: opt.RunName,
    allow: opt.Allow = None,
    yes: opt.Yes = False,
    headed: opt.Headed = None,
    model_url: opt.ModelUrl = "",
    model: opt.ModelName = "",
    max_steps: opt.MaxSteps = None,
    max_seconds: opt.MaxSeconds = None,
    max_tokens: opt.MaxTokens = None,
    json_lines: opt.Json = False,
    quiet: opt.Quiet = False,
    home: opt.Home = None,
) -> int:
    """Go on with a run that was stopped, killed, failed, came to a limit, or waits for you.

    Options not given stay as they were; --yes approves what the run waits for.
    """
    mode = output_mode(json_lines, quiet)
    folder = find_run(home_folder(home), run)
    before = folder.load().settings
    limits = given.limits(max_steps, max_seconds, max_tokens, before.limits)
    said: dict[str, Any] = {
        "allow": [*before.allow, *(allow or [])],
        "yes": before.yes or yes,
        "limits": limits,
        "browser": given.shown(before.browser, headed),
        "model_url": opt.checked_model_url(model_url) or before.model_url,
        "model_name": model or before.model_name,
    }
    changes = {name: value for name, value in said.items() if value != getattr(before, name)}
    if before.browser.tab is not None:
        typer.echo(
            "The run worked in a tab of your Chrome. Here it goes on in a browser of its own, "
            "where you are logged in nowhere; the side panel resumes it in the tab.",
            err=True,
        )
    if before.workflow is not None:
        return take_up_workflow(ctx.obj, folder, mode, changes)
    return _go_on(ctx.obj, folder, mode, changes)


def plan(
    ctx: typer.Context,
    task: opt.Task,
    url: opt.Url = "",
    allow: opt.Allow = None,
    headed: opt.Headed = None,
    cdp: opt.Cdp = "",
    executable: opt.Executable = "",
    model_url: opt.ModelUrl = "",
    model: opt.ModelName = "",
    temperature: opt.Temperature = None,
    json_lines: opt.Json = False,
    home: opt.Home = None,
) -> int:
    """List the steps of a task and do nothing."""
    settings = given.settings(
        task=task,
        url=url,
        allow=allow,
        browser=given.browser(headed, cdp, None, None, executable),
        model_url=model_url,
        model_name=model,
        temperature=temperature,
        home=home_folder(home),
    )
    from tasks.commands.carry_out import carry_out

    async def work(output: "Output", bundled: str) -> "RunState":
        from agent.run import plan_only

        state = await plan_only(settings, output.listener, model_url=bundled)
        if not state.plan:
            raise AgentError(state.outcome.answer if state.outcome else "No plan was made.")
        return state

    return carry_out(ctx.obj, _plan_mode(json_lines), settings, work)


def _go_on(edge: "Edge", folder: "RunFolder", mode: "Mode", changes: dict[str, Any]) -> int:
    """Work on a stored run, new or old, with settings changed from now on."""
    from tasks.commands.carry_out import carry_out

    record = folder.load()
    settings = record.settings.model_copy(update=changes)
    edge.run, edge.folder = folder.run if record.resumable else "", folder.path

    async def work(output: "Output", bundled: str) -> "RunState":
        from agent.run import resume as take_up

        return await take_up(
            folder.run,
            folder.home,
            output.listener,
            output.approver,
            output.ask_secret,
            changes,
            bundled,
        )

    return carry_out(edge, mode, settings, work)


def _plan_mode(json_lines: bool) -> "Mode":
    from tasks.output import Mode

    return Mode.JSON if json_lines else Mode.STEPS
