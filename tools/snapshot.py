"""Playwright's AI-mode ARIA snapshot, from its YAML-like text to a tree.

The text is written by Playwright's `renderAriaSnapshotAsYaml`: one node a line, two spaces
of indent a level. A line is `role "name as JSON" [attribute] [attribute=value]`, in single
quotes as a whole where YAML demands it, followed by `: text` or by deeper lines. Properties
are children of the form `/url: …`. Reading just this dialect takes a few milliseconds where
a YAML parser takes seconds on a large page.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tools.observation import clean

MAX_DEPTH = 150
"""Deeper nodes become children of the node at this depth, so that walks may recurse."""

_LINE = re.compile(
    r"""(?P<role>[A-Za-z]+)
        (?:[ ](?P<name>"(?:[^"\\]|\\.)*"))?
        (?P<flags>(?:[ ]\[(?!ref=|cursor=|box=)[^\]\s]+\])*)
        (?:[ ]\[ref=(?P<ref>\w+)\])?
        (?P<pointer>[ ]\[cursor=pointer\])?
        (?:[ ]\[box=(?P<box>[^\]\s]*)\])?
        (?:[ ]\[[^\]\s]+\])*
        (?P<colon>:(?:[ ](?P<text>.*))?)?$""",
    re.VERBOSE | re.DOTALL,
)
_FLAG = re.compile(r"\[([^\]=]+)(?:=([^\]]*))?\]")
_QUOTED_KEY = re.compile(r"'((?:[^']|'')*)'(:?)(?: (.*))?$", re.DOTALL)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|.)", re.DOTALL)
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}

Box = tuple[int, int, int, int]


@dataclass(slots=True, eq=False)
class Node:
    """One node of the snapshot. Strings are clean already (see `tools.observation.clean`).

    `ref` is Playwright's ("f1e3", "" if the element cannot be pointed at), `box` is x, y,
    width and height in CSS pixels of its frame's viewport, `flags` are the bracketed
    attributes ("checked" → "true" or "mixed"). A text node has role "text" and its words in
    `text`. `pointer` says that the mouse cursor is a hand over it and not over its parent;
    `frame` names its frame by the prefix of the refs there ("" or e.g. "f1"). `facts` is what
    the page itself told about the element (see `tools.facts`); `controls` counts the controls
    at and below it (filled by `tools.prune`).
    """

    role: str
    name: str = ""
    ref: str = ""
    box: Box | None = None
    flags: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    text: str = ""
    parent: "Node | None" = None
    children: list["Node"] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    pointer: bool = False
    frame: str = ""
    controls: int = 0

    def walk(self) -> Iterator["Node"]:
        """This node and all below it, in page order."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))


def parse(snapshot: str, scrub: Callable[[str], str] = clean) -> Node:
    """Read a snapshot taken with `mode="ai"`; the root's role is "page".

    `scrub` is applied to every string that comes from the page. Lines that are not of the
    dialect are kept as text, never dropped and never an error.
    """
    root = Node("page")
    open_nodes = [root]
    for line in snapshot.split("\n"):
        content = line.lstrip(" ")
        if not content.startswith("- "):
            continue
        depth = min((len(line) - len(content)) // 2, len(open_nodes) - 1, MAX_DEPTH)
        del open_nodes[depth + 1 :]
        parent = open_nodes[-1]
        content = content[2:]
        if content.startswith("/"):
            key, _, value = content[1:].partition(": ")
            parent.properties[key] = scrub(_unquote(value))
            continue
        node = _node(content, scrub)
        node.parent = parent
        parent.children.append(node)
        open_nodes.append(node)
    _set_frames(root)
    return root


def _node(content: str, scrub: Callable[[str], str]) -> Node:
    if content.startswith("text: "):
        return Node("text", text=scrub(_unquote(content[6:])))
    colon, text = "", ""
    if content.startswith("'") and (quoted := _QUOTED_KEY.match(content)):
        content, colon, text = quoted[1].replace("''", "'"), quoted[2], quoted[3] or ""
    match = _LINE.match(content)
    if match is None:
        return Node("text", text=scrub(content))
    role, name, flags, ref, pointer, box, _, plain = match.groups()
    node = Node(role, ref=ref or "", pointer=bool(pointer))
    if name:
        node.name = scrub(_json_string(name))
    if flags:
        node.flags = {key: value or "true" for key, value in _FLAG.findall(flags)}
    if box:
        node.box = _box(box)
    text = text if colon else (plain or "")
    if text:
        node.children.append(Node("text", text=scrub(_unquote(text)), parent=node))
    return node


def _box(numbers: str) -> Box | None:
    try:
        x, y, width, height = map(int, numbers.split(","))
    except ValueError:  # beyond what a page can be: 1e+21
        return None
    return x, y, width, height


def _set_frames(root: Node) -> None:
    """Note at each node which frame it is in; those without a ref are where their parent is."""
    root.frame = next((_prefix(node) for node in root.walk() if node.ref), "")
    for node in root.walk():
        for child in node.children:
            child.frame = _prefix(child) if child.ref else node.frame
        if node.role == "iframe":
            inner = [n for child in node.children for n in child.walk() if n.ref]
            for child in node.children:
                if inner and not child.ref:
                    child.frame = _prefix(inner[0])


def _prefix(node: Node) -> str:
    """What stands before the `e` of a node's ref."""
    return node.ref[: node.ref.rfind("e")]


def _json_string(quoted: str) -> str:
    if "\\" not in quoted:
        return quoted[1:-1]
    try:
        return str(json.loads(quoted, strict=False))
    except json.JSONDecodeError:
        return quoted[1:-1]


def _unquote(value: str) -> str:
    """A YAML scalar as Playwright writes it: plain, or in double quotes with escapes."""
    if len(value) < 2 or not (value[0] == value[-1] == '"'):
        return value
    if "\\" not in value:
        return value[1:-1]
    return _ESCAPE.sub(_unescape, value[1:-1])


def _unescape(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if len(code) == 3 else _ESCAPED.get(code, code)
