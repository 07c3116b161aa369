"""From the snapshot's tree to the lines a model reads: noise dropped, controls described.

Kept are controls, headings, alerts, dialogs, frames, named groups, list items and rows with
their own words, pictures with a name, and other text. Wrappers go, and what is in them moves
up a level. A list item, row or article takes the words in it as its name, so that the
controls in it say by their place what they act on.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tools.describe import describe
from tools.draft import Line, clip
from tools.observation import Element, Option
from tools.reading import (
    CONTROLS,
    ITEM_LENGTH,
    ITEMS,
    LIVE,
    STOP,
    first_heading,
    headers_of,
    is_phrase,
    on_one_row,
    points,
    role_of,
    row_text,
    stand_in,
    words,
)
from tools.snapshot import Box, Node

FIELDS = frozenset("textbox searchbox combobox listbox slider spinbutton".split())
"""Controls that hold a value and do not take their name from what is in them."""

_CONTAINERS = frozenset(
    "group radiogroup region form tabpanel toolbar menu menubar tablist tree treegrid grid list "
    "table navigation banner main complementary contentinfo search feed figure application "
    "document directory".split()
)
_SKIPPED = frozenset("separator presentation none scrollbar".split())


NAME_LENGTH = 120
"""Characters of a control's name that are shown."""
TEXT_LENGTH = 500
"""Characters of a text or value that are shown; `read` brings the rest."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a node stands: what its box is relative to, and what of it is in view."""

    dy: int = 0
    top: int = 0
    bottom: int = 0

    def state(self, box: Box | None) -> str:
        """above or below when no part of the box can be seen, else nothing."""
        if box is None or self.bottom <= self.top:
            return ""
        if box[1] + self.dy + box[3] <= self.top:
            return "above"
        return "below" if box[1] + self.dy >= self.bottom else ""

    def within(self, box: Box | None, *, frame: bool) -> "_Place":
        """The place of what is in a frame or a scrolled box."""
        if box is None:
            return self
        top, bottom = self.top, self.bottom
        if not self.state(box):
            top = max(top, box[1] + self.dy)
            bottom = min(bottom, box[1] + self.dy + box[3])
        return _Place(self.dy + (box[1] if frame else 0), top, bottom)


def flatten(tree: Node, viewport_height: int = 0) -> list[Element]:
    """The kept lines of a parsed snapshot, in page order, not numbered yet.

    `viewport_height` in CSS pixels is what `above` and `below` are measured by; 0 leaves
    these states out.
    """
    _count(tree)
    pruner = _Pruner()
    for child in tree.children:
        pruner.visit(child, 0, _Place(0, 0, viewport_height))
    describe(pruner.lines)
    return [line.element() for line in pruner.lines]


def _count(tree: Node) -> None:
    """Note at each node how many controls are at or below it."""
    for node in reversed(list(tree.walk())):
        node.controls += role_of(node) in CONTROLS and not _in_select(node)
        if node.parent is not None:
            node.parent.controls += node.controls


def _in_select(node: Node) -> bool:
    return node.role == "option" and not node.ref


