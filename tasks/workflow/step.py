"""What all steps of a workflow have in common."""

from pydantic import Field

from tasks.workflow.conditions import Conditions
from tasks.workflow.parts import Part, Seconds

MOST_RETRIES = 10


class Step(Part):
    """What every step can say besides what it does."""

    name: str = Field(default="", description="what the step is for, in words")
    when: Conditions = Field(default=[], description="do it only if this holds")
    expect: Conditions = Field(default=[], description="what must be true afterwards")
    retry: int = Field(
        default=0, ge=0, le=MOST_RETRIES, description="how many more times to try if it fails"
    )
    timeout: Seconds | None = Field(default=None, description="at most this long, such as 10s")

    def said(self) -> str:
        """The step in words: its name, or what it does."""
        raise NotImplementedError
