"""The steps that need no model: one for each action of `tools` that can be repeated.

Each is a model made of its action's argument model in `tools.record.REGISTRY`, with locators in
the place of refs: there is one action set, and an action added there is a step here.
"""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    Field,
    PlainSerializer,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    create_model,
)
from pydantic.fields import FieldInfo

import tools.actions  # noqa: F401  fills the registry
from tasks.workflow.locator import LocatorExpression
from tasks.workflow.parts import WHOLE_TEMPLATE, YES_NO_SCHEMA, LocatorText, Short, Text, refusal
from tasks.workflow.sentences import sentence
from tasks.workflow.step import Step
from tasks.workflow.templates import Value, fill, value_of, whole
from tools.observation import Element
from tools.record import REF_PATTERN, REGISTRY, Action, Tool


class ExactStep(Step):
    """Base of the steps that are done without a model; `EXACT` holds them by action.

    The fields of each are its action's arguments, under the keys of the file: `ref` under the
    action's name.
    """

    tool: ClassVar[str]
    refs: ClassVar[tuple[str, ...]]

    approve: Literal["ask", "granted"] | None = Field(
        default=None,
        description="ask: always ask before it. granted: the file's author has said yes to it. "
        "Otherwise it is asked for when it has an effect outside the page",
    )

    @classmethod
    def of(
        cls, action: Action, locators: Mapping[str, LocatorExpression | str], **keys: Any
    ) -> "ExactStep":
        """The step that repeats an action; `locators` stand for its refs by argument name.

        `keys` are a step's own keys (`name`, `expect`). Raises pydantic's ValidationError where a
        locator is missing or none, and KeyError for an action that no step can repeat.
        """
        model = EXACT[action.action]
        given = action.model_dump(exclude={"action", *model.refs}, exclude_defaults=True)
        given |= {"nothing": None}
        known = {k: v for k, v in {**given, **locators}.items() if k in model.model_fields}
        return model.model_validate(keys | {model.written_as(name): v for name, v in known.items()})

    @classmethod
    def written_as(cls, argument: str) -> str:
        """The key of the file under which an argument stands."""
        return cls.model_fields[argument].alias or argument

    @property
    def locators(self) -> dict[str, LocatorExpression]:
        """The locators that stand for the action's refs, by argument name: `ref`, `to`."""
        found = {name: getattr(self, name) for name in self.refs}
        return {name: locator for name, locator in found.items() if locator is not None}

    def action(
        self, values: Mapping[str, Value], secrets: Collection[str] = (), **refs: str
    ) -> Action:
        """The action with templates filled; names of secrets stay where they may be typed.

        `refs` are what the observation calls the elements of `locators`. Raises TemplateError for
        a value that is missing, and pydantic's ValidationError for one that does not fit.
        """
        tool = REGISTRY[self.tool]
        given: dict[str, Any] = dict(refs)
        for name in tool.args.model_fields:
            value = getattr(self, name, None)
            if name in self.refs or name == "action" or value is None:
                continue
            if isinstance(value, str):
                keep = secrets if (self.tool, name) in TAKES_SECRETS else ()
                is_text = tool.args.model_fields[name].annotation is str
                value = fill(value, values, keep) if is_text else value_of(value, values)
            given[name] = value
        if "seconds" in tool.args.model_fields and self.timeout is not None:
            given["seconds"] = self.timeout
        return tool.args.model_validate(given)

    def said(self) -> str:
        """`fill textbox Name: {{ name }}`, `uncheck Olives`, `press Enter`."""
        if self.name:
            return self.name
        args = REGISTRY[self.tool].args
        given = {n: getattr(self, n) for n in args.model_fields if n in type(self).model_fields}
        action: Any = args.model_construct(**given | dict.fromkeys(self.refs, "[e0]"))
        around = [Element(role="", name=found.said()) for found in self.locators.values()]
        return str(action.said(*around))


TAKES_SECRETS = frozenset({("fill", "text"), ("type", "text")})
"""The arguments that a secret may be named in: what is typed into a field."""

NOT_EXACT = frozenset({"read", "extract", "look"})
"""Actions that bring something to a model; a step extracts instead."""


_WORDS: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("dialog", "accept"): {"accept": True, "dismiss": False},
}
"""Values that are written as words in a file."""


def _is_ref(field: FieldInfo) -> bool:
    return any(getattr(part, "pattern", None) == REF_PATTERN for part in field.metadata)


def _step_model(tool: Tool) -> type[ExactStep]:
    """The step of an action: its fields by their names, under the keys of the file."""
    fields = {n: f for n, f in tool.args.model_fields.items() if n not in ("action", "seconds")}
    refs = tuple(name for name, field in fields.items() if _is_ref(field))
    main = next((n for n, f in fields.items() if n == "ref" and f.is_required()), None)
    main = main or next((n for n in fields if n not in refs), None)
    made: dict[str, Any] = {}
    for name, field in fields.items():
        key = tool.name if name == main else "in" if name == "ref" else name
        kind = LocatorText if name in refs else _argument(tool, name, field)
        optional = not field.is_required()
        told = _about_element(tool, key) if name in refs else field.description
        default = field.default if optional else ...
        kind = kind | None if name in refs and optional else kind
        made[name] = (kind, Field(default, alias=key, description=told))
    if main is None:
        made["nothing"] = (Nothing, Field(alias=tool.name))
    model: type[ExactStep] = create_model(
        f"{tool.args.__name__}Step", __base__=ExactStep, __doc__=tool.description, **made
    )
    model.tool, model.refs = tool.name, refs
    return model


def _about_element(tool: Tool, key: str) -> str:
    if key == tool.name:
        return tool.description
    return "the element to drop it on" if key == "to" else "the element to do it in"


def _argument(tool: Tool, name: str, field: FieldInfo) -> Any:
    """The type of an argument in a file: its own, or a template that stands for it."""
    if field.annotation is str:
        if field.is_required():
            return Annotated[Text, Field(), *field.metadata]
        return Annotated[Text, Short(_empty_for_none, lambda long: {"type": "null"})]
    typed: Any = Annotated[field.annotation, field]
    own: TypeAdapter[Any] = TypeAdapter(typed)
    words = _WORDS.get((tool.name, name), {})

    def check(value: object) -> object:
        if isinstance(value, str) and whole(value):
            return value
        if words and value not in words and not isinstance(value, bool):
            raise refusal(f"expected {' or '.join(words)}")
        try:
            return own.validate_python(words.get(str(value), value))
        except ValidationError as error:
            raise refusal(sentence(error.errors()[0])) from None

    def write(value: object) -> object:
        return next((word for word, meant in words.items() if meant == value), value)

    schema = YES_NO_SCHEMA if field.annotation is bool else own.json_schema()
    schema = {"enum": list(words)} if words else schema
    template = {"type": "string", "pattern": WHOLE_TEMPLATE}
    shown = WithJsonSchema({"anyOf": [schema, template]})
    return Annotated[Any, PlainValidator(check), PlainSerializer(write), shown]


def _empty_for_none(value: object) -> object:
    return "" if value is None else value


def _nothing(value: object) -> None:
    if value not in (None, "", {}):
        raise refusal("expected nothing after this action")


Nothing = Annotated[None, PlainValidator(_nothing), WithJsonSchema({"type": "null"})]

EXACT: dict[str, type[ExactStep]] = {
    name: _step_model(tool)
    for name, tool in REGISTRY.items()
    if tool.effect != "talk" and name not in NOT_EXACT
}
"""The exact steps by action."""
