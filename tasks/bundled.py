"""Starting the bundled model: a child process that serves it on loopback and dies with us.

`tasks` stands below `server`, and a model that crashes must not take the run with it, so the
server is a process of its own. It holds the read end of a pipe whose only writer is this
process: however this one ends, `kill -9` included, the pipe closes and the child leaves.
"""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import IO

from pydantic import BaseModel, ValidationError

from agent.errors import ModelUnavailable

START_SECONDS = 60
"""How long loading may take; on two cores it is about one second."""

BUNDLED_NAME = "secondlook-mini"


class Endpoint(BaseModel):
    """What the child prints in its one line of output: where it answers, and as which model."""

    url: str
    model: str = BUNDLED_NAME


@asynccontextmanager
async def bundled_model() -> AsyncIterator[Endpoint]:
    """Serve the bundled model while the block runs.

    Raises `ModelUnavailable` with the child's own sentence when it does not start.
    """
    with tempfile.TemporaryFile() as log:
        child = await _spawn(log)
        try:
            yield await _endpoint(child, log)
        finally:
            await _end(child)


async def _spawn(log: IO[bytes]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "server.bundled",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        env={**os.environ, "PYTHONSAFEPATH": "1"},  # the user's folder must not shadow `server`
        start_new_session=True,  # Ctrl-C is for us; we close the pipe when we are done
    )


async def _endpoint(child: asyncio.subprocess.Process, log: IO[bytes]) -> Endpoint:
    assert child.stdout is not None
    try:
        line = await asyncio.wait_for(child.stdout.readline(), START_SECONDS)
        return Endpoint.model_validate(json.loads(line))
    except TimeoutError:
        problem = f"it did not start within {START_SECONDS} seconds"
    except (json.JSONDecodeError, ValidationError):
        problem = _last_line(log) or "it ended without a word"
    raise ModelUnavailable(
        f"The bundled model does not start: {problem.rstrip('.')}. "
        "`secondlook doctor` looks into it; --model-url names another model."
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
