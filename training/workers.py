"""Several processes that train one model together: one thread each, gradients averaged.

On two cores, two processes of one thread get nearly twice as far as one process of two.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread

import torch
import torch.distributed as dist
from torch import Tensor
from torch.multiprocessing.spawn import spawn


@dataclass(frozen=True)
class Crew:
    """Which of how many processes this one is; the first alone speaks, measures and saves."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process is the one that speaks, measures and saves."""
        return self.rank == 0

    def average(self, gradient: Tensor, tokens: int) -> int:
        """Average the gradient over all processes, in place; returns the tokens of all."""
        if self.size == 1:
            return tokens
        total = torch.tensor([tokens])
        dist.all_reduce(gradient)
        dist.all_reduce(total)
        gradient /= self.size
        return int(total)


def run_crew(size: int, folder: Path, work: Callable[[Crew], None]) -> None:
    """Do `work` in `size` processes that meet in `folder`; returns when all are done."""
    if size == 1:
        work(Crew())
        return
    meeting = folder.absolute() / "crew"
    meeting.unlink(missing_ok=True)
    spawn(_join, (size, meeting, work), nprocs=size)  # type: ignore[no-untyped-call]


def _join(rank: int, size: int, meeting: Path, work: Callable[[Crew], None]) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=size)
    try:
        work(Crew(rank, size))
    finally:
        dist.destroy_process_group()


def _end_with_parent() -> None:
    """A killed parent cannot end its workers, and two crews at one checkpoint would spoil it."""
    parent = parent_process()
    assert parent is not None, "workers are spawned"
    wait([parent.sentinel])
    os._exit(1)
