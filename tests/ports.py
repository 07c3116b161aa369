"""A port that nothing listens on."""

import socket


def free_port() -> int:
    """On loopback; whoever asked for it should take it at once."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
