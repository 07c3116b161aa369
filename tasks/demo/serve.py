"""Serve the shop on loopback, inside this process."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn

from tasks.demo.shop import Shop
from tasks.demo.store import Store


def this_or_a_free_port(port: int) -> int:
    """This port, or 0, which takes a free one, where something else answers there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port


@asynccontextmanager
async def serve_shop(database: Path, port: int = 0) -> AsyncIterator[tuple[str, Store]]:
    """The shop over `database` on 127.0.0.1; yields its URL and its store.

    `port` 0 takes a free one. Raises OSError if the port is taken.
    """
    store = Store(database)
    listener = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(
        uvicorn.Config(Shop(store).app, log_level="warning", lifespan="off", access_log=False)
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", store
    finally:
        server.should_exit = True
        await serving
        store.close()
