"""From a YAML file to a checked `Workflow`, with line and column in every error.

Loading never opens anything but the file and those that it calls.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from tasks.workflow.document import Node, NotReadable, read_document
from tasks.workflow.problems import Problem, WorkflowInvalid
from tasks.workflow.schema import Workflow
from tasks.workflow.scope import Callee, Flaw, Shape, check_names
from tasks.workflow.scope import Path as DataPath
from tasks.workflow.sentences import sentence
from tasks.workflow.step import Step
from tasks.workflow.steps import Call, ForEach

LARGEST = 1_000_000
"""Bytes of a file at most."""
MOST_CALLS_DEEP = 8
"""How deeply workflows may call each other."""


@dataclass(frozen=True)
class WorkflowFile:
    """A workflow with the file that it came from, and those that it calls, by `call`.

    `text` is the file as it is, `root` its nodes: `place` and `write` find steps by them.
    `outputs` says what each output is.
    """

    path: Path
    text: str
    root: Node
    workflow: Workflow
    called: Mapping[str, "WorkflowFile"] = field(default_factory=dict)
    outputs: Mapping[str, Shape] = field(default_factory=dict)

    def place(self, path: DataPath) -> str:
        """Where a step or a part of it stands, for messages: `order.yaml:12`."""
        return f"{self.path}:{self.root.find(path).start.line}"

    def steps(self) -> Iterator[tuple[DataPath, Step]]:
        """Every step with its path, also those in loops, but not those of called files."""
        yield from _steps(("steps",), self.workflow.steps)

    def files(self) -> "Iterator[WorkflowFile]":
        """This file and all that it calls, each once."""
        seen: dict[Path, WorkflowFile] = {}
        waiting = [self]
        while waiting:
            file = waiting.pop()
            if file.path not in seen:
                seen[file.path] = file
                waiting += file.called.values()
        yield from seen.values()

    @property
    def secrets(self) -> list[str]:
        """The names of all secrets that a run needs, those of called workflows included."""
        return _all(file.workflow.secrets for file in self.files())

    @property
    def sites(self) -> list[str]:
        """The sites that the files allow, those of called workflows included, without starts."""
        return _all(file.workflow.sites for file in self.files())


def load(path: Path) -> WorkflowFile:
    """Read a workflow file and what it calls. Raises WorkflowInvalid with every problem."""
    return _Loader(path.absolute().parent.resolve()).load(path, ())


def parse(text: str, path: Path = Path("workflow.yaml")) -> WorkflowFile:
    """Read a workflow from text as if it stood in `path`. Raises WorkflowInvalid."""
    return _Loader(path.absolute().parent.resolve()).parse(text, path, ())


def read(text: str, path: Path) -> tuple[Node, Workflow]:
    """The nodes and the workflow of a text; its names and calls are not looked at.

    Raises WorkflowInvalid.
    """
    try:
        root = read_document(text)
    except NotReadable as error:
        raise WorkflowInvalid([Problem(path, error.line, error.column, str(error))]) from None
    try:
        return root, Workflow.model_validate(root.data())
    except ValidationError as error:
        raise WorkflowInvalid(_problems(error, text, root, path)) from None


class _Loader:
    """Loads one file with what it calls; nothing outside of `folder` is read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, path: Path, callers: tuple[Path, ...]) -> WorkflowFile:
        try:
            with path.open("rb") as file:
                raw = file.read(LARGEST + 1)
        except OSError as error:
            message = f"cannot be read: {error.strerror or error}"
            raise WorkflowInvalid([Problem(path, 0, 0, message)]) from None
        if len(raw) > LARGEST:
            message = f"is larger than {LARGEST // 1_000_000} MB, which no workflow is"
            raise WorkflowInvalid([Problem(path, 0, 0, message)])
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = raw[: error.start]
            line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
            message = "is not UTF-8 here: save it as UTF-8"
            raise WorkflowInvalid([Problem(path, line, column, message)]) from None
        return self.parse(text, path, callers)

    def parse(self, text: str, path: Path, callers: tuple[Path, ...]) -> WorkflowFile:
        root, workflow = read(text, path)
        called = self._called(workflow, root, path, callers)
        scope = check_names(workflow, {k: Callee(f.workflow, f.outputs) for k, f in called.items()})
        if scope.flaws:
            raise WorkflowInvalid([_flaw(flaw, root, path) for flaw in scope.flaws])
        return WorkflowFile(path, text, root, workflow, called, scope.outputs)

    def _called(
        self, workflow: Workflow, root: Node, path: Path, callers: tuple[Path, ...]
    ) -> dict[str, WorkflowFile]:
        chain = (*callers, path.absolute().resolve())
        called: dict[str, WorkflowFile] = {}
        problems: list[Problem] = []
        for where, step in _steps(("steps",), workflow.steps):
            if not isinstance(step, Call) or step.call in called:
                continue
            target = path.parent / step.call
            if message := self._refused(target, chain):
                problems.append(_flaw(Flaw((*where, "call"), message), root, path))
                continue
            try:
                called[step.call] = self.load(target, chain)
            except WorkflowInvalid as error:
                problems += error.problems
        if problems:
            raise WorkflowInvalid(problems)
        return called

    def _refused(self, target: Path, chain: tuple[Path, ...]) -> str:
        """Why a file may not be called; "" if it may."""
        real = target.absolute().resolve()
        if not real.is_relative_to(self._folder):
            return f"a workflow may only call files in {self._folder} and below"
        if real in chain:
            names = " calls ".join(p.name for p in (*chain[chain.index(real) :], real))
            return f"workflows may not call each other in a circle: {names}"
        if len(chain) >= MOST_CALLS_DEEP:
            return f"workflows call each other more than {MOST_CALLS_DEEP} deep"
        return "" if real.is_file() else f"there is no file {target}"


