"""The first message of a socket: a token. A socket that cannot show one learns nothing.

Browsers let no page set a header on a WebSocket, and an address is logged in many places: so
the token comes as the first message.
"""

import asyncio

from fastapi import WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from server.pairing import Pairing, Pairings
from server.perimeter import Refused, client_of, note
from server.protocol import CLOSED_REFUSED, CLOSED_UNPAIRED, MAX_BODY, Hello, StreamError

HELLO_SECONDS = 10.0


async def admitted(socket: WebSocket, pairings: Pairings) -> Pairing | None:
    """Accept a socket and hear its token: whose it is, or None after the socket was closed."""
    await socket.accept()
    code = CLOSED_REFUSED
    try:
        async with asyncio.timeout(HELLO_SECONDS):
            hello = Hello.model_validate_json(await received(socket))
        client = client_of(socket, hello.token, pairings)
        if client is not None:
            return client
        code = CLOSED_UNPAIRED
        refusal = Refused(401, "NotPaired", "The token is not valid: pair again.")
    except WebSocketDisconnect:
        return None
    except TimeoutError:
        refusal = Refused(408, "TooSlow", "The first message, a hello, did not come in time.")
    except ValidationError:
        refusal = Refused(400, "NoHello", "The first message must be a hello with the token.")
    except Refused as error:
        refusal = error
    await dismissed(socket, code, refusal)
    return None


async def received(socket: WebSocket) -> str:
    """The next message. Raises Refused if it is too large or no text, WebSocketDisconnect."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    text = message.get("text")
    if text is None or len(text) > MAX_BODY:
        raise Refused(413, "TooLarge", f"A message must be text of at most {MAX_BODY} bytes.")
    return str(text)


async def dismissed(socket: WebSocket, code: int, refusal: Refused) -> None:
    """Say why, close, and write the one line about it."""
    note(refusal, dict(socket.scope))
    try:
        error = StreamError(error=refusal.error, message=str(refusal))
        await socket.send_text(error.model_dump_json())
        await socket.close(code)
    except (WebSocketDisconnect, RuntimeError):
        return  # it did not wait for it
