"""`secondlook extension`: where the Chrome extension lies, and its store package."""

from pathlib import Path
from typing import Annotated

import typer

from tasks.serving import ExtensionRequest, hand_over

Zip = Annotated[
    Path | None,
    typer.Option(
        "--zip", metavar="FILE", help="Write the package for Chrome's Web Store.", dir_okay=False
    ),
]


def extension(zip: Zip = None) -> int:
    """Say where the Chrome extension lies and how to load it (docs/extension.md)."""
    hand_over(ExtensionRequest(zip=zip))
