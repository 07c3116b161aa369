"""An order carried out in a process of its own, which kills itself at a given moment."""

import asyncio
import os
import signal
import threading
from multiprocessing.connection import Connection
from pathlib import Path

from agent.events import AnyEvent
from agent.run import RunSettings, resume, start
from agent.state import RunState


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


def carry_out(home: str, shop: str, model: str, run: str, moment: str, said: Connection) -> None:
    """Start an order, or resume it if `run` names one, and say how it ended.

    `moment` is `kind:number`, `kind:number+seconds`, or empty.
    """
    state = asyncio.run(_order(home, shop, model, run, Killer(moment)))
    assert state.outcome
    said.send(f"{state.outcome.status} {state.outcome.answer}")


async def _order(home: str, shop: str, model: str, run: str, listener: Killer) -> RunState:
    if run:
        return await resume(run, Path(home), listener)
    settings = RunSettings(
        task="Order a Funghi pizza for Ann",
        url=shop,
        model_url=model,
        yes=True,
        home=Path(home),
        screenshots=False,
    )
    return await start(settings, listener)
