"""Unions whose members are told by a key: a step by its action, a condition by what it looks at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Union

from pydantic import BaseModel, BeforeValidator, Discriminator, GetCoreSchemaHandler, Tag
from pydantic_core import CoreSchema

from tasks.workflow.parts import refusal
from tasks.workflow.suggest import meant


@dataclass(frozen=True)
class ByKey:
    """For `Annotated[Base, ByKey(…)]`: one of these models, the one whose key a mapping has.

    `what` is what a person calls it ("step"); `synonyms` are words that people try for a key.
    Several of the keys are an error, or if not `exclusive`, the first of `models` counts.
    """

    models: Mapping[str, type[BaseModel]]
    what: str
    synonyms: Mapping[str, str] = field(default_factory=dict)
    exclusive: bool = True

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """The schema of the union, and before it the check that one key is there."""
        members = tuple(Annotated[model, Tag(_tag(key))] for key, model in self.models.items())
        union: Any = Union[members]  # noqa: UP007
        checked = Annotated[union, Discriminator(self._tag_of), BeforeValidator(self._check)]
        return handler.generate_schema(checked)

    def _check(self, value: object) -> object:
        if isinstance(value, BaseModel):
            return value
        if not isinstance(value, dict):
            raise refusal(f"expected a {self.what}, a mapping with one of {self._keys}")
        found = [key for key in self.models if key in value]
        if self.exclusive and len(found) > 1:
            raise refusal(f"a {self.what} has one of {' and '.join(found)}: make it two")
        if not found:
            raise self._none_of(value)
        return value

    def _none_of(self, value: dict[Any, Any]) -> Exception:
        for key in map(str, value):
            hint = f", did you mean {self.synonyms[key]}?" if key in self.synonyms else ""
            if hint := hint or meant(key, self.models):
                return refusal(f"{key} is no {self.what}{hint}", key=key)
        return refusal(f"this {self.what} has none of {self._keys}")

    def _tag_of(self, value: object) -> str | None:
        if isinstance(value, dict):
            return next((_tag(key) for key in self.models if key in value), None)
        kinds = self.models.items()
        return next((_tag(key) for key, model in kinds if isinstance(value, model)), None)

    @property
    def _keys(self) -> str:
        return ", ".join(self.models)


def _tag(key: str) -> str:
    return f"<{key}>"  # no key of a file looks like this, so that a place can be told from it
