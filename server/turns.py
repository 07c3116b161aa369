"""Whose turn it is: clients in turn, so that one that asks for much holds up no other.

First come, first served would have a client with one run wait for fifty of another's.
"""

from collections import defaultdict
from itertools import count

from server.active import ActiveRun


class Turns:
    """The runs that wait, in the order in which they will begin: round robin over who asked."""

    def __init__(self) -> None:
        self._waiting: list[ActiveRun] = []
        self._served: dict[str, int] = {}
        self._ticks = count(1)

    @property
    def waiting(self) -> tuple[ActiveRun, ...]:
        """Those that wait, the next one first."""
        return tuple(self._waiting)

    def place(self, active: ActiveRun) -> int:
        """Its place, from 1; 0 if it does not wait."""
        return self._waiting.index(active) + 1 if active in self._waiting else 0

    def of(self, pairing: str) -> int:
        """How many runs of this client wait."""
        return sum(active.pairing == pairing for active in self._waiting)

    def add(self, active: ActiveRun) -> None:
        """It waits from now on."""
        self._waiting.append(active)
        self._order()

    def remove(self, active: ActiveRun) -> None:
        """It waits no more, and has had no turn."""
        self._waiting.remove(active)
        self._order()

    def take(self, free: int) -> list[ActiveRun]:
        """Those whose turn has come, where so many places are free."""
        taken: list[ActiveRun] = []
        while self._waiting and len(taken) < free:
            active = self._waiting.pop(0)
            self._served[active.pairing] = next(self._ticks)
            self._order()
            taken.append(active)
        return taken

    def _order(self) -> None:
        """Each client's first before anybody's second; among equals, who was served longest ago."""
        rounds: defaultdict[str, int] = defaultdict(int)
        keyed = []
        for active in self._waiting:
            keyed.append((rounds[active.pairing], self._served.get(active.pairing, 0), active))
            rounds[active.pairing] += 1
        self._waiting = [active for _, _, active in sorted(keyed, key=lambda key: key[:2])]
