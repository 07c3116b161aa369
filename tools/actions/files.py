"""Files to and from the page."""

from typing import Literal

from pydantic import Field

from tools.hands import Hands
from tools.record import Done, RefAction, tool
from tools.roles import CLICKABLE


class Upload(RefAction):
    """Give a file to a file field, or to the button that asks for one."""

    action: Literal["upload"] = "upload"
    path: str = Field(min_length=1, description="the file's path on this computer")


class Download(RefAction):
    """Click what starts a download, and save the file."""

    action: Literal["download"] = "download"


@tool(effect="commit", roles=CLICKABLE)
async def upload(args: Upload, hands: Hands) -> Done:
    """Upload."""
    raise NotImplementedError


@tool(effect="input", roles=CLICKABLE)
async def download(args: Download, hands: Hands) -> Done:
    """Download."""
    raise NotImplementedError
