"""What travels beside the state and is never saved: browser, model, rules, clock, listeners."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from agent.chats import Chats
from agent.events import Base
from agent.folder import RunFolder
from agent.gate import Gate
from agent.journal import Journal
from agent.model.client import Model
from agent.settings import RunSettings
from agent.state import RunState
from tools.hands import Hands
from tools.observation import Observation
from tools.policy import Policy, Refusal
from tools.record import Action
from tools.secrets import Secrets
from tools.session import Session

Update = dict[str, Any]
"""What a node changes of the state, by field."""


class OutOfTime(Exception):
    """The run's wall time ended in the middle of a node; the run ends with outcome `limit`."""


@dataclass
class Live:
    """One run's living surroundings.

    `emit` tells an event, `gate` is passed before each node. `clock` gives seconds, only
    differences of which matter; `began` is its reading when the node at work began. `refused`
    is what the policy kept tabs from opening since the last action began. `bounds` says why the
    part of a run in hand may not take an action that the policy allows; "" if it may. `chats` are
    there in a run that is to keep them.
    """

    session: Session
    model: Model
    policy: Policy
    secrets: Secrets
    settings: RunSettings
    folder: RunFolder
    journal: Journal
    emit: Callable[[Base], None]
    clock: Callable[[], float]
    gate: Gate = field(default_factory=Gate)
    chats: Chats | None = None
    began: float = 0
    refused: list[Refusal] = field(default_factory=list)
    bounds: Callable[[Action, Observation], str] = lambda action, page: ""

    def hands(self, observation: Observation) -> Hands:
        """What actions work with, on this look at the page."""
        return Hands(self.session, observation, self.secrets, self.policy)

    def on_refused(self, refusal: Refusal) -> None:
        """The policy kept a tab from opening an address; what pages embed is no one's action."""
        if not refusal.embedded:
            self.refused.append(refusal)
            self.session.notice(refusal.reason)

    def elapsed(self) -> float:
        """Seconds since the node at work began."""
        return self.clock() - self.began

    def seconds_left(self, state: RunState) -> float:
        """Wall time left to the run."""
        return max(0.0, state.limits.seconds - state.usage.seconds - self.elapsed())
