"""What a workflow is and needs, for `secondlook workflow check` and whoever starts a run."""

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, Field

from tasks.workflow.extract import Asked, Extract
from tasks.workflow.inputs import Input
from tasks.workflow.load import WorkflowFile
from tasks.workflow.problems import Problem
from tasks.workflow.step import Step
from tasks.workflow.steps import Call, Do, ForEach


class Place(BaseModel):
    """One problem of a file."""

    file: str
    line: int = Field(description="from 1; 0 if the file could not be read at all")
    column: int
    message: str


class Summary(BaseModel):
    """A workflow file, counted: what stands in it and what a run of it needs.

    `exact` steps need no model, `asked` ones do; loops are not counted, what they hold is. Steps,
    secrets and sites are those of the files that it calls, too.
    """

    kind: Literal["workflow"] = "workflow"
    file: str
    fine: bool
    name: str = ""
    exact: int = 0
    asked: int = 0
    inputs: dict[str, str] = {}
    secrets: list[str] = []
    sites: list[str] = []
    calls: list[str] = []
    problems: list[Place] = []


def summary(file: WorkflowFile) -> Summary:
    """What a file that was loaded holds and needs."""
    workflow = file.workflow
    steps = list(_counted(file))
    asked = sum(needs_model(step) for step in steps)
    return Summary(
        file=str(file.path),
        fine=True,
        name=workflow.workflow,
        exact=len(steps) - asked,
        asked=asked,
        inputs={name: _told(declared) for name, declared in workflow.inputs.items()},
        secrets=file.secrets,
        sites=[*([workflow.url] if workflow.url else []), *file.sites],
        calls=[str(called.path) for called in file.files() if called is not file],
    )


def refused(path: str, problems: list[Problem]) -> Summary:
    """What is to be said of a file that is none."""
    places = [Place(file=str(p.path), **{k: getattr(p, k) for k in _PLACE}) for p in problems]
    return Summary(file=path, fine=False, problems=places)


def needs_model(step: Step) -> bool:
    """Whether a step is asked of the model even when all goes well."""
    return isinstance(step, Do) or (isinstance(step, Extract) and isinstance(step.extract, Asked))


_PLACE = ("line", "column", "message")


def _counted(file: WorkflowFile) -> Iterator[Step]:
    for each in file.files():
        yield from (step for _, step in each.steps() if not isinstance(step, ForEach | Call))


def _told(declared: Input) -> str:
    """`choice (default Large): how big`."""
    default = declared.default_text or ("none" if declared.type == "list" else "empty")
    given = " (required)" if declared.required else f" (default {default})"
    about = f": {declared.description}" if declared.description else ""
    return f"{declared.type}{given}{about}"
