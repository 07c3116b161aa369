"""What became of an action: the closed list of causes, and the verdict that carries one."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Cause(StrEnum):
    """Why an action failed. The list is closed: every failure is one of these."""

    NOT_FOUND = "not_found"
    NOT_VISIBLE = "not_visible"
    COVERED = "covered"
    DISABLED = "disabled"
    DETACHED = "detached"
    NAVIGATED_AWAY = "navigated_away"
    NAVIGATION_FAILED = "navigation_failed"
    TIMEOUT = "timeout"
    NO_EFFECT = "no_effect"
    DIALOG_OPEN = "dialog_open"
    WRONG_VALUE = "wrong_value"
    BLOCKED_BY_POLICY = "blocked_by_policy"
    BROWSER_GONE = "browser_gone"
    MALFORMED_ANSWER = "malformed_answer"
    LOOP = "loop"


class Verdict(BaseModel):
    """The judged outcome of one action: `ok`, or a cause with its evidence.

    `evidence` is one line a person and a model can act on, e.g. `dialog Cookies covers it`.
    `changed` lists the lines of the page that came, went or changed, without refs
    (`+ alert Sold out`, `- button Next`, `~ combobox Size: Large`), newest page order.
    """

    model_config = ConfigDict(frozen=True)

    cause: Cause | None = None
    evidence: str = ""
    changed: list[str] = Field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the action did what it was meant to do, as far as the page shows."""
        return self.cause is None

    def line(self) -> str:
        """The verdict in one line, as the history and the terminal show it."""
        if self.cause is None:
            return f"ok, {self.evidence}" if self.evidence else "ok"
        return f"{self.cause.value}, {self.evidence}" if self.evidence else self.cause.value
