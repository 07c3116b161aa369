"""Reading from the terminal without holding up the browser, and so that Ctrl-C is heard."""

import asyncio
import contextlib
import getpass
import os
import signal
import sys

CHUNK = 65536


def is_interactive() -> bool:
    """Whether somebody can be asked: both ends are a terminal."""
    try:
        return sys.stdin.isatty() and sys.stdout.isatty()
    except (AttributeError, ValueError):  # closed, or absent
        return False


async def read_line() -> str | None:
    """The next line typed, without its line break; None at the end of input (Ctrl-D).

    A reader on the event loop, not a thread: a thread blocked in `input` could not be
    cancelled and would keep the process alive after Ctrl-C.
    """
    loop = asyncio.get_running_loop()
    descriptor = sys.stdin.fileno()
    typed: asyncio.Future[bytes] = loop.create_future()

    def ready() -> None:
        if not typed.done():
            try:
                typed.set_result(os.read(descriptor, CHUNK))
            except OSError:  # the terminal went away
                typed.set_result(b"")

    loop.add_reader(descriptor, ready)
    try:
        data = await typed
    finally:
        loop.remove_reader(descriptor)
    return data.decode(errors="replace").splitlines()[0].strip() if data else None


def discard_typed_ahead() -> None:
    """Forget keys pressed before the question was there: no stray Enter answers it."""
    with contextlib.suppress(ImportError, OSError):
        import termios

        termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)


def ask_secret(name: str) -> str:
    """Ask for a secret's value without showing it; Ctrl-C leaves, as everywhere.

    Asked before the browser starts, so blocking is fine; the event loop's own handling of
    Ctrl-C is set aside, because it could not interrupt the terminal's read.
    """
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return getpass.getpass(f"{name}: ")
    except EOFError:
        return ""
    finally:
        signal.signal(signal.SIGINT, previous)
