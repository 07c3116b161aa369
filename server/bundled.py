"""The bundled model's server: llama.cpp on loopback, alive only as long as who started it.

Run as `python -m server.bundled [--model FILE.gguf]`. When the model answers, one line is
printed, `{"url": "http://127.0.0.1:PORT/v1", "model": "secondlook-mini"}`; then standard
input is read to its end, which comes when the starting process closes it or dies in whatever
way, and this process leaves at once. On failure the last line on standard error says in one
sentence what is wrong and what to do, and the exit status is 1.
"""

import argparse
import fcntl
import http.client
import importlib
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

MODEL = Path(__file__).with_name("models") / "secondlook-mini.gguf"

CONTEXT = 4096
"""Tokens of context that the bundled model was trained for."""

_CONTEXT_OF_OTHERS = 16_384
"""The same for other models: a conversation with room, and little memory for its cache. Of a
model that was trained for fewer, llama.cpp takes those."""

_SMALL = 200_000_000
"""Bytes below which a model answers fastest on one thread: its steps are too short to share,
and two threads that wait for each other on a busy machine took 100 times longer."""


class Failed(Exception):
    """The server cannot run: one sentence with what to do."""


def main() -> None:
    """Serve until standard input ends."""
    arguments = argparse.ArgumentParser(prog="python -m server.bundled", description=__doc__)
    arguments.add_argument("--model", type=Path, default=MODEL, help="another GGUF file")
    path: Path = arguments.parse_args().model
    out = _own_output()
    _leave_with_starter()
    try:
        server = _serve(path)
        url = _answering(server)
    except Failed as error:
        print(error, file=sys.stderr, flush=True)
        os._exit(1)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)  # llama.cpp's handlers would stop half of us
    if sys.platform == "linux":
        signal.signal(signal.SIGIO, signal.SIG_IGN)  # from here on the thread sees the end
    os.write(out, (json.dumps({"url": f"{url}/v1", "model": path.stem}) + "\n").encode())
    threading.Event().wait()


def _own_output() -> int:
    """Standard output for our one line only; whatever libraries print goes to the log."""
    out = os.dup(1)
    os.dup2(2, 1)
    return out


def _leave_with_starter() -> None:
    """End this process when standard input ends.

    A thread waits for that. While a model loads no thread of Python's runs, so where the
    system can (Linux), the pipe's end also sends SIGIO, which ends the process by itself.
    """
    threading.Thread(target=_wait_for_end, daemon=True).start()
    if sys.platform == "linux":
        signal.signal(signal.SIGIO, signal.SIG_DFL)
        fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
        flags = fcntl.fcntl(0, fcntl.F_GETFL)
        fcntl.fcntl(0, fcntl.F_SETFL, flags | os.O_ASYNC)


def _wait_for_end() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


def _serve(path: Path) -> Any:
    """The running server; raises Failed."""
    if not path.exists():
        remake = " Make it with `make model`, or name" if path == MODEL else " Name"
        raise Failed(f"The model file {path} is missing.{remake} another model with --model-url.")
    # Threads that wait must sleep, not spin: the browser needs the cores. Read at import.
    os.environ.setdefault("GOMP_SPINCOUNT", "0")
    try:
        xllamacpp = importlib.import_module("xllamacpp")
    except ImportError as error:
        raise Failed(
            f"xllamacpp, which runs the model, cannot be loaded ({error}). Install it with "
            "`pip install xllamacpp`, or name another model with --model-url."
        ) from error
    try:
        return xllamacpp.Server(_parameters(xllamacpp, path))
    except (RuntimeError, ValueError, OSError) as error:
        raise Failed(
            f"The model file {path} cannot be loaded ({error}). It may be damaged or no GGUF: "
            "fetch it anew, or name another model with --model-url."
        ) from error


def _parameters(xllamacpp: Any, path: Path) -> Any:
    cores = os.cpu_count() or 1
    small = path.stat().st_size < _SMALL
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.model_alias = {path.stem}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0  # the system chooses a free one
    parameters.cors_origins = "http://127.0.0.1"  # no page that is visited may ask the model
    parameters.n_ctx = CONTEXT if path == MODEL else _CONTEXT_OF_OTHERS
    parameters.n_parallel = 1  # one run, one growing prompt: all of its prefix stays cached
    parameters.cpuparams.n_threads = 1 if small else cores
    parameters.cpuparams_batch.n_threads = min(2, cores) if small else cores
    parameters.cache_ram_mib = 0
    parameters.warmup = not small
    parameters.fit_params = False
    parameters.ui = False
    parameters.verbosity = -1
    # The protocol's tags are ours to parse.
    parameters.reasoning_format = xllamacpp.common_reasoning_format.COMMON_REASONING_FORMAT_NONE
    return parameters


def _answering(server: Any) -> str:
    """The server's address, once it says that it is well; raises Failed."""
    url = str(server.listening_address)
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        connection.request("GET", "/health")
        status = connection.getresponse().status
    except OSError as error:
        raise Failed(f"The model's server does not answer at {url} ({error}).") from error
    finally:
        connection.close()
    if status != 200:
        raise Failed(f"The model's server at {url} is not well (status {status}).")
    return url


if __name__ == "__main__":
    main()
