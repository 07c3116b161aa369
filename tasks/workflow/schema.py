"""A workflow file as data: name, start, inputs, secrets, sites, steps, outputs.

`load` reads one from YAML with line and column in every error; the JSON Schema for editors is
made from these models.
"""

from pathlib import PurePath
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema

from tasks.workflow.inputs import DeclaredInput
from tasks.workflow.parts import Name, Part, Reference, Short, Text, refusal
from tasks.workflow.steps import AnyStep
from tools.sites import SitePattern

SUFFIXES = (".csv", ".json")
"""What outputs are saved as."""


def _site(value: object) -> str:
    try:
        return SitePattern.parse(str(value)).text
    except ValueError as error:
        raise refusal(str(error)) from None


def _file_to_save(value: object) -> str:
    path = PurePath(str(value))
    inside = not path.is_absolute() and ".." not in path.parts and "\\" not in str(value)
    if not inside or path.suffix not in SUFFIXES or "{{" in str(value):
        raise refusal("expected the name of a .csv or .json file, without .. or {{ }}")
    return str(value)


Site = Annotated[str, PlainValidator(_site), WithJsonSchema({"type": "string"})]
"""A site that may be opened, as `--allow` takes it."""


class Output(Part):
    """What a run brings: an extracted value, and the file to save it to."""

    source: Reference | None = Field(
        default=None, alias="from", description="the extracted value; default: the output's name"
    )
    save: (
        Annotated[str, PlainValidator(_file_to_save), WithJsonSchema({"pattern": r"\.(csv|json)$"})]
        | None
    ) = Field(default=None, description="a .csv or .json file to write it to")


def _output(value: object) -> object:
    return {} if value is None else value


class Workflow(Part):
    """One workflow file."""

    workflow: str = Field(min_length=1, description="what it does, in one sentence")
    description: str = ""
    url: Text = Field(default="", description="where it begins")
    sites: list[Site] = Field(
        default=[], description="sites that may be opened besides that of url"
    )
    inputs: dict[Name, DeclaredInput] = Field(default={}, description="what a run is given")
    secrets: list[Name] = Field(
        default=[], description="by name, never the value; written {{NAME}} in a fill or type"
    )
    steps: list[AnyStep] = Field(min_length=1)
    outputs: dict[Name, Annotated[Output, Short(_output, lambda long: {"type": "null"})]] = Field(
        default={}
    )


def json_schema() -> dict[str, Any]:
    """The JSON Schema of workflow files, for completion and checks in editors."""
    schema: dict[str, Any] = _untitled(Workflow.model_json_schema())
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "secondlook workflow",
    }
    return head | schema


def _untitled(schema: Any) -> Any:
    """Without the titles that only repeat the keys."""
    if isinstance(schema, list):
        return [_untitled(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {k: v for k, v in schema.items() if k != "title" or not isinstance(v, str)}
    return {key: _untitled(value) for key, value in kept.items()}
