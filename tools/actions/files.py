"""Files to and from the page."""

from pathlib import Path
from typing import Literal

from playwright.async_api import Error, TimeoutError
from pydantic import Field

from tools.actions.pointer import clickable
from tools.aim import LOOKUP_MS, REACT_MS, Aim, aim
from tools.causes import Cause
from tools.failures import ActionFailed
from tools.hands import Hands
from tools.record import Done, RefAction, tool
from tools.roles import CLICKABLE, UPLOADS


class Upload(RefAction):
    """Give a file to a file field, or to the button that asks for one."""

    action: Literal["upload"] = "upload"
    path: str = Field(min_length=1, description="the file's path on this computer")


class Download(RefAction):
    """Click what starts a download, and save the file."""

    action: Literal["download"] = "download"


BEGIN_MS = 10_000
"""How long a download may take to begin."""
CHOOSER_MS = 3_000
"""How long a button may take to ask for a file."""


@tool(effect="commit", roles=UPLOADS)
async def upload(args: Upload, hands: Hands) -> Done:
    """Hand over a file: to the field itself, or to the chooser that a click opens."""
    path = _file(args.path)
    target = await aim(args.ref, hands)
    if await target.locator.evaluate(_IS_FILE_FIELD, timeout=LOOKUP_MS):
        await target.locator.set_input_files(path, timeout=REACT_MS)
    else:
        await _through_chooser(target, path, hands)
    return Done(text=f"{path.name} given to {target.it}", locator=target.replay)


@tool(effect="input", roles=CLICKABLE)
async def download(args: Download, hands: Hands) -> Done:
    """Click, wait for the download to begin and to be complete; the text tells the path."""
    target = await aim(args.ref, hands)
    what = await clickable(target, hands)
    page = hands.session.page
    try:
        async with page.expect_download(timeout=BEGIN_MS) as coming:
            await what.click(timeout=REACT_MS)
        begun = await coming.value
    except TimeoutError as error:
        if "expect_download" not in str(error) and 'event "download"' not in str(error):
            raise
        evidence = f"no download began within {BEGIN_MS // 1000} s"
        raise ActionFailed(Cause.TIMEOUT, evidence) from error
    try:
        path = await hands.session.save(begun)
    except Error as error:
        reason = await begun.failure() or "it broke off"
        evidence = f"the download failed: {reason}"
        raise ActionFailed(Cause.NAVIGATION_FAILED, evidence) from error
    return Done(text=f"saved {path}", locator=target.replay)


def _file(said: str) -> Path:
    path = Path(said).expanduser()
    if not path.is_file():
        raise ActionFailed(Cause.NOT_FOUND, f"no file {said}")
    return path


async def _through_chooser(target: Aim, path: Path, hands: Hands) -> None:
    """Click what asks for a file and answer it; or use the file field inside the element."""
    what = await clickable(target, hands)
    try:
        async with hands.session.page.expect_file_chooser(timeout=CHOOSER_MS) as asked:
            await what.click(timeout=REACT_MS)
        chooser = await asked.value
    except TimeoutError as error:
        if 'event "filechooser"' not in str(error):
            raise
        inner = target.locator.locator("input[type=file]")
        if await inner.count() != 1:
            evidence = f"{target.it} asks for no file"
            raise ActionFailed(Cause.NO_EFFECT, evidence) from error
        await inner.set_input_files(path, timeout=REACT_MS)
        return
    await chooser.set_files(path, timeout=REACT_MS)


_IS_FILE_FIELD = "el => (el.control || el).type === 'file' && 'files' in (el.control || el)"
