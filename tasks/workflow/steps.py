"""The steps of a workflow that are no single exact action, and the type of any step.

Exact actions are in `exact`, reading data from a page is in `extract`.
"""

from typing import Annotated

from pydantic import BaseModel, Field, TypeAdapter
from typing_extensions import TypeAliasType

from tasks.workflow.exact import EXACT
from tasks.workflow.extract import Extract
from tasks.workflow.parts import Given, ListSource, Name, Text
from tasks.workflow.step import Step
from tasks.workflow.union import ByKey


class Do(Step):
    """A sentence for the model, as a task of `secondlook run` would say it."""

    do: Text = Field(min_length=1, description="what to do, in plain words")

    def said(self) -> str:
        """The name, or the sentence."""
        return self.name or self.do


class ForEach(Step):
    """Steps that are done once for each entry of a list or row of a table."""

    for_each: dict[Name, ListSource] = Field(
        min_length=1,
        max_length=1,
        description='a name for the entry, and the list: {topping: "{{ toppings }}"}',
    )
    steps: list["AnyStep"] = Field(min_length=1)

    @property
    def variable(self) -> str:
        """The name of the entry in the steps."""
        return next(iter(self.for_each))

    @property
    def over(self) -> str | list[str]:
        """What it goes through: a template, or texts."""
        return self.for_each[self.variable]

    def said(self) -> str:
        """`for each topping of {{ toppings }}`."""
        over = self.over if isinstance(self.over, str) else ", ".join(self.over)
        return self.name or f"for each {self.variable} of {over}"


class Call(Step):
    """Another workflow, done as one step."""

    call: str = Field(min_length=1, description="the other file, from this file's folder")
    inputs: dict[Name, Given] = Field(default={}, description="its inputs")
    into: Name | None = Field(
        default=None, alias="as", description="a name for its outputs: {{ name.output }}"
    )

    def said(self) -> str:
        """`call login.yaml`."""
        return self.name or f"call {self.call}"


STEPS: dict[str, type[BaseModel]] = {
    **EXACT,
    "do": Do,
    "for_each": ForEach,
    "extract": Extract,
    "call": Call,
}
"""Every kind of step by the key that tells it."""

_SYNONYMS = {
    "goto": "navigate",
    "open": "navigate",
    "go": "navigate",
    "visit": "navigate",
    "uncheck": "check with checked: no",
    "tap": "click",
    "choose": "select",
    "enter": "fill",
    "input": "fill",
    "key": "press",
    "accept": "dialog",
    "ask": "do",
    "if": "when",
    "loop": "for_each",
    "task": "do",
    "assert": "expect",
}

AnyStep = TypeAliasType("AnyStep", Annotated[Step, ByKey(STEPS, "step", _SYNONYMS)])

_STEP: TypeAdapter[Step] = TypeAdapter(AnyStep)


def step_from(data: object) -> Step:
    """A step from plain data as a file would have it. Raises pydantic's ValidationError."""
    return _STEP.validate_python(data)
