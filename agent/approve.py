"""Asking the user: whether an action may be taken, and what only the user can know.

A terminal, the extension and a test each implement `Approver`. Whoever has none stops the run
as `needs_approval` or `needs_answer`; `resume` asks again.
"""

from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class ApprovalRequest(BaseModel):
    """What the user is asked to allow, shown as the thing itself.

    `said` is the action in words, `what` the lines of the page around its element, `reason`
    why it is asked, `site` the site that a yes would open, if that is what it is about.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["approval"] = "approval"
    said: str
    what: str
    reason: str
    site: str = ""


class QuestionRequest(BaseModel):
    """What the user is asked. `choices` are the answers that are understood; empty means any."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["question"] = "question"
    question: str
    choices: list[str] = Field(default_factory=list)


Request = Annotated[ApprovalRequest | QuestionRequest, Field(discriminator="kind")]
REQUEST: TypeAdapter[ApprovalRequest | QuestionRequest] = TypeAdapter(Request)
"""Reads what a graph's interrupt carries."""


class Approval(BaseModel):
    """The user's decision. Without one nothing is allowed."""

    model_config = ConfigDict(frozen=True)

    decision: Literal["yes", "no"] = "no"
    reason: str = ""


class Approver(Protocol):
    """Whoever speaks for the user."""

    async def approve(self, request: ApprovalRequest) -> Approval:
        """Decide on one action."""
        ...

    async def answer(self, question: str) -> str | None:
        """Answer a question; None if nobody is there, and the run then waits."""
        ...
