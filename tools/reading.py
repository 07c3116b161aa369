"""The words of a snapshot's nodes, and what a node says about the controls in it."""

import re
from collections.abc import Iterator
from itertools import islice

from tools.snapshot import Node

CONTROLS = frozenset(
    "button link textbox searchbox combobox listbox option checkbox radio switch slider "
    "spinbutton tab menuitem menuitemcheckbox menuitemradio treeitem file clickable".split()
)
"""The roles of lines that can be acted on."""

ITEMS = frozenset("listitem row article".split())
LIVE = frozenset("alert status log".split())
STOP = ITEMS | LIVE | frozenset("dialog alertdialog iframe".split())
_PHRASES = frozenset(
    "text strong emphasis code mark time subscript superscript insertion deletion blockquote "
    "caption math".split()
)
_INLINE = _PHRASES | frozenset(("generic", "paragraph"))
_CELLS = frozenset("cell gridcell columnheader rowheader".split())
# Never a bracket: two pieces of text must not become a ref by being joined.
_TIGHT = re.compile(r" ([.,;:!?)])")

HEADER_ROWS = 3
"""In so many rows at the top of a table its column headers are looked for."""
ITEM_LENGTH = 160
"""A list item, row or article with more words than this is no line but what is in it."""


def role_of(node: Node) -> str:
    """The role as shown: the page's own knowledge goes before the snapshot's."""
    return node.facts.get("role") or node.role


def points(node: Node) -> bool:
    """Whether the page shows by cursor or markup that clicking here does something."""
    return node.pointer or "click" in node.facts


def words(node: Node, *, own: bool = False) -> str:
    """The text in a node, in page order.

    `own` leaves out what stands in lines of its own: controls with their labels, and the
    items, alerts, frames and dialogs within.
    """
    found: list[str] = []
    stack = [(node, True)]
    while stack:
        current, top = stack.pop()
        role = role_of(current)
        if own and not top and (role in STOP or role in CONTROLS or _stands_alone(current)):
            continue
        if role == "text":
            found.append(current.text)
        elif (not current.children and not top and current.name) or (
            role == "img" and current.name
        ):
            found.append(current.name)
        stack.extend((child, False) for child in reversed(current.children))
    return _TIGHT.sub(r"\1", " ".join(found))


def row_text(row: Node) -> str:
    """The cells of a table row that hold text, joined by ` | `."""
    cells = [_cell_text(cell) for cell in row.children if role_of(cell) not in CONTROLS]
    if row.controls or any(points(cell) for cell in row.children):
        return " | ".join(cell for cell in cells if cell)
    return " | ".join(cell or "-" for cell in cells) if any(cells) else ""


def first_heading(node: Node) -> str:
    """The words of the first heading in a node, to name it by."""
    for child in node.walk():
        if role_of(child) == "heading":
            return child.name or words(child)
    return ""


def is_phrase(node: Node) -> bool:
    """Whether a node holds nothing but words, however they are set."""
    return bool(node.children) and all(
        role_of(child) == "text" or (role_of(child) in _PHRASES and is_phrase(child))
        for child in node.children
    )


def on_one_row(node: Node) -> bool:
    """Whether a node holds only short pieces of text that stand side by side."""
    first = node.children[0].box if node.children else None
    if first is None:
        return False
    for child in node.children:
        box = child.box
        if box is None or child.controls or points(child) or role_of(child) not in _INLINE:
            return False
        if not is_phrase(child) or abs(box[1] - first[1]) * 2 > max(first[3], box[3]):
            return False
    return len(words(node)) <= ITEM_LENGTH


def stand_in(node: Node) -> str:
    """What to point at instead of a control that has no size, such as a styled checkbox.

    That is its label around it or, for a link around a floating picture, what is in it.
    """
    if node.box and node.box[2] and node.box[3]:
        return ""
    inner = next((child.ref for child in node.walk() if child.ref), "")
    parent = node.parent
    if inner or parent is None:
        return inner
    return parent.ref if parent.controls == 1 else ""


def headers_of(node: Node) -> tuple[str, str]:
    """What a table says about a control: the header to its left, and the one above it."""
    cell = node.parent
    while cell is not None and role_of(cell) not in _CELLS:
        cell = cell.parent if role_of(cell) not in ITEMS else None
    if cell is None or cell.parent is None:
        return "", ""
    row = cell.parent
    index = row.children.index(cell)
    lefts = (
        words(left) or left.name for left in reversed(row.children[:index]) if not left.controls
    )
    return next((text for text in lefts if text), ""), _column_header(row, index)


def _stands_alone(node: Node) -> bool:
    """Whether a node within an item is a label or a thing to click, not the item's own words."""
    return _is_label(node) or (points(node) and bool(node.ref) and not node.controls)


def _is_label(node: Node) -> bool:
    """Whether a text is the name of a control beside it."""
    if node.role != "text" or node.parent is None or not node.parent.controls:
        return False
    label = node.text.rstrip(" :*")
    return any(twin.name and twin.name.rstrip(" :*") == label for twin in node.parent.children)


def _cell_text(cell: Node) -> str:
    if _stands_alone(cell):
        return ""
    return words(cell, own=True) or (cell.name if not cell.controls else "")


def _column_header(row: Node, index: int) -> str:
    """The column header above a cell, from one of the table's first rows."""
    table = row.parent
    while table is not None and role_of(table) == "rowgroup":
        table = table.parent
    for above in islice(_rows(table), HEADER_ROWS) if table is not None else ():
        if above is row:
            break
        if len(above.children) > index and role_of(above.children[index]) == "columnheader":
            return words(above.children[index]) or above.children[index].name
    return ""


def _rows(table: Node) -> Iterator[Node]:
    for child in table.children:
        if role_of(child) == "row":
            yield child
        elif role_of(child) == "rowgroup":
            yield from _rows(child)
