"""Where a workflow's run is: in which file, at which step, with which values."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from agent.state import Step as Line
from tasks.workflow.load import WorkflowFile
from tasks.workflow.scope import Path as DataPath
from tasks.workflow.step import Step
from tasks.workflow.steps import Call, ForEach
from tasks.workflow.templates import NAME, TemplateError, Value, fill, mentions
from tools.observation import clean

_WORD = re.compile(rf"\[({NAME})\]")


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
    read: set[str] = field(default_factory=set)

    def step(self, number: int) -> "Place":
        """The step with this index in the list here."""
        at = f"{self.at}.{number + 1}" if self.at else str(number + 1)
        return replace(self, at=at, path=(*self.path, number))

    def round(self, number: int, step: ForEach, entry: Value) -> "Place":
        """The steps of a loop here, in its round for this entry."""
        at, path = f"{self.at}.{number}", (*self.path, "steps")
        read = {*self.read, *([step.variable] if self.was_read(step.over) else ())}
        values = {**self.values, step.variable: entry}
        return replace(self, values=values, at=at, path=path, read=read)

    def inside(self, step: Call, callee: WorkflowFile, values: dict[str, Value]) -> "Place":
        """The steps of a workflow that is called here."""
        read = {name for name, given in step.inputs.items() if self.was_read(given)}
        return Place(callee, values, self.at, until=self.until, read=read)

    def was_read(self, given: str | list[str]) -> bool:
        """Whether any of these texts has something in it that was read from a page."""
        texts = [given] if isinstance(given, str) else given
        return any(m.path[0] in self.read for text in texts for m in mentions(text))

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

    @property
    def marked(self) -> dict[str, Value]:
        """The values as a model may read them: what came from a page is marked as page content."""
        return {n: _marked(v) if n in self.read else v for n, v in self.values.items()}

    def line(self, step: Step) -> Line:
        """The step as a line of the plan, with the values that are known.

        In a name they may stand as recorders write them for people: `Choose [size]`.
        """
        said = _WORD.sub(self._template, step.name) if step.name else step.said()
        return Line(do=filled(said, self))

    def _template(self, word: re.Match[str]) -> str:
        """`{{ size }}` for `[size]`, if that is the name of a value that can stand in a text."""
        known = word[1] in self.values and not isinstance(self.values[word[1]], list | dict)
        return f"{{{{ {word[1]} }}}}" if known else word[0]


def filled(said: str, here: Place) -> str:
    """A step's words with the values in them; as they are where one has none yet."""
    return _filled(said, here.values, here)


def asked(said: str, here: Place) -> str:
    """The same for a model, which must not obey what a page says; see `Place.marked`."""
    return _filled(said, here.marked, here)


def _filled(said: str, values: Mapping[str, Value], here: Place) -> str:
    try:
        return fill(said, values, here.file.secrets)
    except TemplateError:
        return said


def page_content(text: str) -> str:
    """A page's text between the tags that the system prompt says hold data only."""
    return f"<page>{clean(text)}</page>"


def _marked(value: Value) -> Value:
    """The value, its texts marked as page content."""
    if isinstance(value, str):
        return page_content(value)
    if isinstance(value, list):
        return [_marked(item) for item in value]
    if isinstance(value, dict):
        return {name: _marked(item) for name, item in value.items()}
    return value
