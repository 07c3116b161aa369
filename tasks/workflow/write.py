"""Workflows as YAML text, in the shortest form that reads back to the same models."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from tasks.workflow.exact import ExactStep
from tasks.workflow.extract import Found, OneValue, Wanted
from tasks.workflow.inputs import Input
from tasks.workflow.locator import LocatorExpression
from tasks.workflow.parts import Part
from tasks.workflow.schema import Output, Workflow
from tasks.workflow.step import Step

WIDTH = 100
"""Conditions and the like stand on one line up to this many characters."""

_FIRST = ("name", "when")
_LAST = ("expect", "retry", "timeout", "approve")


def to_yaml(workflow: Workflow) -> str:
    """A whole file."""
    return block(data_of(workflow))


def data_of(value: Any) -> Any:
    """A model as the plain data that a file would have: no defaults, short forms."""
    if isinstance(value, Part):
        return _shortened(value, _fields(value))
    if isinstance(value, LocatorExpression):
        return str(value)
    if isinstance(value, Mapping):
        return {name: data_of(item) for name, item in value.items()}
    if isinstance(value, list):
        return [data_of(item) for item in value]
    return value


def block(data: Any) -> str:
    """Data as lines of YAML, ended by a line break: what is small stands on one line."""
    return _dumped(_laid_out(data), one_line=False)


def flow(data: Any) -> str:
    """Data on one line, fit to stand within { } and [ ] as well."""
    return _dumped([data], one_line=True).strip()[1:-1]


def _dumped(data: Any, one_line: bool) -> str:
    text: str = yaml.dump(
        data,
        Dumper=_Dumper,
        default_flow_style=one_line,
        sort_keys=False,
        allow_unicode=True,
        width=10**6,
    )
    return text


def _fields(part: Part) -> dict[str, Any]:
    """The fields that say something, in the order in which they read best."""
    written = part.model_dump(by_alias=True)  # as the fields' own serializers write them
    found: dict[str, Any] = {}
    for name, field in type(part).model_fields.items():
        key, value = field.alias or name, getattr(part, name)
        needed = field.is_required() or (isinstance(part, ExactStep) and key == part.tool)
        if needed or value != field.default:
            nested = isinstance(value, Part | Mapping | list | LocatorExpression)
            found[key] = data_of(value) if nested else _plain(written[key])
            if value == "" and not field.is_required():
                found[key] = None
    if not isinstance(part, Step):
        return found
    own = [key for key in found if key not in _FIRST + _LAST]
    order = [*_FIRST, *own, *_LAST]
    return {key: found[key] for key in order if key in found}


def _plain(value: Any) -> Any:
    """A number as people write it: 1, not 1.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _shortened(part: Part, data: dict[str, Any]) -> Any:
    if isinstance(part, Step):
        for key in ("when", "expect"):
            if len(data.get(key, ())) == 1:
                data[key] = data[key][0]
    elif isinstance(part, Input):
        order = [key for key in ("description", "options", "default") if key in data]
        return {"type": part.type} | {key: data[key] for key in order} if order else part.type
    elif isinstance(part, Output) and not data:
        return None
    elif isinstance(part, Found) and len(data) == 1:
        return data["locator"]
    elif isinstance(part, Wanted) and set(data) <= {"type"}:
        return part.type
    elif isinstance(part, OneValue) and isinstance(data["value"], str):
        return data["value"]
    return data


@dataclass
class _Small:
    """A mapping or list that stands on one line if it fits."""

    data: Any


def _laid_out(data: Any) -> Any:
    """Workflows, steps, inputs and outputs stand on lines of their own."""
    if not isinstance(data, dict):
        return _Small(data)
    return {key: _laid_out_value(key, value) for key, value in data.items()}


def _laid_out_value(key: str, value: Any) -> Any:
    if key == "steps":
        return [_laid_out(step) for step in value]
    if key in ("inputs", "outputs"):
        return {name: _Small(item) for name, item in value.items()}
    return _Small(value)


_NULL = "tag:yaml.org,2002:null"


class _Dumper(yaml.SafeDumper):
    """Lists indented under their key, double quotes where quotes are needed, no anchors."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists, too."""
        super().increase_indent(flow, False)

    def choose_scalar_style(self) -> str:
        """Single quotes only around texts with double quotes or backslashes."""
        event: Any = self.event
        if self.flow_level and event.tag == _NULL and not event.value:
            event.value = "null"  # within { } nothing cannot be left out
        style: str = super().choose_scalar_style()
        text = event.value
        return '"' if style == "'" and not {'"', "\\"} & set(text) else style

    def ignore_aliases(self, data: Any) -> bool:
        """Write out what stands in several places."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _small(dumper: yaml.SafeDumper, small: _Small) -> yaml.Node:
    data = small.data
    if isinstance(data, dict) and len(flow(data)) > WIDTH:
        return dumper.represent_dict({key: _Small(value) for key, value in data.items()})
    if isinstance(data, list) and len(flow(data)) > WIDTH:
        return dumper.represent_list([_Small(item) for item in data])
    node = dumper.represent_data(data)
    if isinstance(node, yaml.CollectionNode):
        node.flow_style = True
    return node


def _nothing(dumper: yaml.SafeDumper, data: None) -> yaml.ScalarNode:
    return dumper.represent_scalar(_NULL, "")


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_Small, _small)
_Dumper.add_representer(type(None), _nothing)