def _steps(path: DataPath, steps: list[Step]) -> Iterator[tuple[DataPath, Step]]:
    for number, step in enumerate(steps):
        yield (*path, number), step
        if isinstance(step, ForEach):
            yield from _steps((*path, number, "steps"), step.steps)


def _all(names: Iterator[list[str]]) -> list[str]:
    return list(dict.fromkeys(name for some in names for name in some))


def _problems(error: ValidationError, text: str, root: Node, path: Path) -> list[Problem]:
    """pydantic's errors as sentences at their places in the file."""
    problems = []
    for each in error.errors(include_url=False):
        loc = each["loc"]
        context = each.get("ctx", {})
        node = root.find(loc)
        key = str(context.get("key", ""))
        if each["type"] == "union_tag_invalid":
            node = node.get(str(context["discriminator"]).strip("'")) or node
        elif key:
            node = node.key(key) or root.find(loc[:-1]).key(key) or node
        elif loc and loc[-1] == "[key]":
            node = root.find(loc[:-2]).key(str(loc[-2])) or node
        column = node.start.column + _shift(text, node, int(context.get("offset", 0)))
        problems.append(Problem(path, node.start.line, column, sentence(each)))
    return sorted(problems, key=lambda problem: (problem.line, problem.column))


def _shift(text: str, node: Node, offset: int) -> int:
    """How far right of a scalar's beginning its character at `offset` stands; 0 if unknown."""
    quote = 1 if node.style in ('"', "'") else 0
    begin = node.start.offset + quote
    plain = node.kind == "scalar" and text.startswith(node.text[:offset], begin)
    return quote + offset if plain and offset and "\n" not in node.text[:offset] else 0


def _flaw(flaw: Flaw, root: Node, path: Path) -> Problem:
    node = root.find(flaw.path)
    if flaw.at_key:
        node = root.find(flaw.path[:-1]).key(str(flaw.path[-1])) or node
    return Problem(path, node.start.line, node.start.column, flaw.message)
