"""`python -m server.serve REQUEST`: the backend as a process. `secondlook serve` becomes it.

It ends on SIGINT, SIGTERM or SIGHUP: runs are stopped first, while the tabs they work in are
still there, and then the sockets. A second signal leaves at once; what was done is on disk.
"""

import asyncio
import logging
import signal
import socket
import sys
from pathlib import Path
from types import FrameType

import uvicorn
from pydantic import ValidationError

from agent.errors import AgentError
from agent.model.endpoints import configured
from server.app import build
from server.backend import Backend
from server.cdp_relay import TabRelay
from server.loopback import listen
from server.pairing import Codes, Pairings
from server.playground import shown
from server.runs import Defaults, Runs
from server.tab_protocol import MAX_MESSAGE
from tasks.bundled import local_name
from tasks.exit_codes import ExitCode, code_for
from tasks.serving import BackendRequest
from tasks.signals import leave_at_once

CLOSING_SECONDS = 3
"""So long open connections have to end once the runs have been stopped."""


def main() -> None:
    """Do what the request says; leave with the exit code."""
    try:
        request = BackendRequest.model_validate_json(sys.argv[1])
    except (IndexError, ValidationError):
        sys.exit(f"{__doc__}")
    try:
        sys.exit(_forget(request.home) if request.forget else _serve(request))
    except AgentError as error:
        print(f"secondlook: {error}", file=sys.stderr)
        sys.exit(code_for(error))


def make_backend(request: BackendRequest, port: int) -> Backend:
    """The parts of a backend, put together."""
    defaults = Defaults(
        home=request.home,
        model_url=request.model_url,
        model_name=request.model,
        executable=request.executable,
    )
    relay = TabRelay(
        lambda pairing, tab: runs.touched(pairing, tab),
        lambda pairing, tabs: runs.offered(pairing, tabs),
    )
    runs = Runs(defaults, relay, request.at_once)
    return Backend(port, Pairings(request.home), Codes(_show), runs, relay, _say)


def _serve(request: BackendRequest) -> ExitCode:
    try:
        listener = listen(request.port)
    except OSError as error:
        print(
            f"secondlook: port {request.port} of 127.0.0.1 cannot be used ({error.strerror}): is "
            "the backend running already? Otherwise choose another with --port.",
            file=sys.stderr,
        )
        return ExitCode.USAGE
    logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("secondlook").setLevel(logging.INFO)
    backend = make_backend(request, listener.getsockname()[1])
    _greet(request, backend)
    config = uvicorn.Config(
        build(backend),
        log_level="warning",
        access_log=False,
        server_header=False,
        ws_max_size=MAX_MESSAGE,
        timeout_graceful_shutdown=CLOSING_SECONDS,
    )
    with listener:
        asyncio.run(_Server(config, backend.runs).serve([listener]))
    _say("Stopped. Runs that were going on can be resumed.")
    return ExitCode.STOPPED


class _Server(uvicorn.Server):
    """A server that stops its runs before it closes its sockets."""

    def __init__(self, config: uvicorn.Config, runs: Runs) -> None:
        super().__init__(config)
        self._runs = runs
        self._closing: asyncio.Task[None] | None = None

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until a signal comes."""
        self._loop = asyncio.get_running_loop()
        if hasattr(signal, "SIGHUP"):
            self._loop.add_signal_handler(signal.SIGHUP, self.handle_exit, signal.SIGHUP, None)
        await super().serve(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal stops the runs, then the server; the second leaves."""
        if self._closing:
            leave_at_once(lambda: _say("Left at once."))
        self._loop.call_soon_threadsafe(self._close)

    def _close(self) -> None:
        if self._closing is None:
            _say("Stopping: actions under way are finished first. Once more to leave at once.")
            self._closing = asyncio.create_task(self._stop_runs())

    async def _stop_runs(self) -> None:
        try:
            await self._runs.close()
        finally:
            self.should_exit = True


def _greet(request: BackendRequest, backend: Backend) -> None:
    endpoint = configured(request.model_url, request.model)
    model = (endpoint.model or shown(endpoint)) if endpoint else local_name()
    known = backend.pairings.all()
    _say(f"secondlook answers at http://127.0.0.1:{backend.port} on this machine only.")
    _say(f"Model: {model}. Runs: {request.home / 'runs'}. Ctrl-C stops it.")
    if known:
        names = ", ".join(pairing.name for pairing in known)
        _say(f"Paired: {names}. To pair another, open its page; a code will stand here.")
    else:
        backend.codes.ask()


def _show(code: str, seconds: float) -> None:
    _say(
        f"Pairing code: {code}  (good once, for {seconds / 60:.0f} minutes; nobody else's to know)"
    )


def _say(text: str) -> None:
    print(text, flush=True)


def _forget(home: Path) -> ExitCode:
    gone = Pairings(home).forget()
    _say(f"{gone} paired client{'s have' if gone != 1 else ' has'} to pair again.")
    return ExitCode.DONE


if __name__ == "__main__":
    main()
