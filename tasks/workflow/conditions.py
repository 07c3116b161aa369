"""Conditions: what must be true after a step (`expect`) or for it to be done at all (`when`).

Pure data; the runner looks at the page. A list of conditions means all of them.
"""

import re
from typing import Annotated, Any

from pydantic import Field, model_validator
from typing_extensions import TypeAliasType

from tasks.workflow.parts import LocatorText, Part, Reference, Short, Text, YesNo, refusal
from tasks.workflow.union import ByKey


class Condition(Part):
    """Base of all conditions."""


class Visible(Condition):
    """An element is visible."""

    visible: LocatorText


class Hidden(Condition):
    """No such element is visible."""

    hidden: LocatorText


class HasText(Condition):
    """The page, or an element, shows a text (spaces and letter case do not count)."""

    text: Text = Field(min_length=1)
    within: LocatorText | None = Field(default=None, alias="in")


class NoText(Condition):
    """Neither the page, nor the element, shows the text."""

    no_text: Text = Field(min_length=1)
    within: LocatorText | None = Field(default=None, alias="in")


class AtUrl(Condition):
    """The address: whole, or from the path on if it begins with /; * stands for anything."""

    url: Text = Field(min_length=1)

    @staticmethod
    def matches(wanted: str, address: str) -> bool:
        """Whether an address is the wanted one (`self.url` with its templates filled).

        An empty query (`/basket?`, as forms without fields lead to) is none.
        """
        address = address.removesuffix("?")
        if wanted.startswith("/"):
            address = re.sub(r"^[a-z]+://[^/]*", "", address) or "/"
        pattern = ".*".join(re.escape(part) for part in wanted.split("*"))
        return re.fullmatch(pattern, address) is not None


class HasValue(Condition):
    """A field holds a value; a list shows this option."""

    value: LocatorText
    wanted: Text = Field(alias="is")


class Checked(Condition):
    """A check box, radio button or switch is on (or, with `is: no`, off)."""

    checked: LocatorText
    wanted: YesNo = Field(default=True, alias="is")


class Enabled(Condition):
    """An element can be used (or, with `is: no`, is disabled)."""

    enabled: LocatorText
    wanted: YesNo = Field(default=True, alias="is")


class Count(Condition):
    """How many elements there are."""

    count: LocatorText
    wanted: int | None = Field(default=None, ge=0, alias="is")
    at_least: int | None = Field(default=None, ge=0)
    at_most: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _says_how_many(self) -> "Count":
        if self.wanted is None and self.at_least is None and self.at_most is None:
            raise refusal("count needs is, at_least or at_most with a number")
        return self


class InputIs(Condition):
    """An input, a loop's variable or an extracted value is this text, by its name."""

    input: Reference
    wanted: Text = Field(alias="is")


class All(Condition):
    """All of these hold."""

    all: list["AnyCondition"] = Field(min_length=1)


class Any_(Condition):
    """At least one of these holds."""

    any: list["AnyCondition"] = Field(min_length=1)


class Not(Condition):
    """This does not hold."""

    not_: "AnyCondition" = Field(alias="not")


CONDITIONS: dict[str, type[Condition]] = {
    "visible": Visible,
    "hidden": Hidden,
    "text": HasText,
    "no_text": NoText,
    "url": AtUrl,
    "value": HasValue,
    "checked": Checked,
    "enabled": Enabled,
    "count": Count,
    "input": InputIs,
    "all": All,
    "any": Any_,
    "not": Not,
}
"""Every kind of condition by the key that tells it."""

AnyCondition = TypeAliasType("AnyCondition", Annotated[Condition, ByKey(CONDITIONS, "condition")])


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, dict | Condition) else value


Conditions = Annotated[list[AnyCondition], Short(_as_list, lambda long: long["items"])]
"""One condition, or a list of which all must hold."""
