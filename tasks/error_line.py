"""The JSON object that `--json` prints for an error."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class ErrorLine(BaseModel):
    """The last line on `--json` when a command ends with an error instead of its result."""

    kind: Literal["error"] = "error"
    at: datetime = Field(description="when, in UTC")
    run: str = Field(description="the run, empty if none had begun")
    error: str = Field(description="the error's name, for instance BrowserMissing")
    message: str = Field(description="one sentence: what is wrong and what to do")
    exit_code: int = Field(description="the exit code that follows")
