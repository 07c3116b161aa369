"""Serve the shop on loopback, inside this process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from tasks.demo.shop import Shop
from tasks.demo.store import Store
from tasks.loopback import served


@asynccontextmanager
async def serve_shop(database: Path, port: int = 0) -> AsyncIterator[tuple[str, Store]]:
    """The shop over `database` on 127.0.0.1; yields its URL and its store.

    `port` 0 takes a free one. Raises OSError if the port is taken.
    """
    with closing(Store(database)) as store:
        async with served(Shop(store).app, port) as url:
            yield url, store
