"""The backend's parts, as its routes find them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from server.cdp_relay import TabRelay
from server.pairing import Codes, Pairing, Pairings
from server.perimeter import Bucket, Limits, Refused
from server.runs import Runs


@dataclass
class Backend:
    """One backend on one port. `say` speaks to the terminal; `attempts` bounds how often anybody
    may try to pair."""

    port: int
    pairings: Pairings
    codes: Codes
    runs: Runs
    relay: TabRelay
    say: Callable[[str], None]
    limits: Limits = field(default_factory=Limits)
    attempts: Bucket = field(default_factory=lambda: Bucket(rate=10 / 60, burst=10))
    version: str = field(default_factory=lambda: version("secondlook"))


def _backend(connection: HTTPConnection) -> Backend:
    backend: Backend = connection.app.state.backend
    return backend


def _client(connection: HTTPConnection) -> Pairing:
    """Who asks. Raises Refused for a stranger."""
    client: Pairing | None = connection.state.client
    if client is None:
        raise Refused(401, "NotPaired", "Pair first: no valid token came with the request.")
    return client


TheBackend = Annotated[Backend, Depends(_backend)]
Client = Annotated[Pairing, Depends(_client)]
