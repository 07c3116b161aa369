"""Changing single steps of a workflow file and nothing else of its text.

A patch replaces a step, or puts steps before it. Only the characters that must change do: the
rest of the file, its comments and its layout stay, so that the diff is what one wants to review.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.errors import AgentError
from tasks.workflow.document import Node
from tasks.workflow.load import WorkflowFile, read
from tasks.workflow.problems import WorkflowInvalid
from tasks.workflow.scope import Path as DataPath
from tasks.workflow.step import Step
from tasks.workflow.steps import ForEach
from tasks.workflow.write import block, data_of, flow


class PatchFailed(AgentError):
    """A patch cannot be written into the file without changing something else."""


@dataclass(frozen=True)
class StepPatch:
    """What becomes of the step at `path` (see `WorkflowFile.steps`).

    `step` takes its place, None leaves it as it is; `before` are new steps in front of it.
    """

    path: DataPath
    step: Step | None = None
    before: tuple[Step, ...] = ()


@dataclass(frozen=True)
class _Edit:
    """One replacement in the text."""

    start: int
    end: int
    text: str


def patched(file: WorkflowFile, patches: Sequence[StepPatch]) -> str:
    """The file's text with the patches; at most one for each step.

    Raises PatchFailed when the text would not read back as exactly the patched workflow.
    """
    edits: list[_Edit] = []
    for patch in patches:
        node = file.root.find(patch.path)
        if patch.step is not None:
            edits += _replaced(file, node, _step_at(file, patch.path), patch.step)
        if patch.before:
            among = file.root.find(patch.path[:-1])
            edits.append(_put_before(file, node, patch.before, one_line=among.style == "flow"))
    text = file.text
    for edit in sorted(edits, key=lambda e: (e.start, e.end), reverse=True):
        text = text[: edit.start] + _with_ends(edit.text, file.text) + text[edit.end :]
    _must_read_back(file, patches, text)
    return text


def diff(file: WorkflowFile, text: str) -> str:
    """A unified diff from the file as it is to a new text of it."""
    name = str(file.path)
    old, new = file.text.splitlines(keepends=True), text.splitlines(keepends=True)
    return "".join(difflib.unified_diff(old, new, name, name))


def _replaced(file: WorkflowFile, node: Node, old: Step, new: Step) -> list[_Edit]:
    """The edits that turn one step into another."""
    before, after = data_of(old), data_of(new)
    if node.style == "flow":
        return [_Edit(node.start.offset, node.end, flow(after))]
    keys = list(node.entries)
    gone = [key for key in keys if key not in after]
    if keys[0] in gone:
        return [_Edit(node.start.offset, _content_end(file.text, node), _as_entry(after, node))]
    edits = [_without(file, node, key) for key in gone]
    for key in (k for k in after if k in before and k in node.entries and after[k] != before[k]):
        edits.append(_revalued(file, node, key, after[key]))
    added = {key: value for key, value in after.items() if key not in node.entries}
    if added:
        at = _line_end(file.text, _content_end(file.text, node))
        lines = "\n" + _indented(block(added).rstrip("\n"), node.start.column - 1)
        edits.append(_Edit(at, at, lines))
    return edits


def _revalued(file: WorkflowFile, node: Node, key: str, value: Any) -> _Edit:
    """Write another value behind a key: on its line, or as lines below it."""
    written, old = node.entries[key]
    whole = _indented(block({key: value}).rstrip("\n"), written.start.column - 1, first=False)
    if old.style == "flow":
        return _Edit(old.start.offset, old.end, flow(value))
    return _Edit(written.start.offset, _content_end(file.text, old), whole)


def _without(file: WorkflowFile, node: Node, key: str) -> _Edit:
    """Take out the lines of a key that is not the first of its step."""
    written, old = node.entries[key]
    begin = file.text.rfind("\n", 0, written.start.offset)
    return _Edit(begin, _line_end(file.text, _content_end(file.text, old)), "")


def _put_before(file: WorkflowFile, node: Node, steps: Sequence[Step], one_line: bool) -> _Edit:
    """Write steps before another one, above the comments that stand right over it."""
    data = [data_of(step) for step in steps]
    if one_line:
        at = node.start.offset
        return _Edit(at, at, "".join(f"{flow(step)}, " for step in data))
    dash = file.text.rfind("-", 0, node.start.offset)
    at = file.text.rfind("\n", 0, dash) + 1
    indent = dash - at
    while at > 0:
        above = file.text.rfind("\n", 0, at - 1) + 1
        if not file.text[above:at].lstrip().startswith("#"):
            break
        at = above
    entries = block({"steps": data}).partition("\n")[2].rstrip("\n").split("\n")
    return _Edit(at, at, "".join(f"{' ' * indent}{line[2:]}\n" for line in entries))


def _as_entry(data: Any, node: Node) -> str:
    return _indented(block(data).rstrip("\n"), node.start.column - 1, first=False)


def _indented(text: str, spaces: int, first: bool = True) -> str:
    lines = text.split("\n")
    shifted = [f"{' ' * spaces}{line}" if line else line for line in lines]
    return "\n".join(shifted if first else [lines[0], *shifted[1:]])


def _content_end(text: str, node: Node) -> int:
    """Where a node's own text ends, without comments and empty lines behind it."""
    if node.kind == "list" and node.style != "flow":
        return max([_content_end(text, item) for item in node.items])
    if node.kind == "mapping" and node.style != "flow":
        return max([_content_end(text, value) for _, value in node.entries.values()])
    if node.style in ("|", ">"):  # it ends with the line break behind its last line
        return len(text[: node.end].rstrip())
    return node.end


def _line_end(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    end = len(text) if end < 0 else end
    return end - 1 if text[end - 1 : end] == "\r" else end


def _with_ends(text: str, like: str) -> str:
    return text.replace("\n", "\r\n") if "\r\n" in like else text


def _step_at(file: WorkflowFile, path: DataPath) -> Step:
    return next(step for where, step in file.steps() if where == path)


def _must_read_back(file: WorkflowFile, patches: Sequence[StepPatch], text: str) -> None:
    by_path = {patch.path: patch for patch in patches}
    wanted = _patched_steps(("steps",), file.workflow.steps, by_path)
    try:
        _, now = read(text, file.path)
    except WorkflowInvalid:
        now = None
    if now != file.workflow.model_copy(update={"steps": wanted}):
        places = ", ".join(file.place(patch.path) for patch in patches)
        raise PatchFailed(
            f"The changes at {places} do not fit the file's layout: make them by hand."
        )


def _patched_steps(
    path: DataPath, steps: Sequence[Step], patches: dict[DataPath, StepPatch]
) -> list[Step]:
    """The steps as they must be after the patches."""
    done: list[Step] = []
    for number, step in enumerate(steps):
        where = (*path, number)
        patch = patches.get(where, StepPatch(where))
        if patch.step is None and isinstance(step, ForEach):
            inner = _patched_steps((*where, "steps"), step.steps, patches)
            step = step.model_copy(update={"steps": inner})
        done += [*patch.before, patch.step or step]
    return done
