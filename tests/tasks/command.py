"""Runs the `secondlook` command as its users do: a process of its own, perhaps at a terminal."""

import contextlib
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

SECONDS = 300
"""No command of a test takes so long, on however busy a machine."""

STYLING = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COMMAND = (sys.executable, "-m", "tasks.cli")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


def environment(**more: str) -> dict[str, str]:
    """Ours without what would choose a model or a home, or colour the output."""
    own = ("SECONDLOOK_", "OPENAI_", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    return {**kept, "TERM": "xterm-256color", **more}


def secondlook(*arguments: str | Path, **env: str) -> Ended:
    """Run the command without a terminal, to its end."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env=environment(**env),
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


class AtTerminal:
    """The command at a terminal of 100 columns and 30 rows; use as a context manager."""

    def __init__(self, *arguments: str | Path) -> None:
        self._arguments = [str(a) for a in arguments]
        self.raw = ""

    def __enter__(self) -> "AtTerminal":
        self._ours, theirs = pty.openpty()
        import fcntl
        import struct
        import termios

        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.process = subprocess.Popen(
            [*COMMAND, *self._arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment(),
            start_new_session=True,
        )
        os.close(theirs)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._ours)

    @property
    def text(self) -> str:
        """Everything written so far, without styling and cursor movements."""
        return STYLING.sub("", self.raw)

    def wait_for(self, words: str) -> None:
        """Read until these words were written."""
        deadline = time.monotonic() + SECONDS
        while words not in self.text:
            assert self._read(deadline), f"never said {words!r}, but: {self.text[-3000:]}"

    def type(self, keys: str) -> None:
        """Press these keys."""
        os.write(self._ours, keys.encode())

    def end(self) -> int:
        """Read to the end; the exit code."""
        deadline = time.monotonic() + SECONDS
        while self._read(deadline):
            pass
        return self.process.wait(SECONDS)

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select([self._ours], [], [], max(deadline - time.monotonic(), 0))
        chunk = b""
        if ready:
            with contextlib.suppress(OSError):  # the other end was closed
                chunk = os.read(self._ours, 65536)
        self.raw += chunk.decode(errors="replace")
        return bool(chunk)


def interrupt_when(arguments: list[str], ready: str, number: signal.Signals) -> Ended:
    """Run without a terminal; send the signal once a line of output holds `ready`."""
    with subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        assert process.stdout is not None
        seen = ""
        for line in process.stdout:
            seen += line
            if ready in line:
                process.send_signal(number)
                break
        out, err = process.communicate(timeout=SECONDS)
        return Ended(process.returncode, seen + out, err)
