"""A line between Chrome and the backend that can be pulled out and put in again."""

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Cable:
    """Carries TCP to `to`, a port of this machine, as if Chrome had asked for that port."""

    def __init__(self, port: int) -> None:
        self.to = 0
        self._port = port
        self._in = True
        self._carrying: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Chrome's end."""
        return f"http://127.0.0.1:{self._port}"

    async def pull(self) -> None:
        """End every connection, and let none through."""
        self._in = False
        for carrying in self._carrying:
            carrying.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    def put_in(self) -> None:
        """Let connections through again."""
        self._in = True

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        task = asyncio.current_task()
        assert task is not None
        self._carrying.add(task)
        try:
            if self._in:
                await self._join(reader, writer)
        except (asyncio.CancelledError, OSError):
            pass  # pulled out, or one end has gone
        finally:
            self._carrying.discard(task)
            writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.to)
        ours, theirs = (f"127.0.0.1:{port}".encode() for port in (self._port, self.to))
        both = (
            asyncio.create_task(_pump(reader, there_writer, ours, theirs)),
            asyncio.create_task(_pump(there_reader, writer, b"", b"")),
        )
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pumping in both:
                pumping.cancel()
            there_writer.transport.abort()


@contextlib.asynccontextmanager
async def cable() -> AsyncIterator[Cable]:
    """One on a free port."""
    carriers: list[Cable] = []
    server = await asyncio.start_server(lambda r, w: carriers[0].carry(r, w), "127.0.0.1", 0)
    carriers.append(Cable(server.sockets[0].getsockname()[1]))
    async with server:
        yield carriers[0]
        await carriers[0].pull()


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: bytes, real: bytes
) -> None:
    """Carry bytes; the host that a request names becomes the real one (ports are as long)."""
    while data := await reader.read(65536):
        writer.write(data.replace(name, real) if name else data)
        await writer.drain()
