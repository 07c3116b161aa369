"""The history that a made-up run has behind it, as the loop would have written it."""

from agent.state import Attempt
from tools.causes import Verdict


def note(attempts: list[Attempt], step: int, said: str, verdict: Verdict) -> None:
    """Add what was tried in a step, and what came of it."""
    attempts.append(
        Attempt.model_construct(
            number=len(attempts) + 1,
            step=step,
            action={},
            said=said,
            page="",
            verdict=verdict,
            locator="",
            text="",
        )
    )
