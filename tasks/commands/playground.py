"""`secondlook playground`: a page to ask any model anything."""

from typing import Annotated

import typer

from tasks.commands import options as opt
from tasks.serving import PlaygroundRequest, hand_over

Port = Annotated[
    int,
    typer.Option(
        "--port",
        metavar="PORT",
        min=0,
        max=65535,
        help="Where the page is, on this machine only. Default: 8001, or the next that is free.",
        show_default=False,
    ),
]


def playground(model_url: opt.ModelUrl = "", model: opt.ModelName = "", port: Port = 0) -> int:
    """Ask the model anything, in a page that shows thinking, reflections and output apart."""
    url = opt.checked_model_url(model_url)
    hand_over(PlaygroundRequest(model_url=url, model=model, port=port))
