"""What a run is asked to do and with what: everything that the command line can say."""

from pathlib import Path

import platformdirs
from pydantic import BaseModel, Field

from agent.state import Limits
from tools.browser import BrowserOptions


def default_home() -> Path:
    """Where runs, site memory and bundled files are kept unless the user says otherwise."""
    return Path(platformdirs.user_data_path("secondlook"))


class RunSettings(BaseModel):
    """One run. `secrets` are names (`NAME` or `NAME@site`), never values.

    `reflection` off sends a failure straight back to the next decision. `memory` keeps what
    was learned about a site for later runs there. `temperature` None leaves it to the model's
    card. `screenshots` keeps one picture a page state.
    """

    task: str
    url: str = ""
    browser: BrowserOptions = Field(default_factory=BrowserOptions)
    model_url: str = ""
    model_name: str = ""
    temperature: float | None = None
    allow: list[str] = Field(default_factory=list)
    yes: bool = False
    secrets: list[str] = Field(default_factory=list)
    limits: Limits = Field(default_factory=Limits)
    reflection: bool = True
    memory: bool = True
    screenshots: bool = True
    trace: bool = False
    home: Path = Field(default_factory=default_home)
