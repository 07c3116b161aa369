"""What may be answered: a JSON schema for each question, narrowed to the page at hand.

A `ref` is one of the refs that stand on this page and fit the action, an option one of its
list's, a tab one that is open. So an endpoint that can constrain decoding cannot name what
is not there, however small its model; for the others `agent.model.check` says what was wrong.

The schemas use few keywords: type, properties, required, additionalProperties, enum, const,
anyOf, items, minItems, maxItems, minLength, maxLength, minimum, maximum (also exclusive),
description; and one of our own, `x-leading`: in a list, the schema of all items but the last.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from copy import deepcopy
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel

import tools.actions  # noqa: F401  fills the registry
from agent.answers import DecideAnswer, FinishAnswer, PlanAnswer, ReflectAnswer
from tools.observation import Element, Observation
from tools.record import REF_PATTERN, REGISTRY, Tool
from tools.roles import fits

Schema = dict[str, Any]
Question = Literal["plan", "replan", "decide", "reflect", "finish"]

LEADING = "x-leading"
TEXT_LENGTH = 8000
"""Characters of a text in an answer."""

_LINE = 400
"""Characters of a step of the plan."""

_BATCHABLE = frozenset({"fill", "type", "select", "check"})
"""Actions that may be followed by others in one answer: they leave the page as it is."""

_IN_DIALOG = frozenset({"dialog", "ask"})
"""While a box of the browser is open nothing else is possible."""


def answer_schema(
    question: Question,
    observation: Observation | None = None,
    learned: Collection[str] | None = None,
) -> Schema:
    """The schema of the answer to this question on this page.

    `learned` are the actions that the model was trained for, if those are not all.
    """
    if question in ("plan", "replan"):
        return _plan()
    if question == "reflect":
        return _plain(ReflectAnswer)
    if question == "finish":
        return _finish(observation)
    return _decide(observation, learned)


def _plan() -> Schema:
    schema = _plain(PlanAnswer)
    for text in schema["properties"]["steps"]["items"]["properties"].values():
        text["maxLength"] = _LINE
    return schema


def _finish(observation: Observation | None) -> Schema:
    schema = _plain(FinishAnswer)
    refs = [f"[{ref}]" for ref in observation.shown] if observation else []
    if refs:
        schema["properties"]["evidence"]["items"] = {"enum": refs}
    else:
        del schema["properties"]["evidence"]
    return schema


def _decide(observation: Observation | None, learned: Collection[str] | None) -> Schema:
    actions = list(_actions(observation, learned if observation else None))
    batch = [a for a in actions if a["properties"]["action"]["const"] in _BATCHABLE]
    schema = _plain(DecideAnswer)
    items = schema["properties"]["actions"]
    items["items"] = {"anyOf": actions}
    if batch:
        items[LEADING] = {"anyOf": batch}
    else:
        items["maxItems"] = 1
    return schema


def _actions(observation: Observation | None, learned: Collection[str] | None) -> Iterator[Schema]:
    """One schema for each action that is possible now; for lists one for each list."""
    page = _Page(observation)
    for tool in REGISTRY.values():
        if page.possible(tool) and (learned is None or tool.name in learned):
            yield from page.narrowed(tool)


class _Page:
    """What this page offers to actions."""

    def __init__(self, observation: Observation | None) -> None:
        self._observation = observation
        shown = set(observation.shown) if observation else set()
        self._elements = [e for e in observation.elements if e.ref in shown] if observation else []
        self._everything_shown = not observation or all(
            e.ref in shown for e in observation.elements if e.ref
        )

    def possible(self, tool: Tool) -> bool:
        if self._observation is None:
            return tool.name in ("navigate", "open_tab", "ask", "finish")
        if self._observation.dialog or tool.name == "dialog":
            return bool(self._observation.dialog) and tool.name in _IN_DIALOG
        if tool.name in ("switch_tab", "close_tab"):
            return len(self._observation.tabs) > 1
        return tool.name != "look" or not self._everything_shown

    def narrowed(self, tool: Tool) -> Iterator[Schema]:
        fitting = [e for e in self._elements if fits(tool, e)]
        if tool.name == "select":
            yield from self._selects(tool, fitting)
            return
        schema = _plain(tool.args)
        schema["properties"]["action"] = {"const": tool.name}
        schema["required"] = ["action", *(n for n in schema["required"] if n != "action")]
        fields = schema["properties"]
        for name in [n for n in fields if _is_ref(tool.args, n)]:
            if refs := [f"[{e.ref}]" for e in (fitting if name == "ref" else self._elements)]:
                fields[name] = {"enum": refs}
            elif name in schema["required"]:
                return
            else:
                del fields[name]
        if "tab" in fields:
            fields["tab"] = {"enum": self._tabs(tool)}
        yield schema

    def _tabs(self, tool: Tool) -> list[int]:
        assert self._observation is not None
        here = self._observation.tab if tool.name == "switch_tab" else None
        return [n for n in range(len(self._observation.tabs)) if n != here]

    def _selects(self, tool: Tool, lists: Iterable[Element]) -> Iterator[Schema]:
        for element in lists:
            labels = [o.label for o in element.options if not o.disabled]
            labels = labels or [o.label for o in element.options]
            option = {"enum": list(dict.fromkeys(labels))} if labels else _text(1)
            fields = {"action": {"const": tool.name}, "ref": {"const": f"[{element.ref}]"}}
            yield _object({**fields, "option": option}, ["action", "ref", "option"])


def _is_ref(args: type[BaseModel], name: str) -> bool:
    return any(
        getattr(rule, "pattern", None) == REF_PATTERN for rule in args.model_fields[name].metadata
    )


def _plain(model: type[BaseModel]) -> Schema:
    """pydantic's schema in our few keywords, the caller's own to narrow."""
    return deepcopy(_generated(model))


@cache
def _generated(model: type[BaseModel]) -> Schema:
    """With references resolved, null and titles gone; pydantic takes 0.5 ms for each."""
    raw = model.model_json_schema()
    simple: Schema = _simplify(raw, raw.get("$defs", {}))
    return simple


_KEPT = frozenset(
    "type properties required additionalProperties enum const anyOf items minItems maxItems "
    "minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum description".split()
)


def _simplify(schema: Any, defs: Schema) -> Any:
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _simplify(defs[schema["$ref"].rpartition("/")[2]], defs)
    if "anyOf" in schema:
        options = [o for o in schema["anyOf"] if o.get("type") != "null"]
        if len(options) == 1:
            rest = {k: v for k, v in schema.items() if k != "anyOf"}
            return _simplify({**options[0], **rest}, defs)
    kept = {k: v for k, v in schema.items() if k in _KEPT}
    if "properties" in kept:
        kept["properties"] = {k: _simplify(v, defs) for k, v in kept["properties"].items()}
        kept.setdefault("required", [])
    if "items" in kept:
        kept["items"] = _simplify(kept["items"], defs)
    if kept.get("type") == "string" and "enum" not in kept and "const" not in kept:
        kept.setdefault("maxLength", TEXT_LENGTH)
    return kept


def _object(fields: Schema, required: Sequence[str]) -> Schema:
    return {
        "type": "object",
        "properties": fields,
        "required": list(required),
        "additionalProperties": False,
    }


def _text(least: int) -> Schema:
    return {"type": "string", "minLength": least, "maxLength": TEXT_LENGTH}
