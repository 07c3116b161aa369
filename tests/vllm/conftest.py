"""A real vLLM that `secondlook serve-model` starts, with the bundled model, on a CPU or a GPU.

Run with `make test-vllm`, which installs vLLM into `build/vllm` first.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.vllm_install import PYTHON_VARIABLE
from server.vllm_process import healthy
from tests.ports import free_port
from tests.tasks.command import COMMAND, environment

HOME = Path(__file__).parents[2] / "build"
START_SECONDS = 600
"""No start takes so long, compilation on a busy machine included."""


class Serving:
    """`secondlook serve-model mini`, started, with its log."""

    def __init__(self, log: Path, *more: str, port: int = 0) -> None:
        self.port = port or free_port()
        self.root = f"http://127.0.0.1:{self.port}"
        self.url = f"{self.root}/v1"
        self._log = log
        kept = {name: os.environ[name] for name in (PYTHON_VARIABLE,) if name in os.environ}
        words = ("serve-model", "mini", "--port", str(self.port), "--home", str(HOME), *more)
        with log.open("w") as out:
            self.process = subprocess.Popen(
                [*COMMAND, *words],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=environment(**kept),
            )

    def wait_until_ready(self) -> None:
        """Wait as the command itself does."""
        deadline = time.monotonic() + START_SECONDS
        while not healthy(self.root):
            ended = self.process.poll()
            assert ended is None, f"ended with {ended}: {self._log.read_text()[-3000:]}"
            assert time.monotonic() < deadline, self._log.read_text()[-3000:]
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.5)

    def kill(self) -> None:
        """kill -9, vLLM and all it started."""
        children = subprocess.run(
            ["pgrep", "--parent", str(self.process.pid)], capture_output=True, text=True
        )
        for group in map(int, children.stdout.split()):  # vLLM leads a group of its own
            os.killpg(group, signal.SIGKILL)
        self.process.wait(60)

    def stop(self) -> int:
        """SIGTERM, passed on to vLLM; the exit status."""
        self.process.terminate()
        return self.process.wait(60)


@pytest.fixture(scope="session")
def vllm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server for all tests."""
    serving = Serving(tmp_path_factory.mktemp("vllm") / "log")
    try:
        serving.wait_until_ready()
        yield serving
    finally:
        if serving.process.poll() is None:
            serving.kill()