class _Pruner:
    """One walk over the tree; `lines` grows in page order."""

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def visit(
        self, node: Node, depth: int, place: _Place, *, quiet: bool = False, pointer: bool = False
    ) -> None:
        """Add the lines of a node. `quiet`: its words are in a line already.

        `pointer`: an ancestor shows a hand as cursor but is too large to be one control.
        """
        role = role_of(node)
        if role == "text":
            self._text(node.text, depth, quiet)
        elif role in CONTROLS:
            self._control(node, role, depth, place)
        elif (points(node) or pointer) and self._clickable(node, role, depth, place, quiet):
            pass
        elif role == "heading":
            self._heading(node, depth, place, quiet)
        elif role == "iframe":
            self._frame(node, depth, place)
        elif role in LIVE:
            self._item(node, role, depth, place, keep=True)
        elif role in ("dialog", "alertdialog"):
            self._dialog(node, role, depth, place)
        elif role in ITEMS:
            self._item(node, role, depth, place, pointer=pointer or points(node))
        elif role in _CONTAINERS and node.name:
            self._container(node, role, node.name, depth, place)
        elif role == "img":
            self._image(node, depth, place, quiet)
        elif role in ("progressbar", "meter"):
            self._meter(node, role, depth, place)
        elif role not in _SKIPPED:
            self._plain(node, depth, place, quiet, pointer or points(node))

    def _children(
        self, node: Node, depth: int, place: _Place, *, quiet: bool = False, pointer: bool = False
    ) -> None:
        if node.facts.get("scroll"):
            place = place.within(node.box, frame=False)
        term = ""
        for child in node.children:
            if term and role_of(child) == "definition" and is_phrase(child):
                self._text(f"{term} {words(child)}", depth, quiet, child.ref)
                term = ""
                continue
            self._text(term, depth, quiet)
            term = words(child) if role_of(child) == "term" and is_phrase(child) else ""
            if not term:
                self.visit(child, depth, place, quiet=quiet, pointer=pointer)
        self._text(term, depth, quiet)

    def _add(self, line: Line, node: Node, place: _Place) -> None:
        line.target = line.target or node.ref
        line.box = node.box
        for state in (*_states(node), place.state(node.box)):
            if state:
                line.states.append(state)
        self.lines.append(line)

    def _text(self, text: str, depth: int, quiet: bool, target: str = "") -> None:
        if text and not quiet:
            self.lines.append(Line("text", depth, clip(text, TEXT_LENGTH), target))

    def _plain(self, node: Node, depth: int, place: _Place, quiet: bool, pointer: bool) -> None:
        if is_phrase(node) or on_one_row(node):
            if not quiet and (text := words(node)):
                self._add(Line("text", depth, clip(text, TEXT_LENGTH)), node, place)
            return
        if node.name and not node.children:
            self._text(node.name, depth, quiet, node.ref)
        self._children(node, depth, place, quiet=quiet, pointer=pointer)

    def _heading(self, node: Node, depth: int, place: _Place, quiet: bool) -> None:
        name = node.name or words(node)
        if not node.controls:
            if name and not quiet:
                self._add(Line("heading", depth, clip(name, ITEM_LENGTH)), node, place)
            return
        own = words(node, own=True)
        if own and not quiet:
            self._add(Line("heading", depth, clip(own, ITEM_LENGTH)), node, place)
        self._children(node, depth + bool(own), place, quiet=True)

    def _container(self, node: Node, role: str, name: str, depth: int, place: _Place) -> None:
        self._add(Line(role, depth, clip(name, NAME_LENGTH)), node, place)
        self._children(node, depth + 1, place)

    def _dialog(self, node: Node, role: str, depth: int, place: _Place) -> None:
        name = node.name or first_heading(node)
        text = "" if name else words(node, own=True)
        if not name and text and len(text) <= ITEM_LENGTH:
            self._add(Line(role, depth, text), node, place)
            self._children(node, depth + 1, place, quiet=True)
        else:
            self._container(node, role, name, depth, place)

    def _frame(self, node: Node, depth: int, place: _Place) -> None:
        name = node.name or node.facts.get("label", "")
        if name or node.children:
            self._add(Line("iframe", depth, clip(name, NAME_LENGTH)), node, place)
            inner = place.within(node.box, frame=True)
            for child in node.children:
                self.visit(child, depth + 1, inner)

    def _item(
        self,
        node: Node,
        role: str,
        depth: int,
        place: _Place,
        *,
        keep: bool = False,
        pointer: bool = False,
    ) -> None:
        text = row_text(node) if role == "row" else words(node, own=True)
        if not text and node.name and node.name != words(node):
            text = node.name
        if not text or (len(text) > ITEM_LENGTH and not keep):
            self._children(node, depth, place, pointer=pointer)
            return
        self._add(Line(role, depth, clip(text, TEXT_LENGTH)), node, place)
        self._children(node, depth + 1, place, quiet=True, pointer=pointer)

    def _image(self, node: Node, depth: int, place: _Place, quiet: bool) -> None:
        if node.name and not quiet:
            self._add(Line("img", depth, clip(node.name, NAME_LENGTH)), node, place)
        self._children(node, depth, place, quiet=quiet)

    def _meter(self, node: Node, role: str, depth: int, place: _Place) -> None:
        value = node.facts.get("value") or words(node)
        if node.name or value:
            line = Line(role, depth, clip(node.name, NAME_LENGTH), value=value or None)
            self._add(line, node, place)

    def _clickable(self, node: Node, role: str, depth: int, place: _Place, quiet: bool) -> bool:
        """Add a node whose cursor is a hand, if it is one thing to click; False if it is not."""
        if not node.ref or role in _CONTAINERS or role in STOP - ITEMS:
            return False
        text = words(node, own=True) or node.name
        if node.controls:
            # A label around its field, or a card with buttons in it: only the card counts.
            lone = node.controls == 1 and _lone_control(node)
            if not text or role in ITEMS or node.controls > 3 or lone:
                return False
        elif len(text) > ITEM_LENGTH or _is_list(node) or _is_toolbar(node):
            return False
        line = Line("clickable", depth, clip(text, NAME_LENGTH), interactive=True)
        line.hint = node.facts.get("label", "")
        line.fallback = node.facts.get("title") or node.facts.get("icon", "")
        self._add(line, node, place)
        if node.controls:
            self._children(node, depth + 1, place, quiet=True)
        return True

    def _control(self, node: Node, role: str, depth: int, place: _Place) -> None:
        target = node.ref or stand_in(node)
        line = Line(role, depth, interactive=bool(target), target=target)
        left, line.column = headers_of(node)
        line.hint = node.facts.get("label") or left or line.column
        facts = node.facts
        line.fallback = facts.get("placeholder") or facts.get("title") or facts.get("icon", "")
        if node.facts.get("type") == "password":
            line.fallback = line.fallback or "Password"
        name = node.name or self._inner_name(node, role)
        if name != line.fallback or node.facts.get("label"):
            line.name = clip(name, NAME_LENGTH)
        if role in FIELDS:
            line.options = list(_options(node))
            line.value = _value(node, line.options)
        self._add(line, node, place)
        if not node.ref and node.box and node.box[2] and node.box[3]:
            _disable(line)
        if line.options:
            return
        inner = node.controls - 1
        if inner > 0:
            self._children(node, depth + 1, place, quiet=True)

    def _inner_name(self, node: Node, role: str) -> str:
        if role in FIELDS:
            return ""
        return words(node, own=True)


