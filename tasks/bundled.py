"""Starting the bundled model, or one chosen with `model use`: a child process serves it on
loopback and dies with us.

`tasks` stands below `server`, and a model that crashes must not take the run with it, so the
server is a process of its own. It holds the read end of a pipe whose only writer is this
process: however this one ends, `kill -9` included, the pipe closes and the child leaves.
"""

import asyncio
import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ValidationError

from agent.errors import ModelUnavailable
from tasks.local_model import chosen

START_SECONDS = 60
"""How long loading may take; on two cores it is about one second."""

CHOSEN_SECONDS = 300
"""The same for a chosen model, which may be many gigabytes on a slow disk."""

BUNDLED_NAME = "secondlook-mini"


class Endpoint(BaseModel):
    """What the child prints in its one line of output: where it answers, and as which model."""

    url: str
    model: str = BUNDLED_NAME


@asynccontextmanager
async def bundled_model() -> AsyncIterator[Endpoint]:
    """Serve the bundled model, or the one chosen in its place, while the block runs.

    Raises `ModelUnavailable` with the child's own sentence when it does not start.
    """
    path = chosen()
    with tempfile.TemporaryFile() as log:
        child = await _spawn(log, path)
        try:
            yield await _endpoint(child, log, CHOSEN_SECONDS if path else START_SECONDS)
        finally:
            await _end(child)


def local_name() -> str:
    """How the run header names the model that answers where no endpoint is named."""
    path = chosen()
    return f"{path.stem} (on this machine)" if path else f"{BUNDLED_NAME} (bundled)"


def bundled_digest() -> str:
    """Which of its makings the bundled model is: the beginning of its file's SHA-256, or ""."""
    found = find_spec("server")  # its files only: `tasks` stands below `server`
    for folder in (found.submodule_search_locations or ()) if found else ():
        file = Path(folder) / "models" / f"{BUNDLED_NAME}.gguf"
        if file.is_file():
            return hashlib.sha256(file.read_bytes()).hexdigest()[:8]
    return ""


async def _spawn(log: IO[bytes], path: Path | None) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "server.bundled",
        *(["--model", str(path)] if path else []),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        env={**os.environ, "PYTHONSAFEPATH": "1"},  # the user's folder must not shadow `server`
        start_new_session=True,  # Ctrl-C is for us; we close the pipe when we are done
    )


async def _endpoint(child: asyncio.subprocess.Process, log: IO[bytes], seconds: float) -> Endpoint:
    assert child.stdout is not None
    try:
        line = await asyncio.wait_for(child.stdout.readline(), seconds)
        return Endpoint.model_validate(json.loads(line))
    except TimeoutError:
        problem = f"it did not start within {seconds:.0f} seconds"
    except (json.JSONDecodeError, ValidationError):
        problem = _last_line(log) or "it ended without a word"
    raise ModelUnavailable(
        f"The model {local_name()} does not start: {problem.rstrip('.')}. "
        "`secondlook doctor` looks into it; --model-url names another model, and "
        "`secondlook model use mini` goes back to the bundled one."
    )


def _last_line(log: IO[bytes]) -> str:
    log.seek(0)
    lines = log.read().decode(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else ""


async def _end(child: asyncio.subprocess.Process) -> None:
    assert child.stdin is not None
    child.stdin.close()
    try:
        await asyncio.wait_for(child.wait(), 2)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
