"""Carries out an order and kills itself at a given event: `python -m tests.agent.killed …`."""

import asyncio
import os
import signal
import sys
import threading
from pathlib import Path

from agent.events import AnyEvent
from agent.run import RunSettings, resume, start


class Killer:
    """A listener that ends its process the hard way at, or soon after, an event."""

    def __init__(self, moment: str) -> None:
        event, _, later = moment.partition("+")
        self.kind, _, number = event.partition(":")
        self.left, self.later = int(number or 1), float(later or 0)

    def __call__(self, event: AnyEvent) -> None:
        self.left -= event.kind == self.kind
        if self.left:
            return
        if not self.later:
            os.kill(os.getpid(), signal.SIGKILL)
        threading.Timer(self.later, os.kill, (os.getpid(), signal.SIGKILL)).start()


async def main(home: str, shop: str, model: str, run: str, moment: str) -> None:
    """Start an order, or resume it if `run` names one; `moment` is
    `kind:number`, `kind:number+seconds`, or empty."""
    if run:
        state = await resume(run, Path(home), Killer(moment))
    else:
        settings = RunSettings(
            task="Order a Funghi pizza for Ann",
            url=shop,
            model_url=model,
            yes=True,
            home=Path(home),
            screenshots=False,
        )
        state = await start(settings, Killer(moment))
    assert state.outcome
    print(state.outcome.status, state.outcome.answer)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
