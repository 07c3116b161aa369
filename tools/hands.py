"""What an action works with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tools.observation import Observation

if TYPE_CHECKING:  # the argument models are also used where no browser is
    from playwright.async_api import Locator

    from tools.policy import Policy
    from tools.secrets import Secrets
    from tools.session import Session


@dataclass
class Hands:
    """The live browser, what was last seen of it, and the rules that hold for it.

    `observation` is the one whose refs the action uses. `found` are the live elements of refs
    that were found by a locator, not by looking. `quick` says that they and the way to them were
    looked at just now, and that whoever acts looks for the effect: nobody waits for the page to
    rest.
    """

    session: "Session"
    observation: Observation
    secrets: "Secrets"
    policy: "Policy"
    found: "Mapping[str, Locator]" = field(default_factory=dict)
    quick: bool = False
