"""What a run is asked to do and with what: everything that the command line can say."""

from pathlib import Path
from typing import Any

import platformdirs
from pydantic import BaseModel, Field

from agent.state import Limits
from tools.browser import BrowserOptions


def default_home() -> Path:
    """Where runs, site memory and bundled files are kept unless the user says otherwise."""
    return Path(platformdirs.user_data_path("secondlook"))


class WorkflowSource(BaseModel):
    """The workflow that a run carries out, whole: what becomes of its file changes nothing.

    `file` is where it was read, `texts` are that file and those that it calls, by their paths
    from its folder, `digest` the file's SHA-256. `inputs` are the values as they were given;
    `outputs` is the folder that files are saved to. `heal` says whether a step that fails may be
    mended by the model, `update` whether what was mended is written to the file. `table` are the
    rows of inputs that it is done for, once each, `parallel` how many at once.
    """

    file: Path
    texts: dict[str, str]
    digest: str
    inputs: dict[str, Any] = Field(default_factory=dict)
    outputs: Path = Path()
    heal: bool = True
    update: bool = False
    table: list[dict[str, Any]] = Field(default_factory=list)
    parallel: int = 1


class RunSettings(BaseModel):
    """One run. `secrets` are names (`NAME` or `NAME@site`), never values.

    `reflection` off sends a failure straight back to the next decision. `memory` keeps what
    was learned about a site for later runs there. `temperature` None leaves it to the model's
    card. `screenshots` keeps one picture a page state, `chats` what the model was asked and what
    it answered, word for word. `workflow` is what the run carries out if it is no task for the
    model.
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
    chats: bool = False
    trace: bool = False
    home: Path = Field(default_factory=default_home)
    workflow: WorkflowSource | None = None
