"""The typed inputs of a workflow: what a file declares, and reading values for them.

Values come as text (`--input size=Large`, a cell of a CSV file) or as Python values; both are
checked against the declaration before anything is opened.
"""

import csv
import io
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from tasks.workflow.parts import Part, Short, YesNo, refusal
from tasks.workflow.templates import Value, shown


class InputError(ValueError):
    """A value does not fit its input, or an input has none: one sentence."""


class Input(Part):
    """Base of all inputs. An input without a default must be given."""

    expected: ClassVar[str]
    type: str
    description: str = Field(default="", description="what it is, for whoever must give it")
    default: Any = None

    @property
    def required(self) -> bool:
        """Whether a value must be given."""
        return self.default is None

    @property
    def default_text(self) -> str:
        """The default as it is given on the command line; "" if there is none."""
        return shown(self.default)

    def check(self, value: Value) -> Value:
        """The value as this input's type. Raises InputError."""
        raise NotImplementedError

    def _refused(self, value: Value) -> InputError:
        return InputError(f"expected {self.expected}, not {str(value)[:60]!r}")


class TextInput(Input):
    """Any text."""

    expected = "a text"
    type: Literal["text"] = "text"
    default: str | None = None

    def check(self, value: Value) -> str:
        """The text; numbers are written out."""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self._refused(value)
        return str(value)


class NumberInput(Input):
    """A number."""

    expected = "a number, such as 3 or 2.5"
    type: Literal["number"] = "number"
    default: float | None = None

    def check(self, value: Value) -> float:
        """The number, with a point as in 2.5."""
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise self._refused(value) from None
        if number != number or number in (float("inf"), -float("inf")):
            raise self._refused(value)
        return number


class YesNoInput(Input):
    """Yes or no."""

    expected = "yes or no"
    type: Literal["yes_no"] = "yes_no"
    default: YesNo | None = None

    def check(self, value: Value) -> bool:
        """True for yes, true, on and 1, False for their opposites, in any case."""
        try:
            return _YES_NO.validate_python(value)
        except ValidationError:
            raise self._refused(value) from None


class DateInput(Input):
    """A date."""

    expected = "a date as YYYY-MM-DD"
    type: Literal["date"] = "date"
    default: date | None = None

    def check(self, value: Value) -> date:
        """The date."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(str(value).strip())
        except ValueError:
            raise self._refused(value) from None


class ChoiceInput(Input):
    """One of several texts."""

    expected = "one of the options"
    type: Literal["choice"] = "choice"
    options: list[str] = Field(min_length=1, description="what can be chosen")
    default: str | None = None

    @model_validator(mode="after")
    def _default_is_an_option(self) -> "ChoiceInput":
        if self.default is not None and self.default not in self.options:
            raise refusal(f"the default must be one of {', '.join(self.options)}")
        return self

    def check(self, value: Value) -> str:
        """The option, exactly as it is written in the file."""
        said = str(value).strip()
        if said not in self.options:
            raise InputError(f"expected one of {', '.join(self.options)}, not {said[:60]!r}")
        return said


class ListInput(Input):
    """Several texts, for `for_each`."""

    expected = "a list, such as: Olives, Capers"
    type: Literal["list"] = "list"
    default: list[str] | None = None

    @property
    def default_text(self) -> str:
        """`Olives, Capers`, in double quotes what holds a comma."""
        return ", ".join(map(_cell, self.default or []))

    def check(self, value: Value) -> list[str]:
        """The texts; a single text is split at commas, as a line of a CSV file would be."""
        if isinstance(value, str):
            row: list[str] = next(csv.reader([value], skipinitialspace=True), [])
            return [item.strip() for item in row if item.strip()]
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            raise self._refused(value)
        return list(value)


class FileInput(Input):
    """A file on this computer."""

    expected = "the path of a file"
    type: Literal["file"] = "file"
    default: str | None = None

    def check(self, value: Value) -> str:
        """The absolute path of a file that exists."""
        path = Path(str(value)).expanduser()
        if not str(value).strip() or not path.is_file():
            raise InputError(f"there is no file {str(value)[:200]}")
        return str(path.absolute())


def _cell(text: str) -> str:
    """A text as a cell of a CSV file."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([text])
    return line.getvalue()


_SIMPLE = ["text", "number", "yes_no", "date", "list", "file"]
"""The types that need nothing else said; a choice needs its options."""


def _short_form(value: object) -> object:
    return {"type": value} if isinstance(value, str) else value


AnyInput = Annotated[
    TextInput | NumberInput | YesNoInput | DateInput | ChoiceInput | ListInput | FileInput,
    Field(discriminator="type"),
]
DeclaredInput = Annotated[AnyInput, Short(_short_form, lambda long: {"enum": _SIMPLE})]
"""An input; `name: text` is short for `name: {type: text}`."""


def resolve(inputs: Mapping[str, Input], given: Mapping[str, Value]) -> dict[str, Value]:
    """A value for every input: the given ones checked, the rest by default.

    Raises InputError for a name that is no input, a value that does not fit, or one that is
    missing.
    """
    for name in given:
        if name not in inputs:
            close = get_close_matches(name, list(inputs), n=1)
            known = (
                f"did you mean {close[0]}?" if close else f"inputs: {', '.join(inputs) or 'none'}"
            )
            raise InputError(f"{name} is no input of this workflow; {known}")
    values: dict[str, Value] = {}
    for name, declared in inputs.items():
        if name in given:
            try:
                values[name] = declared.check(given[name])
            except InputError as error:
                raise InputError(f"{name}: {error}") from None
        elif declared.required:
            about = f" ({declared.description})" if declared.description else ""
            raise InputError(f"the input {name}{about} has no value: expected {declared.expected}")
        else:
            values[name] = declared.default
    return values


_YES_NO: TypeAdapter[bool] = TypeAdapter(bool)
