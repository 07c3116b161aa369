"""Processes that train together."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

psutil = pytest.importorskip("psutil")
pytest.importorskip("torch")

CREW = """
import sys, time
from pathlib import Path
from training.workers import Crew, run_crew

def work(crew: Crew) -> None:
    Path(sys.argv[1], f"up-{crew.rank}").touch()
    time.sleep(600)

if __name__ == "__main__":
    run_crew(2, Path(sys.argv[1]), work)
"""


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    """Also in the background of a shell, where nobody hears the interrupt that torch sends."""
    program = tmp_path / "crew.py"
    program.write_text(CREW)
    command = f"trap '' INT; exec {sys.executable} {program} {tmp_path}"
    parent = subprocess.Popen(["sh", "-c", command])
    until = time.monotonic() + 120
    while len(list(tmp_path.glob("up-*"))) < 2:
        assert parent.poll() is None and time.monotonic() < until
        time.sleep(0.1)
    workers = psutil.Process(parent.pid).children(recursive=True)
    parent.kill()
    parent.wait()
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert not alive
