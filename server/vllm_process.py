"""vLLM as our child: its output shown, its health waited for, signals passed on to it.

It gets a process group of its own, so that Ctrl-C reaches it once, through us; and it ends
with us however we end, `kill -9` included (Linux), so that no GPU stays taken by an orphan.
"""

import contextlib
import ctypes
import http.client
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from types import FrameType
from urllib.parse import urlsplit

from rich.console import Console
from rich.status import Status

LOOK_SECONDS = 0.5
"""How often it is asked whether it answers."""

LAST_LINES = 30
"""Lines of vLLM's output that are shown when it ends before it was ready."""

FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_PR_SET_PDEATHSIG = 1

PHASES: tuple[tuple[str, str], ...] = (
    (r"Starting to load model", "loading the model"),
    (r"Loading safetensors.*?(\d+)/(\d+)", "loading the weights, part {} of {}"),
    (r"Downloading|Fetching \d+ files", "downloading the weights"),
    (r"torch\.compile|Dynamo", "compiling"),
    (r"KV cache size: ([\d,]+)", "a KV cache of {} tokens is ready"),
    (r"Capturing CUDA graphs.*?(\d+)/(\d+)", "capturing CUDA graphs, {} of {}"),
    (r"Application startup complete", "starting to answer"),
)
"""What vLLM's log says while it starts, and how we say it."""


def run(
    command: list[str],
    environment: Mapping[str, str],
    url: str,
    name: str,
    verbose: bool,
    beside: AbstractContextManager[None],
) -> int:
    """Start it, say when it answers, and wait for its end: its exit status, 128 and the
    signal's number if one ended it. `beside` is entered once it answers, and left at its end."""
    process = subprocess.Popen(
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
        preexec_fn=_end_with_parent if sys.platform == "linux" else None,
    )
    with _forwarding(process):
        output = _Output(process, verbose)
        ready = _wait_until_healthy(process, url, output)
        if ready:
            _tell_ready(url, name, output.seconds())
            with beside:
                process.wait()
        status = process.wait()
    output.end()
    if not ready:
        _tell_failure(status, output)
    return status if status >= 0 else 128 - status


class _Output:
    """vLLM's output: kept while a progress line stands for it, else passed on."""

    def __init__(self, process: subprocess.Popen[str], verbose: bool) -> None:
        self._console = Console(stderr=True)
        self._since = time.monotonic()
        self._phase = "starting"
        self.shown = verbose or not self._console.is_terminal
        self.last: deque[str] = deque(maxlen=LAST_LINES)
        self._status: Status | None = None
        if not self.shown:
            self._status = self._console.status(self._words())
            self._status.start()
        self._thread = threading.Thread(target=self._read, args=(process,), daemon=True)
        self._thread.start()

    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._since

    def tick(self) -> None:
        """Show the time that has passed."""
        if self._status is not None:
            self._status.update(self._words())

    def pass_on(self) -> None:
        """From now on the output goes to the terminal as it is."""
        self.shown = True
        if self._status is not None:
            self._status.stop()
            self._status = None

    def end(self) -> None:
        """Read what is left, and take the progress line away."""
        self._thread.join(timeout=2)  # a grandchild may hold the pipe open
        if self._status is not None:
            self._status.stop()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.last.append(line)
            self._phase = phase(line) or self._phase
            if self.shown:
                with contextlib.suppress(OSError):
                    sys.stderr.write(line)
                    sys.stderr.flush()

    def _words(self) -> str:
        return f"vLLM: {self._phase} ({self.seconds():.0f} s)"


def phase(line: str) -> str:
    """What a line of vLLM's log says about its start, in our words; "" for most lines."""
    for pattern, words in PHASES:
        if found := re.search(pattern, line):
            return words.format(*found.groups())
    return ""


def _wait_until_healthy(process: subprocess.Popen[str], url: str, output: _Output) -> bool:
    """Whether it came to answer; False if it ended before."""
    while process.poll() is None:
        if healthy(url):
            output.pass_on()
            return True
        output.tick()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(LOOK_SECONDS)
    return False


def healthy(url: str) -> bool:
    """Whether vLLM's own health page there says that all is well."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _tell_ready(url: str, name: str, seconds: float) -> None:
    print(f"Ready after {seconds:.0f} s: {name} answers at {url}/v1")
    print(f'Use it:   secondlook run "TASK" --url URL --model-url {url}/v1', flush=True)


def _tell_failure(status: int, output: _Output) -> None:
    if not output.shown:
        sys.stderr.writelines(output.last)
    how = f"with status {status}" if status >= 0 else f"by signal {-status}"
    print(f"secondlook: vLLM ended {how} before it was ready.", file=sys.stderr)


@contextlib.contextmanager
def _forwarding(process: subprocess.Popen[str]) -> Iterator[None]:
    """While it runs, stop signals are its own to handle."""

    def forward(number: int, _: FrameType | None) -> None:
        process.send_signal(number)

    before = {number: signal.signal(number, forward) for number in FORWARDED}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_with_parent() -> None:
    """In the child, before it is vLLM: ask for SIGTERM when the parent dies."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
