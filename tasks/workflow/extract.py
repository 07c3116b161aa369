"""Steps that read data from a page: by locators, or by the model from a sentence."""

from typing import Annotated, Any, get_args

from pydantic import Field

from tasks.workflow.parts import (
    LOCATOR_SCHEMA,
    LocatorText,
    Name,
    Part,
    Short,
    Text,
    ValueType,
    YesNo,
)
from tasks.workflow.step import Step
from tasks.workflow.union import ByKey


class Found(Part):
    """One value of the page: an element's text (or what a field holds), or an attribute of it."""

    locator: LocatorText
    type: ValueType = "text"
    attribute: str = Field(
        default="", pattern=r"^[\w:.-]*$", description="an attribute instead of the text: href"
    )


class Wanted(Part):
    """One value that the model is to find."""

    type: ValueType = "text"
    description: str = ""


def _found(value: object) -> object:
    return {"locator": value} if isinstance(value, str) else value


def _wanted(value: object) -> object:
    return {"type": value} if isinstance(value, str) else value


FoundField = Annotated[Found, Short(_found, lambda long: LOCATOR_SCHEMA)]
"""A locator, or a mapping with one; a text is short for `{locator: …}`."""
WantedField = Annotated[Wanted, Short(_wanted, lambda long: {"enum": list(get_args(ValueType))})]
"""A type, or a mapping with one; a text is short for `{type: …}`."""


class Extraction(Part):
    """Base of what can be extracted."""


class OneValue(Extraction):
    """One value."""

    value: FoundField


class Fields(Extraction):
    """A record; or with `each` a table, whose fields are looked for within each such element."""

    each: LocatorText | None = None
    fields: dict[Name, FoundField] = Field(min_length=1)


class Asked(Extraction):
    """What a sentence says, found by the model: a table, or with `many: no` one record."""

    do: Text = Field(min_length=1, description="what to collect, in plain words")
    fields: dict[Name, WantedField] = Field(min_length=1)
    many: YesNo = Field(default=True, description="no: one record instead of a table")

    def schema_of_answer(self) -> dict[str, Any]:
        """The JSON Schema that the model's answer must fit."""
        record = {
            "type": "object",
            "properties": {name: _schema(field) for name, field in self.fields.items()},
            "required": list(self.fields),
            "additionalProperties": False,
        }
        return {"type": "array", "items": record} if self.many else record


def _schema(field: Wanted) -> dict[str, Any]:
    types = {"number": "number", "yes_no": "boolean"}
    told = {"description": field.description} if field.description else {}
    dated = {"pattern": r"^\d{4}-\d{2}-\d{2}$"} if field.type == "date" else {}
    return {"type": types.get(field.type, "string"), **dated, **told}


def _one_value(value: object) -> object:
    return {"value": value} if isinstance(value, str) else value


KINDS: dict[str, type[Extraction]] = {"do": Asked, "value": OneValue, "fields": Fields}


class Extract(Step):
    """Read data from the page and keep it under a name; `extract: locator` reads one value."""

    extract: Annotated[
        Extraction,
        ByKey(KINDS, "extract", exclusive=False),
        Short(_one_value, lambda long: LOCATOR_SCHEMA),
    ]
    into: Name = Field(alias="as", description="the name to keep it under")

    def said(self) -> str:
        """`extract prices`."""
        return self.name or f"extract {self.into}"
