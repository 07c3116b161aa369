"""Another program has taken the backend's port: the extension shows it nothing."""

import asyncio
import json

from tests.server.desk import Desk


class Strange:
    """Answers everything as the backend would tell about itself, and keeps what it hears."""

    def __init__(self) -> None:
        self.heard = b""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        while line := await reader.readline():
            self.heard += line
            if line == b"\r\n":
                body = json.dumps({"name": "secondlook", "paired": True, "proof": "ab" * 32})
                head = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n"
                writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        writer.close()


async def test_another_program_on_the_port_never_sees_the_token(at_desk: Desk) -> None:
    strange = Strange()
    async with await asyncio.start_server(strange.answer, "127.0.0.1", 0) as server:
        await at_desk.cable.pull()
        at_desk.cable.to = server.sockets[0].getsockname()[1]
        at_desk.cable.put_in()
        await at_desk.see("Connect this browser")
    assert b"GET /api/about?pairing=" in strange.heard
    assert at_desk.client.token.encode() not in strange.heard
