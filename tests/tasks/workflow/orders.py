"""Workflows for the small shop of the agent's tests, and short ways to carry them out."""

import asyncio
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from agent.approve import Approver
from agent.events import AnyEvent, Listener
from agent.folder import RunFolder
from agent.run import list_runs
from agent.settings import RunSettings
from tasks.workflow.load import parse
from tasks.workflow.run import WorkflowResult, settings_for, take_up

ORDER = """\
workflow: Order a pizza
url: "{{ shop }}"
inputs: {shop: text, pizza: {type: text, default: Funghi}, name: {type: text, default: Ann}}
steps:
  - click: get_by_role("button", name="Add {{ pizza }}")
    expect: {url: /basket}
  - click: get_by_role("link", name="Checkout")
  - fill: get_by_label("Name")
    text: "{{ name }}"
  - fill: get_by_label("Street")
    text: Hill 1
  - click: get_by_role("button", name="Place order")
    expect: {visible: 'get_by_role("heading", name="Thank you")'}
"""


def settings(text: str, home: Path, shop: str = "", **more: Any) -> RunSettings:
    """The settings of a run of this workflow; `inputs` are its values, `source` the rest."""
    base: dict[str, Any] = {"task": "workflow", "home": home, "screenshots": False}
    inputs = more.pop("inputs", {}) | ({"shop": shop} if shop else {})
    source = {"outputs": home, **more.pop("source", {})}
    file = more.pop("file", home / "workflow.yaml")
    file.write_text(text)
    return settings_for(parse(text, file), inputs, RunSettings(**(base | more)), **source)


async def carry_out(
    run: RunSettings | RunFolder,
    listener: Listener | None = None,
    approver: Approver | None = None,
    **given: Any,
) -> WorkflowResult:
    """Start a run, or take one up, without a model unless the settings name one."""
    folder = run if isinstance(run, RunFolder) else RunFolder.create(run)
    listener = (lambda event: None) if listener is None else listener
    ended = await take_up(folder, listener, approver, **given)
    return ended.result


def stored(home: Path) -> RunFolder:
    """The one run of this home."""
    (record,) = list_runs(home)
    return RunFolder.find(home, record.run)


class Killer:
    """A listener that ends its process the hard way at an event: `action:5`."""

    def __init__(self, moment: str) -> None:
        self.kind, _, number = moment.partition(":")
        self.left = int(number or 1)

    def __call__(self, event: AnyEvent) -> None:
        self.left -= event.kind == self.kind
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)


def in_a_process(run: RunSettings, moment: str, said: Connection) -> None:
    """Start or resume the one run of this home, in a process that dies at a moment ("" never)."""
    folder = stored(run.home) if list_runs(run.home) else run
    result = asyncio.run(carry_out(folder, Killer(moment)))
    said.send(f"{result.status} {result.answer}")
