"""Making workflow files: from a run, from a person's clicks, from other recorders' files."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tasks.commands import given
from tasks.commands import options as opt
from tasks.commands.stored import find_run, home_folder
from tasks.exit_codes import ExitCode

if TYPE_CHECKING:
    from agent.folder import RunFolder
    from tasks.workflow.recording import Recording
    from tasks.workflow.schema import Workflow

Target = Annotated[
    Path, typer.Argument(metavar="FILE", help="The new workflow file.", show_default=False)
]
Rename = Annotated[
    list[str] | None,
    typer.Option(
        "--rename",
        metavar="OLD=NEW",
        help="Call an input differently; OLD= puts its value back in its place. Repeatable.",
    ),
]
StartUrl = Annotated[
    str, typer.Option("--url", metavar="URL", help="The page to start on.", show_default=False)
]
Headless = Annotated[
    bool,
    typer.Option(
        "--headless", metavar="", help="Show no window.", rich_help_panel=opt.BROWSER, hidden=True
    ),
]
RecordTo = Annotated[
    Path | None,
    typer.Option(
        "--record",
        metavar="FILE",
        help="Write the run, once it is done, as a workflow (docs/workflows.md).",
        rich_help_panel=opt.OUTPUT,
    ),
]
To = Annotated[
    Path | None, typer.Option("--to", metavar="FILE", help="The file to write.", show_default=False)
]


def record(
    file: Target,
    url: StartUrl,
    rename: Rename = None,
    cdp: opt.Cdp = "",
    profile: opt.Profile = None,
    storage_state: opt.StorageState = None,
    executable: opt.Executable = "",
    headless: Headless = False,
) -> int:
    """Record what you click and type in a browser, as a workflow.

    Close the window, or press Ctrl-C, to end it. Passwords become secrets and are not kept.
    """
    from tasks.signals import run_stoppable
    from tasks.workflow.clicked import clicked
    from tasks.workflow.record import watch

    check_target(file)
    names = renames(rename)
    browser = given.browser(not (headless or cdp), cdp, profile, storage_state, executable)
    watching = watch(browser, opt.checked_url(url), lambda _: _say(_BEGIN))
    watched = run_stoppable(watching, on_first=lambda: None, on_second=lambda: None)
    title = file.stem.replace("_", " ").replace("-", " ").capitalize()
    write(clicked(watched, title), file, names)
    return ExitCode.DONE


def from_run(run: opt.RunName, file: Target, rename: Rename = None, home: opt.Home = None) -> int:
    """Write a workflow that does what a run did, without a model."""
    check_target(file)
    _write_run(find_run(home_folder(home), run), file, renames(rename))
    return ExitCode.DONE


def import_file(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A recording of Chrome's DevTools (.json), or a Playwright script (.py).",
            show_default=False,
        ),
    ],
    to: To = None,
    rename: Rename = None,
) -> int:
    """Make a workflow of another recorder's file, and tell what cannot be carried over."""
    from tasks.workflow.chrome_recorder import read_chrome_recording
    from tasks.workflow.playwright_script.reader import read_script

    readers = {".json": read_chrome_recording, ".py": read_script}
    read = readers.get(file.suffix)
    if read is None:
        raise typer.BadParameter(
            f"{file} is neither a recording of Chrome's Recorder (.json) nor a Playwright script "
            "(.py)."
        )
    target = to or file.with_suffix(".yaml")
    check_target(target)
    write(read(file), target, renames(rename))
    return ExitCode.DONE


def export_file(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The workflow file.", show_default=False)
    ],
    to: To = None,
) -> int:
    """Write a Playwright script for pytest that does the same, with nothing of ours in it."""
    from tasks.workflow.load import load
    from tasks.workflow.playwright_script.writer import to_script
    from tasks.workflow.recording import save

    script = to_script(load(file))
    name = file.stem.replace("-", "_").removeprefix("test_")
    target = to or file.with_name(f"test_{name}.py")
    save(script.text, target)
    _say(f"{target}: run it with pytest")
    for note in script.notes:
        _say(f"  {note}")
    return ExitCode.DONE


def record_run(
    folder: "RunFolder", file: Path, names: dict[str, str], *, aside: bool = False
) -> None:
    """Write a run as a workflow if it is done; else say how to do it later.

    `aside` as for `write`. Raises RecordingError.
    """
    if folder.load().status == "done":
        _write_run(folder, file, names, aside=aside)
    else:
        later = f"secondlook workflow from-run {folder.run} {file}"
        _say(f"Not recorded, because the run is not done. Once it is: {later}", aside=True)


def _write_run(
    folder: "RunFolder", file: Path, names: dict[str, str], *, aside: bool = False
) -> None:
    import asyncio

    from agent.run import load_run
    from tasks.workflow.from_run import from_run as recorded

    state = asyncio.run(load_run(folder.home, folder.run))
    write(recorded(state, folder.load().settings), file, names, aside=aside)


def check_target(file: Path) -> None:
    """Make sure that a workflow can be written there, before anything is done.

    Raises RecordingError.
    """
    from tasks.workflow.recording import check_target as check

    check(file)


def renames(said: list[str] | None) -> dict[str, str]:
    """`old=new` by old name. Raises `typer.BadParameter`."""
    names = {}
    for each in said or []:
        old, equals, new = each.partition("=")
        if not equals or not old.strip():
            raise typer.BadParameter(f"--rename takes OLD=NEW, not {each!r}.")
        names[old.strip()] = new.strip()
    return names


def write(
    recording: "Recording", file: Path, names: dict[str, str], *, aside: bool = False
) -> None:
    """Write a recording as a file, tell what is in it, and let its inputs be renamed.

    `aside`: stdout is for machines, so tell it on stderr and ask nothing. Raises RecordingError.
    """
    from tasks.terminal_input import is_interactive
    from tasks.workflow.recording import renamed, save
    from tasks.workflow.write import to_yaml

    workflow = renamed(recording.workflow(), names)
    save(to_yaml(workflow), file)
    for line in [*_told(workflow, file), *(f"  {note}" for note in recording.notes)]:
        _say(line, aside)
    while not (names or aside) and workflow.inputs and is_interactive():
        wanted = _ask(workflow)
        if not wanted:
            return
        workflow = renamed(workflow, wanted)
        save(to_yaml(workflow), file, new=False)
        for line in _told(workflow, file):
            _say(line)


def _ask(workflow: "Workflow") -> dict[str, str]:
    """What inputs shall be called, as the person says; nothing to keep them."""
    from tasks.workflow.problems import RecordingError
    from tasks.workflow.recording import renamed

    while True:
        try:
            said = input("Rename inputs (old=new, old= puts the value back), or Enter: ").split()
            names = renames(said)
            renamed(workflow, names)
            return names
        except (typer.BadParameter, RecordingError) as error:
            _say(str(error))
        except EOFError:
            return {}


def _told(workflow: "Workflow", file: Path) -> Iterator[str]:
    """The file, and what it must be given."""
    number = len(workflow.steps)
    yield f"{file}: {number} step{'s' if number != 1 else ''}"
    for name, declared in workflow.inputs.items():
        yield f"  input {name}: {declared.default_text or declared.description or 'to be given'}"
    if workflow.secrets:
        yield f"  secrets {', '.join(workflow.secrets)}"


def _say(line: str, aside: bool = False) -> None:
    from tasks.terminal_text import safe

    indent = line[: len(line) - len(line.lstrip())]
    print(indent + safe(line), file=sys.stderr if aside else sys.stdout, flush=True)


_BEGIN = "Recording. Click and type in the browser; close its window, or press Ctrl-C here, to end."
