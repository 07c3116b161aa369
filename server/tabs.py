"""Tabs of the user's own browser, lent to runs: what `server/runs.py` asks of the relay."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from agent.errors import AgentError


class TabUnavailable(AgentError):
    """The tab cannot be lent: no extension is connected, it is closed, or it may not be driven."""


class Tabs(Protocol):
    """Presents tabs that an extension relays as browsers that Playwright can attach to."""

    def lend(self, pairing: str, tab: int) -> AbstractAsyncContextManager[str]:
        """The CDP address of a tab while the block runs: http or ws, on loopback, and known to
        nobody else. `pairing` names the paired client whose extension has the tab.

        Entering attaches to the tab; leaving, also by cancellation, lets go of it. When the tab
        is lost meanwhile, the CDP connection ends, and the run stops as "browser gone". Raises
        TabUnavailable with one sentence that says what to do.
        """
        ...

    def mark(self, pairing: str, tab: int, *, acting: bool) -> None:
        """Show in the lent tab whether the assistant acts there or the user; nothing if it is
        not lent."""
        ...
