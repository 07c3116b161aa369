"""A listening socket on this machine's own address."""

import os
import socket


def listen(port: int = 0) -> socket.socket:
    """Listen at this port of 127.0.0.1; 0 takes a free one. Raises OSError.

    It names TCP, as `socket.create_server` does not: only then does asyncio send small answers
    at once, instead of up to 40 ms later.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let others listen at the same port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener
