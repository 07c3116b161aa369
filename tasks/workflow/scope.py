"""Which names stand for what at each step of a workflow: unknown ones are found before it runs.

Names are inputs, secrets, loop variables and extracted values. A value extracted inside a loop is
that round's value there, and behind the loop all rounds' together: values as a list, records and
tables as one table.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tasks.workflow.conditions import InputIs
from tasks.workflow.exact import TAKES_SECRETS, ExactStep
from tasks.workflow.extract import Asked, Extract, Fields, OneValue
from tasks.workflow.inputs import InputError, ListInput
from tasks.workflow.locator import LocatorExpression
from tasks.workflow.parts import Part
from tasks.workflow.schema import Workflow
from tasks.workflow.step import Step
from tasks.workflow.steps import Call, Do, ForEach
from tasks.workflow.suggest import meant
from tasks.workflow.templates import Mention, mentions, whole

Path = tuple[str | int, ...]
"""Where something stands in a file: ("steps", 3, "click")."""


@dataclass(frozen=True)
class Shape:
    """What a name stands for; `fields` of a record or of a table's rows."""

    kind: Literal["value", "list", "record", "table"]
    fields: "Mapping[str, Shape]" = field(default_factory=dict)

    @property
    def entry(self) -> "Shape":
        """What a loop over it sees."""
        return Shape("record", self.fields) if self.kind == "table" else VALUE

    @property
    def gathered(self) -> "Shape":
        """What the rounds of a loop bring together."""
        return Shape("list") if self.kind in ("value", "list") else Shape("table", self.fields)


VALUE = Shape("value")


@dataclass(frozen=True)
class Flaw:
    """A problem with a place in the file's data; `at_key` if it is about the key there."""

    path: Path
    message: str
    at_key: bool = False


@dataclass(frozen=True)
class Callee:
    """What a workflow must know of another that it calls."""

    workflow: Workflow
    outputs: Mapping[str, Shape]


@dataclass
class Scope:
    """What checking a workflow's names found: its flaws, and the shapes of its outputs."""

    flaws: list[Flaw] = field(default_factory=list)
    outputs: dict[str, Shape] = field(default_factory=dict)


def check_names(workflow: Workflow, called: Mapping[str, Callee]) -> Scope:
    """Check every name of a workflow; `called` are the workflows that it calls, by `call`."""
    return _Checker(workflow, called).check()


class _Checker:
    def __init__(self, workflow: Workflow, called: Mapping[str, Callee]) -> None:
        self._workflow = workflow
        self._called = called
        self._secrets = set(workflow.secrets)
        self._found = Scope()

    def check(self) -> Scope:
        workflow = self._workflow
        names = {
            name: Shape("list") if isinstance(declared, ListInput) else VALUE
            for name, declared in workflow.inputs.items()
        }
        for number, secret in enumerate(workflow.secrets):
            if secret in names:
                self._flaw(("secrets", number), f"{secret} is an input already")
        self._text(("url",), workflow.url, names)
        self._steps(("steps",), workflow.steps, names)
        for name, output in workflow.outputs.items():
            path: Path = ("outputs", name)
            source = output.source or name
            where = (*path, "from") if output.source else path
            shape = self._shape(where, tuple(source.split(".")), names, at_key=not output.source)
            self._found.outputs[name] = shape or VALUE
        return self._found

    def _steps(self, path: Path, steps: Sequence[Step], names: dict[str, Shape]) -> None:
        """Check steps in their order; `names` learns what they extract."""
        for number, step in enumerate(steps):
            self._step((*path, number), step, names)

    def _step(self, path: Path, step: Step, names: dict[str, Shape]) -> None:
        for condition in _held(step.when, (*path, "when")):
            self._held(condition, names)
        if step.retry and isinstance(step, ForEach | Call):
            self._flaw((*path, "retry"), "retry stands at single steps: put it on those in it")
        if isinstance(step, ForEach):
            self._loop(path, step, names)
        else:
            self._own(path, step, names)
        for condition in _held(step.expect, (*path, "expect")):
            self._held(condition, names)

    def _own(self, path: Path, step: Step, names: dict[str, Shape]) -> None:
        skip = {"when", "expect"}
        if isinstance(step, Call):
            self._call(path, step, names)
            skip |= {"call", "inputs", "into"}
        for held in _held(step, path, skip):
            self._held(held, names, secrets=_may_name_secrets(step, held))
        if isinstance(step, Extract | Call) and step.into:
            shape = _extracted(step) if isinstance(step, Extract) else self._outputs(step)
            self._learn((*path, "as"), step.into, shape, names)

    def _loop(self, path: Path, step: ForEach, names: dict[str, Shape]) -> None:
        where = (*path, "for_each", step.variable)
        entry = VALUE
        if isinstance(step.over, str):
            mention = whole(step.over)
            shape = self._shape(where, mention.path if mention else (), names)
            if shape and shape.kind not in ("list", "table"):
                self._flaw(where, f"{step.over} is a {shape.kind}: a loop needs a list or a table")
            entry = shape.entry if shape else VALUE
        for number, text in enumerate(step.over if isinstance(step.over, list) else ()):
            self._text((*where, number), text, names)
        if step.variable in names or step.variable in self._secrets:
            self._flaw(where, f"{step.variable} is taken already: choose another name", at_key=True)
        inside = {**names, step.variable: entry}
        self._steps((*path, "steps"), step.steps, inside)
        del inside[step.variable]
        fresh = {name: shape for name, shape in inside.items() if name not in names}
        names.update({name: shape.gathered for name, shape in fresh.items()})

    def _call(self, path: Path, step: Call, names: dict[str, Shape]) -> None:
        callee = self._called.get(step.call)
        for name, given in step.inputs.items():
            where = (*path, "inputs", name)
            texts = {(*where, i): t for i, t in enumerate(given)} if isinstance(given, list) else {}
            for place, text in texts.items():
                self._text(place, text, names)
            if isinstance(given, str):
                self._text(where, given, names, any_shape=whole(given) is not None)
            if callee is not None:
                self._given(where, name, given, callee)
        for name, declared in callee.workflow.inputs.items() if callee else ():
            if declared.required and name not in step.inputs:
                message = f"{step.call} needs the input {name}"
                self._flaw((*path, "call"), message)

    def _given(self, where: Path, name: str, given: str | list[str], callee: Callee) -> None:
        declared = callee.workflow.inputs.get(name)
        if declared is None:
            hint = meant(name, callee.workflow.inputs)
            self._flaw(where, f"the called workflow has no input {name}{hint}", at_key=True)
        elif "{{" not in str(given):
            try:
                declared.check(given)
            except InputError as error:
                self._flaw(where, str(error))

    def _outputs(self, step: Call) -> Shape:
        callee = self._called.get(step.call)
        return Shape("record", callee.outputs if callee else {})

    def _learn(self, path: Path, name: str, shape: Shape, names: dict[str, Shape]) -> None:
        taken = name in self._workflow.inputs or name in self._secrets
        if taken or (name in names and names[name] != shape):
            self._flaw(path, f"{name} is taken already: choose another name")
        else:
            names[name] = shape

    def _held(self, held: "_Held", names: dict[str, Shape], secrets: bool = False) -> None:
        if held.reference:
            self._shape(held.path, tuple(held.text.split(".")), names)
        else:
            self._text(held.path, held.text, names, secrets=secrets)

    def _text(
        self,
        path: Path,
        text: str,
        names: Mapping[str, Shape],
        *,
        secrets: bool = False,
        any_shape: bool = False,
    ) -> None:
        for mention in mentions(text):
            if len(mention.path) == 1 and mention.name in self._secrets:
                if not secrets:
                    self._flaw(path, _misplaced(mention))
                continue
            shape = self._shape(path, mention.path, names)
            if shape and shape.kind != "value" and not any_shape:
                self._flaw(path, _no_text(mention, shape))

    def _shape(
        self, path: Path, name: tuple[str, ...], names: Mapping[str, Shape], at_key: bool = False
    ) -> Shape | None:
        """What a name stands for; None, and a flaw, if it stands for nothing."""
        first, *rest = name
        if first not in names:
            hint = meant(first, [*names, *self._secrets])
            self._flaw(path, f"{first} is no input and nothing extracted before{hint}", at_key)
            return None
        shape = names[first]
        if not rest:
            return shape
        if shape.kind != "record":
            use = "go through it with for_each" if shape.kind == "table" else "it has no fields"
            self._flaw(path, f"{first} is a {shape.kind}: {use}", at_key)
            return None
        if rest[0] not in shape.fields:
            hint = meant(rest[0], shape.fields) or f"; it has {', '.join(shape.fields) or 'none'}"
            self._flaw(path, f"{first} has no field {rest[0]}{hint}", at_key)
            return None
        return shape.fields[rest[0]]

    def _flaw(self, path: Path, message: str, at_key: bool = False) -> None:
        self._found.flaws.append(Flaw(path, message, at_key))


_WORDS = frozenset({"name", "description"})
"""Texts for people, in which nothing is filled."""


@dataclass(frozen=True)
class _Held:
    """A text somewhere in a step, with the argument that it stands in."""

    path: Path
    text: str
    field: str
    reference: bool = False


def _held(
    value: object, path: Path, skip: "set[str] | frozenset[str]" = frozenset()
) -> Iterator[_Held]:
    """Every text in a value that may hold names."""
    if isinstance(value, Part):
        for name, info in type(value).model_fields.items():
            if name in skip or name in _WORDS:
                continue
            key = info.alias or name
            inner = getattr(value, name)
            if isinstance(value, InputIs) and name == "input":
                yield _Held((*path, key), value.input, name, reference=True)
            elif isinstance(inner, str):
                yield _Held((*path, key), inner, name)
            else:
                yield from _held(inner, (*path, key))
    elif isinstance(value, LocatorExpression):
        yield from (_Held(path, text, "locator") for text in value.texts())
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _held(item, (*path, number))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _held(item, (*path, key))


def _may_name_secrets(step: Step, held: _Held) -> bool:
    if isinstance(step, Do):
        return held.field == "do"
    return isinstance(step, ExactStep) and (step.tool, held.field) in TAKES_SECRETS


def _extracted(step: Extract) -> Shape:
    source = step.extract
    if isinstance(source, OneValue):
        return VALUE
    assert isinstance(source, Fields | Asked)
    many = source.many if isinstance(source, Asked) else source.each is not None
    return Shape("table" if many else "record", dict.fromkeys(source.fields, VALUE))


def _misplaced(mention: Mention) -> str:
    return f"the secret {mention.name} may stand only in the text of fill or type, or in a do"


def _no_text(mention: Mention, shape: Shape) -> str:
    use = "go through it with for_each" if shape.kind in ("list", "table") else "name a field of it"
    return f"{mention.name} is a {shape.kind}, which is no text: {use}"
