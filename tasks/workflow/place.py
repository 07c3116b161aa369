"""Where a workflow's run is: in which file, at which step, with which values."""

import time
from dataclasses import dataclass, replace

from agent.state import Step as Line
from tasks.workflow.load import WorkflowFile
from tasks.workflow.scope import Path as DataPath
from tasks.workflow.step import Step
from tasks.workflow.templates import TemplateError, Value, fill


@dataclass(frozen=True)
class Place:
    """A step, or the list of steps that it stands in.

    `at` names it in the ledger ("4.2.1"), `path` in the file's data. `values` are what names
    stand for there; steps add to them. `until` is the monotonic time by which it must be done.
    """

    file: WorkflowFile
    values: dict[str, Value]
    at: str = ""
    path: DataPath = ("steps",)
    until: float = float("inf")

    def step(self, number: int) -> "Place":
        """The step with this index in the list here."""
        at = f"{self.at}.{number + 1}" if self.at else str(number + 1)
        return replace(self, at=at, path=(*self.path, number))

    def round(self, number: int, variable: str, entry: Value) -> "Place":
        """The steps of a loop here, in its round for this entry."""
        values = {**self.values, variable: entry}
        return replace(self, values=values, at=f"{self.at}.{number}", path=(*self.path, "steps"))

    def inside(self, callee: WorkflowFile, values: dict[str, Value]) -> "Place":
        """The steps of a workflow that is called here."""
        return Place(callee, values, self.at, until=self.until)

    def seconds(self, step: Step, usual: float) -> float:
        """How long a step may take: what it says, else as usual; at least a moment."""
        wanted = usual if step.timeout is None else step.timeout
        return max(0.05, min(wanted, self.until - time.monotonic()))

    @property
    def left(self) -> float:
        """Seconds until it must be done."""
        return self.until - time.monotonic()

    def within(self, step: Step) -> "Place":
        """The same with the time that a loop or call has for everything in it."""
        if step.timeout is None:
            return self
        return replace(self, until=min(self.until, time.monotonic() + step.timeout))

    @property
    def told(self) -> str:
        """Where it stands, for people: `order.yaml:12`."""
        place = self.file.place(self.path)
        return place.rpartition("/")[2]

    def line(self, step: Step) -> Line:
        """The step as a line of the plan, with the values that are known."""
        return Line(do=filled(step.said(), self))


def filled(said: str, here: Place) -> str:
    """A step's words with the values in them; as they are where one has none yet."""
    try:
        return fill(said, here.values, here.file.secrets)
    except TemplateError:
        return said
