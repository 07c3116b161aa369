"""What all models of a workflow file share: strict keys, texts with templates, locators, times."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    PlainSerializer,
    PlainValidator,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import (
    CoreSchema,
    ErrorDetails,
    InitErrorDetails,
    PydanticCustomError,
    core_schema,
)

from tasks.workflow.locator import LocatorExpression
from tasks.workflow.notation import LocatorError, parse_locator
from tasks.workflow.suggest import meant
from tasks.workflow.templates import NAME, TemplateError, mentions, whole

WHOLE_TEMPLATE = r"^\s*\{\{.*\}\}\s*$"
"""A template and nothing else, for the JSON Schema."""


class Part(BaseModel):
    """Base of everything in a workflow file: unknown keys are errors, values do not change."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, coerce_numbers_to_str=True, serialize_by_alias=True
    )

    @model_validator(mode="wrap")
    @classmethod
    def _hint_at_known_keys(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Unknown keys are told with the known one that may be meant."""
        try:
            return handler(value)
        except ValidationError as error:
            known = [field.alias or name for name, field in cls.model_fields.items()]
            lines = [_with_hint(line, known) for line in error.errors(include_url=False)]
            raise ValidationError.from_exception_data(cls.__name__, lines) from None


def refusal(message: str, offset: int = 0, key: str = "") -> PydanticCustomError:
    """An error to raise in a validator: a sentence, and what it is about.

    That is a character of the value (`offset`), or one of its keys.
    """
    context = {"message": message, "offset": offset, "key": key}
    return PydanticCustomError("workflow", "{message}", context)


@dataclass(frozen=True)
class Short:
    """For `Annotated[Type, Short(…)]`: a shorter form that a file may have instead.

    `read` turns it into the long form and leaves everything else alone; `schema` is what editors
    are told of it, made from the long form's.
    """

    read: Callable[[Any], Any]
    schema: Callable[[dict[str, Any]], dict[str, Any]]

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """The type's own schema behind `read`."""
        return core_schema.no_info_before_validator_function(self.read, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Either form."""
        whole_form = handler(schema)
        return {"anyOf": [self.schema(whole_form), whole_form]}


def _with_hint(line: ErrorDetails, known: list[str]) -> InitErrorDetails:
    kind: str | PydanticCustomError = line["type"]
    context = line.get("ctx", {})
    if kind == "workflow":
        kind = refusal(**context)
    elif kind == "extra_forbidden" and len(line["loc"]) == 1:
        key = str(line["loc"][0])
        kind = refusal(f"{key} is no key here{meant(key, known)}", key=key)
    return InitErrorDetails(type=kind, loc=line["loc"], input=line["input"], ctx=context)


def _templates_sound(text: str) -> str:
    try:
        mentions(text)
    except TemplateError as error:
        raise refusal(str(error), error.offset) from None
    return text


def _locator(value: object) -> LocatorExpression:
    if isinstance(value, LocatorExpression):
        return value
    if not isinstance(value, str):
        raise refusal('expected a locator, such as get_by_role("button", name="Save")')
    try:
        return parse_locator(value)
    except LocatorError as error:
        raise refusal(str(error), error.offset) from None


def _texts(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(v, str | int | float) for v in value):
        raise refusal("expected a list of texts")
    return [_templates_sound(str(item)) for item in value]


def _list_source(value: object) -> str | list[str]:
    if isinstance(value, str) and whole(value):
        return value
    if isinstance(value, list):
        return _texts(value)
    raise refusal('expected a list, or the name of one in {{ }}, such as "{{ toppings }}"')


def _given(value: object) -> str | list[str]:
    if isinstance(value, list):
        return _texts(value)
    if not isinstance(value, str | int | float):
        raise refusal("expected a text or a list of texts")
    return _templates_sound(str(value))


_UNITS = {"ms": 0.001, "s": 1, "m": 60, "": 1}
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|)\s*")


def _seconds(value: object) -> float:
    match = _DURATION.fullmatch(str(value))
    seconds = float(match[1]) * _UNITS[match[2]] if match else 0
    if not 0 < seconds <= 3600:
        raise refusal("expected a time of at most an hour, such as 500ms, 10s or 2m")
    return seconds


Text = Annotated[
    str,
    AfterValidator(_templates_sound),
    WithJsonSchema({"type": ["string", "number", "boolean"]}),
]
"""A text that may hold templates. YAML's unquoted 007, yes and 2026-01-01 are texts here too."""

_LIST = {"type": "array", "items": {"type": ["string", "number", "boolean"]}}

ListSource = Annotated[
    str | list[str],
    PlainValidator(_list_source),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": WHOLE_TEMPLATE}, _LIST]}),
]
"""What a loop goes through: one template that stands for a list or table, or texts."""

Given = Annotated[
    str | list[str],
    PlainValidator(_given),
    WithJsonSchema({"anyOf": [{"type": ["string", "number", "boolean"]}, _LIST]}),
]
"""What a called workflow's input is given: a text with templates, or texts."""

LOCATOR_SCHEMA = {
    "type": "string",
    "description": "an element in Playwright's Python notation, such as "
    'get_by_role("button", name="Save") or get_by_label("Size")',
    "pattern": r"^\s*(page\.)?(get_by_\w+|locator|frame_locator)\(",
}

LocatorText = Annotated[
    LocatorExpression,
    PlainValidator(_locator),
    PlainSerializer(str, return_type=str),
    WithJsonSchema(LOCATOR_SCHEMA),
]
"""A locator in Playwright's Python notation."""

Seconds = Annotated[
    float,
    PlainValidator(_seconds),
    PlainSerializer(lambda seconds: f"{seconds:g}s", return_type=str),
    WithJsonSchema(
        {
            "type": ["string", "number"],
            "pattern": r"^\s*\d+(\.\d+)?\s*(ms|s|m)?\s*$",
            "description": "a time, such as 500ms, 10s or 2m",
        }
    ),
]
"""A time, in seconds once read."""


def _name(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(NAME, value):
        raise refusal("expected a name of letters, digits and _, such as size or card_number")
    return value


Name = Annotated[
    str, PlainValidator(_name), WithJsonSchema({"type": "string", "pattern": f"^{NAME}$"})
]
"""The name of an input, a secret, a loop's variable or an extracted value."""


def _reference(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(rf"{NAME}(\.{NAME})?", value):
        raise refusal("expected a name without braces, such as size or row.price")
    return value


Reference = Annotated[
    str,
    PlainValidator(_reference),
    WithJsonSchema({"type": "string", "pattern": rf"^{NAME}(\.{NAME})?$"}),
]
"""A name, or a field of a record: what may stand in a template."""

YES_NO_SCHEMA = {"enum": [True, False, "yes", "no"]}
YesNo = Annotated[bool, WithJsonSchema(YES_NO_SCHEMA)]
"""Yes or no, also as true or false."""

ValueType = Literal["text", "number", "yes_no", "date"]
"""The type of a single value."""
