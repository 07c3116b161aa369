"""What an action works with."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.observation import Observation

if TYPE_CHECKING:  # the argument models are also used where no browser is
    from tools.policy import Policy
    from tools.secrets import Secrets
    from tools.session import Session


@dataclass
class Hands:
    """The live browser, what was last seen of it, and the rules that hold for it.

    `observation` is the one whose refs the action uses.
    """

    session: "Session"
    observation: Observation
    secrets: "Secrets"
    policy: "Policy"
