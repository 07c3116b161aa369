"""What `secondlook doctor` checks: whatever a run needs, and what to do where it is missing."""

import importlib.metadata
import platform
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from pydantic import BaseModel, Field

from agent.errors import AgentError
from tasks.exit_codes import ExitCode, code_for
from tools.errors import StorageFailed, ToolError

ROOM_NEEDED = 200 * 1024 * 1024
"""Bytes that a few runs with screenshots and a trace may take."""

PACKAGES = ("playwright", "langgraph", "openai", "pydantic", "xllamacpp")


class Check(BaseModel):
    """One thing that was looked at; what `doctor --json` prints, an object a line."""

    name: str = Field(description="versions, disk, browser or model")
    ok: bool
    found: str = Field(description="what there is")
    do: str = Field(default="", description="what to do about it, empty when all is well")
    exit_code: int = Field(default=0, description="what a run without it would end with")


class Examined(BaseModel):
    """What the checks are made on: the same options as a run's."""

    home: Path
    executable: str = ""
    cdp_url: str = ""
    model_url: str = ""
    model_name: str = ""


async def examine(what: Examined) -> AsyncIterator[Check]:
    """Make the checks, one after the other; a failed one does not end the rest."""
    yield _versions()
    checks: tuple[tuple[str, Callable[[Examined], Awaitable[str]]], ...] = (
        ("disk", _disk),
        ("browser", _browser),
        ("model", _model),
    )
    for name, check in checks:
        try:
            yield Check(name=name, ok=True, found=await check(what))
        except (ToolError, AgentError) as error:
            yield failed(name, error)


def failed(name: str, error: ToolError | AgentError) -> Check:
    """A failed check: the error's first sentence is what is wrong, the rest what to do."""
    found, separator, advice = str(error).partition("; ")
    if not separator:
        found, _, advice = str(error).partition(": ")
    return Check(
        name=name, ok=False, found=found.rstrip("."), do=advice, exit_code=int(code_for(error))
    )


def verdict(checks: list[Check]) -> int:
    """The exit code: that of the first thing missing, 0 if nothing is."""
    return next((check.exit_code for check in checks if not check.ok), int(ExitCode.DONE))


def _versions() -> Check:
    installed = {name: _version(name) for name in ("secondlook", *PACKAGES)}
    missing = [name for name, version in installed.items() if not version]
    found = [f"{name} {version}" for name, version in installed.items() if version]
    found.append(f"Python {platform.python_version()} on {platform.platform(terse=True)}")
    return Check(
        name="versions",
        ok=not missing,
        found=", ".join(found),
        do=f"Install {', '.join(missing)} with pip." if missing else "",
        exit_code=ExitCode.FAILED if missing else ExitCode.DONE,
    )


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


async def _disk(what: Examined) -> str:
    folder = what.home
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise StorageFailed(
            f"{folder} cannot be written ({error.strerror}); "
            "make it writable, or choose another folder with --home."
        ) from error
    if free < ROOM_NEEDED:
        raise StorageFailed(
            f"Only {free // 2**20} MB are free at {folder}; "
            f"a few runs need {ROOM_NEEDED // 2**20} MB: make room, or use --home."
        )
    runs = folder / "runs"
    kept = sum(1 for _ in runs.iterdir()) if runs.is_dir() else 0
    return f"{folder} is writable, {free / 2**30:.1f} GB free, {kept} runs kept"


async def _browser(what: Examined) -> str:
    from tools.browser import BrowserOptions, find_browser, open_session

    place = what.cdp_url or str(find_browser(what.executable))
    options = BrowserOptions(executable=what.executable, cdp_url=what.cdp_url)
    async with open_session(options) as session:
        browser = session.context.browser
        version = f" {browser.version}" if browser else ""
    return f"{place} starts (version{version})" if not what.cdp_url else f"{place} answers{version}"


async def _model(what: Examined) -> str:
    from agent.model.client import connect
    from agent.model.endpoints import configured
    from agent.model.http import Http
    from tasks.bundled import bundled_model
    from tasks.local_model import chosen

    async with AsyncExitStack() as stack:
        endpoint = configured(what.model_url, what.model_name)
        bundled = endpoint is None
        if endpoint is None:
            served = await stack.enter_async_context(bundled_model())
            endpoint = configured(bundled_url=served.url, environment={})
        assert endpoint is not None
        http = Http(endpoint.url, endpoint.key.get_secret_value())
        can = (await stack.enter_async_context(connect(endpoint, http))).can
    local = f"from {chosen()}" if chosen() else "bundled"
    where = local if bundled else f"at {endpoint.url}"
    held = CONSTRAINTS.get(can.constraint, can.constraint)
    return f"{can.name} ({where}) answers, {can.context_length:,} tokens of context, {held}"


CONSTRAINTS = {
    "grammar": "holds to a grammar",
    "structured_outputs": "holds to a grammar",
    "guided_grammar": "holds to a grammar",
    "json_schema": "holds to a JSON schema",
    "none": "cannot constrain its answers, which are then checked and asked again",
}
