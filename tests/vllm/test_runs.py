"""Whole runs of the demo's order, answered by the real server."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tasks.command import environment, secondlook
from tests.vllm.conftest import Serving

ORDER_SECONDS = 900
"""No order takes so long, a restart of the server in its midst included."""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Serving]:
    """A server that the test may kill."""
    serving = Serving(tmp_path / "log")
    serving.wait_until_ready()
    yield serving
    if serving.process.poll() is None:
        serving.kill()


def order(vllm: Serving, home: Path) -> subprocess.Popen[str]:
    """The demo's order, as `make demo` places it."""
    return subprocess.Popen(
        [sys.executable, "-m", "tasks.demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment(SECONDLOOK_MODEL_URL=vllm.url, SECONDLOOK_HOME=str(home)),
    )


def test_the_demo_order_and_what_the_server_counted(vllm: Serving, tmp_path: Path) -> None:
    with order(vllm, tmp_path) as process:
        said, _ = process.communicate(timeout=ORDER_SECONDS)
    assert process.returncode == 0, said
    assert "holds exactly this order" in said
    [run] = (tmp_path / "runs").iterdir()
    story = secondlook("show", run.name, "--home", tmp_path).out
    told = " ".join(story.split())
    assert re.search(r"vLLM over the run: \d+% of [\d,]+ prompt tokens from the prefix cache", told)
    assert re.search(r"[1-9]\d* tokens/s an answer", told)


def test_a_server_killed_in_mid_run_and_started_again(own: Serving, tmp_path: Path) -> None:
    with order(own, tmp_path) as process:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if "step 2 done" in line:
                own.kill()
                break
        again = Serving(tmp_path / "log2", port=own.port)
        try:
            said += process.communicate(timeout=ORDER_SECONDS)[0]
        finally:
            again.kill()
    assert "waiting for the model" in said
    assert process.returncode == 0 and "holds exactly this order" in said, said


def test_signals_and_status_are_passed_on(own: Serving) -> None:
    own.process.send_signal(signal.SIGTERM)
    assert own.process.wait(60) == 0
    listed = subprocess.run(["pgrep", "--parent", str(own.process.pid)], capture_output=True)
    assert not listed.stdout and not Path(f"/proc/{own.process.pid}").exists()