def _lone_control(node: Node) -> bool:
    control = next((n for n in node.walk() if role_of(n) in CONTROLS), None)
    return control is not None and role_of(control) not in ("button", "link")


def _is_toolbar(node: Node) -> bool:
    return sum(inner is not node and "click" in inner.facts for inner in node.walk()) > 1


def _is_list(node: Node) -> bool:
    below = (inner for child in node.children for inner in child.walk())
    return any(role_of(inner) in ITEMS or role_of(inner) == "list" for inner in below)


def _options(node: Node) -> Iterator[Option]:
    native = node.facts.get("tag") == "select"
    for child in node.walk():
        if child.role == "option" and (native or not child.ref):
            yield Option(
                label=clip(child.name or words(child), NAME_LENGTH),
                disabled="disabled" in child.flags,
                selected="selected" in child.flags,
            )


def _value(node: Node, options: list[Option]) -> str | None:
    if options:
        return ", ".join(o.label for o in options if o.selected)
    if "value" in node.facts:
        return clip(node.facts["value"], TEXT_LENGTH)
    if role_of(node) == "listbox":
        return None
    text = " ".join(child.text for child in node.children if child.role == "text")
    return clip(text, TEXT_LENGTH)


_FLAGS = (
    ("checked", "checked"),
    ("selected", "selected"),
    ("pressed", "pressed"),
    ("disabled", "disabled"),
    ("readonly", "readonly"),
    ("required", "required"),
    ("invalid", "invalid"),
    ("expanded", "expanded"),
    ("collapsed", "collapsed"),
    ("active", "focused"),
)


def _disable(line: Line) -> None:
    """A control that the mouse goes through cannot be used, whatever it says."""
    if "disabled" not in line.states:
        line.states.insert(0, "disabled")


def _states(node: Node) -> Iterator[str]:
    for flag, state in _FLAGS:
        value = node.flags.get(flag) or node.facts.get(flag)
        if value and not (flag == "active" and (not node.controls or node.role == "iframe")):
            yield "mixed" if value == "mixed" else state
    if shape := node.facts.get("shape"):
        yield shape
