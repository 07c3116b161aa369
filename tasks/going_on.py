"""The command that goes on with a run, so that it can be copied as it stands."""

import os
import shlex
from pathlib import Path


def how_to_go_on(run: str, folder: Path | str | None) -> str:
    """`secondlook resume RUN`, with `--home` where the run's folder is not in the usual one."""
    from agent.settings import default_home

    command = f"secondlook resume {run}"
    usual = Path(os.environ.get("SECONDLOOK_HOME") or default_home()).expanduser().absolute()
    home = Path(folder).parent.parent if folder else usual
    return command if home == usual else f"{command} --home {shlex.quote(str(home))}"
