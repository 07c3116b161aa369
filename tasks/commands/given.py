"""From what the command line says to the settings of a run; wrong values end here."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tasks.commands.options import checked_model_url, checked_task, checked_url

if TYPE_CHECKING:
    from agent.settings import RunSettings
    from agent.state import Limits
    from tools.browser import BrowserOptions


def settings(*, task: str, url: str, model_url: str, **rest: Any) -> "RunSettings":
    """Raises `typer.BadParameter` for values that no run can have."""
    from pydantic import ValidationError

    from agent.settings import RunSettings

    try:
        return RunSettings(
            task=checked_task(task),
            url=checked_url(url),
            model_url=checked_model_url(model_url),
            **{name: value for name, value in rest.items() if value is not None},
        )
    except ValidationError as error:
        first = error.errors()[0]
        name = " ".join(str(part) for part in first["loc"])
        raise typer.BadParameter(f"{name}: {first['msg']}.") from error


def browser(
    headed: bool | None, cdp: str, profile: Path | None, storage_state: Path | None, executable: str
) -> "BrowserOptions":
    """The browser that was asked for. Raises `typer.BadParameter` for what excludes itself."""
    from tools.browser import BrowserOptions

    if cdp and (profile or executable or headed):
        raise typer.BadParameter(
            "--cdp uses a browser that runs already: leave out --profile, --executable, --headed."
        )
    return BrowserOptions(
        headed=bool(headed),
        cdp_url=cdp,
        profile=profile.expanduser().absolute() if profile else None,
        storage_state=_storage(storage_state) if storage_state else None,
        executable=executable,
    )


def shown(before: "BrowserOptions", headed: bool | None) -> "BrowserOptions":
    """A run's browser when it goes on: with a window as before, unless something else is said."""
    return before if headed is None else before.model_copy(update={"headed": headed})


def _storage(file: Path) -> Path:
    """The file with cookies and local storage. Raises `typer.BadParameter` if it is none."""
    path = file.expanduser().absolute()
    if not path.is_file():
        raise typer.BadParameter(f"--storage-state {file}: there is no such file.")
    try:
        json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise typer.BadParameter(
            f"--storage-state {file} is not JSON: `playwright codegen --save-storage` makes one."
        ) from error
    return path


def limits(
    steps: int | None,
    seconds: float | None,
    tokens: int | None,
    before: "Limits | None" = None,
) -> "Limits":
    """The limits that were asked for, the others as before, or as usual."""
    from agent.state import Limits

    asked = {"steps": steps, "seconds": seconds, "tokens": tokens}
    changes = {name: value for name, value in asked.items() if value is not None}
    return (before or Limits()).model_copy(update=changes)
