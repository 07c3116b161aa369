"""Serves the playground on loopback: beside vLLM, or alone.

    python -m server.playground_server REQUEST

REQUEST is a `PlaygroundRequest` as JSON; `secondlook playground` makes it and becomes this. It
serves until it is stopped. The model is the one that a run would use.
"""

import asyncio
import contextlib
import secrets
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack

import uvicorn
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route

from agent.errors import AgentError
from agent.model.endpoints import Endpoint, configured
from server.playground import playground, shown
from tasks.bundled import bundled_model
from tasks.exit_codes import ExitCode, code_for
from tasks.serving import PlaygroundRequest
from tasks.signals import Stopped, interrupt_on_terminate, run_stoppable

FIRST_PORT = 8001
_TRIED = 100


class PortTaken(Exception):
    """The page cannot be served where it was asked for: one sentence with what to do."""


def listen(port: int = 0, *, but: int = 0) -> socket.socket:
    """A socket on loopback at this port; 0 takes the first free one from 8001 on, `but` this.

    Raises PortTaken.
    """
    for number in [port] if port else range(FIRST_PORT, FIRST_PORT + _TRIED):
        if number != but:
            with contextlib.suppress(OSError):
                return socket.create_server(("127.0.0.1", number))
    where = f"Port {port}" if port else f"Every port from {FIRST_PORT} on"
    raise PortTaken(
        f"{where} of 127.0.0.1 is taken: stop what answers there, or choose another for the page."
    )


@contextlib.contextmanager
def served(endpoint: Endpoint, listener: socket.socket) -> Iterator[str]:
    """The page's address, while it is served by a thread of its own.

    Who knows the key may use the model, and nobody else: where there is a key, the address
    holds a secret of its own, for other users of this machine reach its ports as well.
    """
    secret = f"/{secrets.token_urlsafe(16)}" if endpoint.key.get_secret_value() else ""
    page = f"{secret}/playground/"
    routes = [Mount(secret, routes=[playground(endpoint)])]
    front = [] if secret else [Route("/", lambda _: RedirectResponse(page))]
    config = uvicorn.Config(
        Starlette(routes=[*front, *routes]),
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}{page}"
    finally:
        server.should_exit = True
        thread.join()


@contextlib.contextmanager
def announced(endpoint: Endpoint, listener: socket.socket) -> Iterator[None]:
    """Serve it and print its address."""
    with served(endpoint, listener) as page:
        print(f"Ask it:   {page}", flush=True)
        yield


async def _serve(request: PlaygroundRequest) -> None:
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(listen(request.port))
        endpoint = configured(request.model_url, request.model)
        if endpoint is None:
            bundled = await stack.enter_async_context(bundled_model())
            endpoint = Endpoint(url=bundled.url, model=bundled.model)
        print(f"Model:    {endpoint.model or 'as the page chooses'} at {shown(endpoint)}")
        with announced(endpoint, listener):
            await asyncio.Event().wait()


def main() -> None:
    """Do what the request says; leave with the exit code."""
    try:
        request = PlaygroundRequest.model_validate_json(sys.argv[1])
    except (IndexError, ValidationError):
        sys.exit(f"{__doc__}")
    interrupt_on_terminate()
    try:
        run_stoppable(_serve(request), on_first=_nothing, on_second=_nothing)
    except (Stopped, KeyboardInterrupt):
        sys.exit(ExitCode.STOPPED)
    except PortTaken as error:
        sys.exit(_said(error, ExitCode.USAGE))
    except AgentError as error:
        sys.exit(_said(error, code_for(error)))


def _said(error: Exception, code: ExitCode) -> ExitCode:
    print(f"secondlook: {error}", file=sys.stderr)
    return code


def _nothing() -> None:
    """Nothing is being saved that somebody would have to be told about."""


if __name__ == "__main__":
    main()
