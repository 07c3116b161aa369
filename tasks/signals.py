"""Ctrl-C and SIGTERM: the first stops the run cleanly, the second leaves at once."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn, TypeVar

from tasks.exit_codes import ExitCode

T = TypeVar("T")

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(Exception):
    """The user or the system asked to stop; what there was is saved."""


def interrupt_on_terminate() -> None:
    """Before an event loop runs, let SIGTERM do what Ctrl-C does: raise `KeyboardInterrupt`."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def run_stoppable(
    work: Coroutine[Any, Any, T],
    *,
    on_first: Callable[[], None],
    on_second: Callable[[], None],
) -> T:
    """Run the coroutine to its end; a stop signal cancels it once and lets it clean up.

    `on_first` tells the user that it is stopping; `on_second` puts the terminal right before
    the process leaves without cleaning up. Raises `Stopped` when the work was cancelled and
    brought no result of its own.
    """
    return asyncio.run(_supervise(work, on_first, on_second))


async def _supervise(
    work: Coroutine[Any, Any, T], on_first: Callable[[], None], on_second: Callable[[], None]
) -> T:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    stopping = False

    def stop() -> None:
        nonlocal stopping
        if stopping:
            leave_at_once(on_second)
        stopping = True
        on_first()
        task.cancel()

    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop)
    try:
        return await task
    except asyncio.CancelledError as error:
        raise Stopped from error
    finally:
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)


def leave_at_once(last_words: Callable[[], None]) -> NoReturn:
    """End the process now: the run's checkpoints are on disk, the browser goes with its driver."""
    with contextlib.suppress(OSError):
        last_words()
    os._exit(ExitCode.STOPPED)
