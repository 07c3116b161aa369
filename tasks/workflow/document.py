"""A YAML file as a tree of nodes that know where they stand.

Of YAML only what a workflow needs is taken: mappings, lists and texts. Anchors, aliases, merge
keys, tags and several documents are refused, so nothing in a file can multiply or be built.
Every scalar stays the text that stands there; what it means is up to the model that reads it, so
an unquoted `no`, `007` or `2026-01-01` never turns into something else.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

DEEPEST = 40
"""How deeply lists and mappings may be nested."""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BRACES = 'a value that begins with {{ must be in quotes: "{{ name }}"'


@dataclass(frozen=True)
class Place:
    """A position in the text: line and column from 1, offset from 0."""

    line: int
    column: int
    offset: int


class NotReadable(Exception):
    """The text is no YAML, or uses what is not allowed here."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line, self.column = line, column


@dataclass
class Node:
    """A scalar (`text`), a list (`items`) or a mapping (`entries`), and where it stands.

    `end` is the offset behind it; of a block list or mapping that is the beginning of what
    follows. `style` is the scalar's quote, or "flow" for lists and mappings in brackets.
    """

    kind: str
    start: Place
    end: int = 0
    text: str = ""
    style: str = ""
    items: list["Node"] = field(default_factory=list)
    entries: dict[str, tuple["Node", "Node"]] = field(default_factory=dict)

    def data(self) -> Any:
        """The plain data: texts, None for nothing, lists, dicts."""
        if self.kind == "scalar":
            return None if not self.style and self.text in _NULL else self.text
        if self.kind == "list":
            return [item.data() for item in self.items]
        return {key: value.data() for key, (_, value) in self.entries.items()}

    def get(self, key: str | int) -> "Node | None":
        """The value of a key, or the entry of a list."""
        if isinstance(key, int):
            return self.items[key] if 0 <= key < len(self.items) else None
        return self.entries[key][1] if key in self.entries else None

    def key(self, name: str) -> "Node | None":
        """The key itself."""
        return self.entries[name][0] if name in self.entries else None

    def find(self, path: Sequence[str | int]) -> "Node":
        """The innermost node on a path that exists; parts of the path that are no key are passed.

        pydantic's paths also name the members of unions, which stand in no file.
        """
        node = self
        for part in path:
            node = node.get(part) or node
        return node


def read_document(text: str) -> Node:
    """The one document of a text. Raises NotReadable."""
    try:
        return _Builder(yaml.parse(text, Loader=_LOADER)).document()
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(error, text) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        column = error.position - (before.rfind("\n") + 1) + 1
        message = "a control character stands here, which no YAML file may hold"
        raise NotReadable(message, before.count("\n") + 1, column) from None
    except yaml.YAMLError:
        raise NotReadable("this is no YAML", 1, 1) from None


class _Builder:
    """Builds the tree from the parser's events and refuses what is not allowed."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events

    def document(self) -> Node:
        root: Node | None = None
        open_nodes: list[Node] = []
        keys: list[Node | None] = []  # of each open node the key that waits for its value
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                raise _refused(event, "a second document (---) begins here; a file has one")
            if isinstance(event, yaml.NodeEvent):
                _allowed(event, len(open_nodes))
                node = _node(event)
                root = root or node
                if open_nodes:
                    keys[-1] = _put(open_nodes[-1], keys[-1], node)
                if isinstance(event, yaml.CollectionStartEvent):
                    open_nodes.append(node)
                    keys.append(None)
            elif isinstance(event, yaml.CollectionEndEvent):
                open_nodes.pop().end = _end(event)
                keys.pop()
        if root is None:
            raise NotReadable("the file is empty: expected workflow: and steps:", 1, 1)
        return root


def _node(event: Any) -> Node:
    mark = event.start_mark
    start = Place(mark.line + 1, mark.column + 1, mark.index)
    if isinstance(event, yaml.ScalarEvent):
        style = event.style if event.style in ('"', "'", "|", ">") else ""
        return Node("scalar", start, _end(event), event.value, style)
    kind = "list" if isinstance(event, yaml.SequenceStartEvent) else "mapping"
    return Node(kind, start, style="flow" if event.flow_style else "")


def _end(event: Any) -> int:
    offset: int = event.end_mark.index
    return offset


def _put(parent: Node, key: Node | None, node: Node) -> Node | None:
    """Hang a node into its parent; the key that now waits for its value."""
    if parent.kind == "list":
        parent.items.append(node)
        return None
    if key is not None:
        parent.entries[key.text] = (key, node)
        return None
    if node.kind != "scalar":
        raise NotReadable(f"expected a key here; {_BRACES}", node.start.line, node.start.column)
    if node.text == "<<":
        message = "merge keys (<<) are not allowed: write the keys out"
        raise NotReadable(message, node.start.line, node.start.column)
    if earlier := parent.key(node.text):
        message = f"{node.text} stands here twice, the first time in line {earlier.start.line}"
        raise NotReadable(message, node.start.line, node.start.column)
    return node


def _allowed(event: Any, depth: int) -> None:
    if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
        raise _refused(
            event,
            "anchors and aliases (& and *) are not allowed: write it out, or put a text that "
            "begins so into quotes",
        )
    if event.tag is not None:
        raise _refused(event, "tags (!…) are not allowed: a workflow is plain data")
    if depth > DEEPEST:
        raise _refused(event, f"lists and mappings are nested more than {DEEPEST} deep")


def _refused(event: Any, message: str) -> NotReadable:
    return NotReadable(message, event.start_mark.line + 1, event.start_mark.column + 1)


def _not_yaml(error: yaml.MarkedYAMLError, text: str) -> NotReadable:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    lines = text.split("\n")
    here = lines[line][column:] if line < len(lines) else ""
    said = error.problem or "this is no YAML"
    if "cannot start any token" in said:
        said = _cannot_start(here, lines[line] if line < len(lines) else "")
    elif "mapping values are not allowed" in said:
        said = "a colon stands where none can: put a text with a colon into quotes, or indent less"
    elif "block sequence entries" in said or "did not find expected '-'" in said:
        said = "this line does not fit the list around it: check its indentation and its dash"
    elif "unexpected end of stream" in said:
        said = "the quotes that begin here are never closed"
        line, column = _context(error, line, column)
    elif "did not find expected key" in said or "could not find expected ':'" in said:
        said = "expected a key and a colon here: check the indentation, and quotes within quotes"
    elif "did not find expected ','" in said:
        said = "the bracket that begins here is never closed, or a comma is missing"
        line, column = _context(error, line, column)
    elif "<document start>" in said:
        said = "this line does not belong to what stands above: check the indentation"
    elif "unknown escape" in said:
        said = 'in "double quotes" a backslash must be written twice; in single quotes once'
    else:
        said = f"this is no YAML: {said}"
    return NotReadable(said, line + 1, column + 1)


def _cannot_start(here: str, line: str) -> str:
    if here.startswith("\t") or line.startswith("\t"):
        return "a tab stands here: indent with spaces"
    return f"a text cannot begin with {here[:1]}: put it into quotes"


def _context(error: yaml.MarkedYAMLError, line: int, column: int) -> tuple[int, int]:
    mark = error.context_mark
    return (mark.line, mark.column) if mark else (line, column)
