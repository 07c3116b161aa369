"""`secondlook runs` and `secondlook show`: what is kept of earlier runs."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from agent.errors import RunNotFound
from tasks.commands.options import Home, Json, RunName
from tasks.exit_codes import ExitCode

if TYPE_CHECKING:
    from agent.folder import RunFolder


def runs(home: Home = None, json_lines: Json = False) -> int:
    """List the stored runs, the newest first."""
    from agent.folder import all_runs
    from tasks.lines import Writer
    from tasks.story import listing

    folder = home_folder(home)
    records = list(all_runs(folder))
    if json_lines:
        for record in records:
            Writer().line(record.model_dump_json(ensure_ascii=True))
        return ExitCode.DONE
    if not records:
        print(f'No runs in {folder} yet. Begin with: secondlook run "TASK" --url URL')
        return ExitCode.DONE
    Console().print(listing(records))
    return ExitCode.DONE


def show(run: RunName, home: Home = None, json_lines: Json = False) -> int:
    """Tell the story of a run: plan, thoughts, actions, reflections, screenshots, costs."""
    from tasks.lines import Writer
    from tasks.story import read_events, story

    folder = find_run(home_folder(home), run)
    if json_lines:
        for event in read_events(folder.events):
            Writer().line(event.model_dump_json(ensure_ascii=True))
        return ExitCode.DONE
    console = Console()
    for part in story(folder.load(), folder.path, read_events(folder.events), console):
        console.print(part)
    return ExitCode.DONE


def home_folder(home: Path | None) -> Path:
    """Where runs are kept: what was asked for, else the user's data folder."""
    from agent.settings import default_home

    return (home or default_home()).expanduser().absolute()


def find_run(home: Path, name: str) -> "RunFolder":
    """The run of this name, or the only one whose name begins so.

    Raises `typer.BadParameter` when several do, `RunNotFound` when none does.
    """
    from agent.folder import RunFolder

    runs_folder = home / "runs"
    names = [path.name for path in runs_folder.iterdir()] if runs_folder.is_dir() else []
    found = [name] if name in names else sorted(n for n in names if name and n.startswith(name))
    if not found:
        raise RunNotFound(f"There is no run {name!r} in {runs_folder}; see `secondlook runs`.")
    if len(found) > 1:
        raise typer.BadParameter(f"{name!r} fits {len(found)} runs: {', '.join(found[:5])}.")
    return RunFolder.find(home, found[0])
