"""What can be used but Playwright's snapshot gives no node of its own.

It takes text in one line, and what only wraps one other thing, into the node around it, and
leaves out what has no words. The page itself tells where these stand; here they get a node
again, with a target that finds them.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from pydantic import BaseModel, Field

from tools.locate import apart, standing
from tools.snapshot import Box, Node

_ROW = 100
"""Pixels of height of the rows by which nodes are looked up."""

Told = tuple[str, Box, Mapping[str, str]]
"""A frame, a place in it, and what the page tells of the element there."""


_EMPTY = frozenset(("generic", "img"))


class Bare(BaseModel):
    """An element that the snapshot may not have: its place, and what the page knows of it.

    `path` is its XPath below `html`, `around` are the boxes of the elements that it is in, from
    the inside out.
    """

    box: Box
    path: str = Field(pattern=r'^(//\*\[@id="[\w-]+"\])?(/\*\[\d+\])*$', min_length=1)
    around: list[Box] = []
    facts: dict[str, str] = {}


def set_in(tree: Node, told: Iterable[tuple[str, Bare]], scrub: Callable[[str], str]) -> None:
    """Give each of these elements a node, where the snapshot has none, and what is known of it."""
    places: dict[tuple[str, Box], list[Node]] = defaultdict(list)
    for node in tree.walk():
        if node.ref and node.box:
            places[node.frame, node.box].append(node)
    for frame, bare in told:
        known = {key: scrub(value) for key, value in bare.facts.items()}
        here = places.get((frame, bare.box), [])
        if known.get("role") == "textbox":
            own = next((n for n in here if n.facts.get("role") == "textbox"), None)
        else:
            own = next((n for n in here if n.role in _EMPTY and not n.children), None)
        if own is not None:
            own.facts.update(known)
            continue
        # In page order the innermost of equal boxes comes last.
        around = (places[frame, box][-1] for box in bare.around if (frame, box) in places)
        holder = next(around, tree if frame == tree.frame else None)
        if holder is not None:
            _insert(holder, Node("generic", box=bare.box, frame=frame, facts=known), bare)


def _insert(holder: Node, own: Node, bare: Bare) -> None:
    own.parent, own.ref = holder, standing(holder.ref, bare.path)
    after = (at for at, node in enumerate(holder.children) if _follows(node, bare.box))
    at = next(after, len(holder.children))
    if own.facts.get("role") == "textbox":  # the text in it is its value
        inside = [n for n in holder.children if n.box and _holds(own, n.box)]
        at = holder.children.index(inside[0]) if inside else at
        holder.children = [n for n in holder.children if n not in inside]
    holder.children.insert(at, own)


def _follows(node: Node, box: Box) -> bool:
    """Whether a node stands below this box, or right of it in one row."""
    if node.box is None:
        return False
    x, y, _, height = node.box
    return y >= box[1] + box[3] or (y + height > box[1] and x >= box[0] + box[2])


def set_apart(tree: Node, told: Iterable[Told], scrub: Callable[[str], str]) -> None:
    """Make a node of each of these pieces of text, where the snapshot has none."""
    rows: dict[tuple[str, int], list[Node]] = defaultdict(list)
    for node in tree.walk():
        if node.ref and node.box and any(child.role == "text" for child in node.children):
            first, last = node.box[1] // _ROW, (node.box[1] + node.box[3]) // _ROW
            for row in range(first, last + 1):
                rows[node.frame, row].append(node)
    for frame, box, known in told:
        text = scrub(known["words"])
        around = [n for n in rows[frame, box[1] // _ROW] if _holds(n, box)]
        # In page order the innermost comes last.
        holder = next((n for n in reversed(around) if _place(n, text) is not None), None)
        if holder is not None and text:
            _split(holder, text, box, known)


def _split(holder: Node, text: str, box: Box, known: Mapping[str, str]) -> None:
    at = _place(holder, text)
    assert at is not None, "the holder says the text"
    whole = holder.children[at].text
    start = _where(text, whole)
    before, after = whole[:start], whole[start + len(text) :]
    own = Node("generic", ref=apart(holder.ref, text), box=box, frame=holder.frame, parent=holder)
    own.children = [Node("text", text=text, parent=own, frame=holder.frame)]
    own.facts = {key: value for key, value in known.items() if key != "words"} | {"click": "1"}
    parts = [
        Node("text", text=s.strip(), parent=holder, frame=holder.frame) for s in (before, after)
    ]
    holder.children[at : at + 1] = [n for n in (parts[0], own, parts[1]) if n is own or n.text]


def _place(node: Node, text: str) -> int | None:
    """Which child of a node is text that has these words in it, best as whole words."""
    places = [at for at, c in enumerate(node.children) if c.role == "text" and text in c.text]
    return min(places, key=lambda at: not _whole(text, node.children[at].text), default=None)


def _where(text: str, whole: str) -> int:
    found = _whole(text, whole)
    return found.start() if found else whole.index(text)


def _whole(text: str, whole: str) -> re.Match[str] | None:
    return re.search(rf"(?<!\w){re.escape(text)}(?!\w)", whole)


def _holds(node: Node, box: Box) -> bool:
    """Whether the box lies in the node's, give or take a pixel: a line is lower than its words."""
    x, y, width, height = node.box or (0, 0, 0, 0)
    across = x - 1 <= box[0] and box[0] + box[2] <= x + width + 1
    return across and y - 1 <= box[1] and box[1] + box[3] <= y + height + 1
