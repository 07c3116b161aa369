"""`secondlook serve`: the backend of the side panel, with a dashboard."""

from typing import Annotated

import typer

from tasks.commands import options as opt
from tasks.commands.stored import home_folder
from tasks.serving import BackendRequest, hand_over

Port = Annotated[
    int,
    typer.Option(
        "--port", metavar="PORT", min=0, max=65535, help="Where it answers, on this machine only."
    ),
]
AtOnce = Annotated[
    int,
    typer.Option("--at-once", metavar="N", min=1, max=100, help="Runs at once; others wait."),
]
Forget = Annotated[
    bool,
    typer.Option(
        "--forget", metavar="", help="Take every pairing back, and serve nothing this time."
    ),
]


def serve(
    port: Port = 8770,
    at_once: AtOnce = 4,
    model_url: opt.ModelUrl = "",
    model: opt.ModelName = "",
    executable: opt.Executable = "",
    home: opt.Home = None,
    forget: Forget = False,
) -> int:
    """Serve the side panel in Chrome and a dashboard, on this machine only (docs/backend.md)."""
    hand_over(
        BackendRequest(
            home=home_folder(home),
            port=port,
            at_once=at_once,
            model_url=opt.checked_model_url(model_url),
            model=model,
            executable=executable,
            forget=forget,
        )
    )
