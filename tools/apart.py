"""Clickable words that Playwright's snapshot gives no node of their own.

It takes text in one line, and what only wraps one other thing, into the node around it. The page
itself tells where such text stands; here it gets a node again, with a target that finds it.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from tools.locate import apart
from tools.snapshot import Box, Node

_ROW = 100
"""Pixels of height of the rows by which nodes are looked up."""

Told = tuple[str, Box, Mapping[str, str]]
"""A frame, a place in it, and what the page tells of the element there."""


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
