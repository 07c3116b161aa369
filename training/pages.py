"""Synthetic pages: one tree of widgets, read by two paths that must agree.

`look` turns the widgets into the tree that Playwright's snapshot would give and runs the very
code that the eyes use on it (`tools.prune`), so that a page costs a millisecond and no browser.
`training.markup` writes the same widgets as a document; a test shows it to Chromium, observes it
and compares the lines.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from tools.observation import Element, Observation, render
from tools.prune import flatten
from tools.snapshot import Node

Kind = Literal[
    "heading", "text", "link", "button", "field", "combo", "check", "group", "list", "item",
    "table", "row", "nav", "header", "footer", "form", "region", "dialog", "frame", "alert",
    "status", "tabs", "tab", "listbox", "option", "box", "panel", "menuitem", "clickable",
    "picture",
]  # fmt: skip
State = Literal["readonly", "collapsed", "expanded", "selected"]
_CONTAINER_ROLES = {
    "group": "group", "list": "list", "item": "listitem", "nav": "navigation", "tabs": "tablist",
    "header": "banner", "footer": "contentinfo", "form": "form", "region": "region",
    "dialog": "dialog", "listbox": "listbox", "box": "generic", "panel": "tabpanel",
}  # fmt: skip
_OTHER_ROLES = {"combo": "combobox", "frame": "iframe", "picture": "clickable"}
_FIELD_ROLES = {"number": "spinbutton", "search": "searchbox"}
VIEW_HEIGHT = 720
LINE_HEIGHT = 40


@dataclass(eq=False)
class Widget:
    """One thing on a page.

    `name` is its accessible name, `text` words that stand in it (before what is in it),
    `type` an input's type, or radio/checkbox/switch for a check. `dead` are options that
    cannot be chosen. `cells` are a row's texts; its `children` stand in a last cell.
    A field is called `beside` if it has no label, but something beside it says its name.
    `states` are those that no field here tells. A clickable is words that react to clicks
    although no markup says so, a picture is the same without words, named by the page's source.
    `ref` is Playwright's ref once the page was looked at.
    """

    kind: Kind
    name: str = ""
    text: str = ""
    type: str = "text"
    value: str = ""
    options: list[str] = field(default_factory=list)
    dead: set[str] = field(default_factory=set)
    cells: list[str] = field(default_factory=list)
    checked: bool = False
    disabled: bool = False
    required: bool = False
    invalid: bool = False
    focused: bool = False
    new: bool = False
    beside: bool = False
    states: set[State] = field(default_factory=set)
    children: list["Widget"] = field(default_factory=list)
    ref: str = ""

    def walk(self) -> Iterator["Widget"]:
        """This widget and all in it, in page order."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def role(self) -> str:
        """The role that the observation shows."""
        if self.kind == "field":
            return _FIELD_ROLES.get(self.type, "textbox")
        if self.kind == "check":
            return self.type
        return _OTHER_ROLES.get(self.kind, _CONTAINER_ROLES.get(self.kind, self.kind))

    @property
    def said(self) -> str:
        """Role and name, as in histories and evidence."""
        return f"{self.role} {self.name}".strip()

    def line(self, *, options: bool = False) -> str:
        """Its line without ref, focus and place; `options` appends those of a list."""
        flags = {
            "checked": self.checked,
            "selected": "selected" in self.states,
            "disabled": self.disabled,
            "readonly": "readonly" in self.states,
            "required": self.required,
            "invalid": self.invalid,
            "expanded": "expanded" in self.states,
            "collapsed": "collapsed" in self.states,
        }
        states = ", ".join(state for state, is_set in flags.items() if is_set)
        text = self.said + (f" ({states})" if states else "")
        text += f": {self.value}" if self.value else ""
        if options and self.options:
            listed = (f"{o} (disabled)" if o in self.dead else o for o in self.options)
            text += f" ({' | '.join(listed)})"
        return text


@dataclass(eq=False)
class Page:
    """A page: widgets from top to bottom, where it is, and whether a browser dialog is open."""

    widgets: list[Widget]
    title: str = ""
    url: str = ""
    dialog: str = ""

    def walk(self) -> Iterator[Widget]:
        """All widgets in page order."""
        for widget in self.widgets:
            yield from widget.walk()


@dataclass(eq=False)
class View:
    """A page as the model sees it, and which line shows which widget."""

    observation: Observation
    elements: dict[str, Element]

    def of(self, widget: Widget) -> Element:
        """The line of this widget; raises KeyError if it has none."""
        return self.elements[widget.ref]

    def shows(self, widget: Widget) -> bool:
        """Whether this widget has a line."""
        return widget.ref in self.elements


def look(page: Page, rng: random.Random, *, scattered: bool = False, tall: bool = True) -> View:
    """Observe a page without a browser.

    While a box of the browser is open, only that is told, as by the eyes. `scattered` draws the
    refs from 1 to 300 in rising order instead of counting them, so that all are seen in
    training. `tall` marks what lies below the first view.
    """
    tree = Node("page")
    builder = _Builder()
    for node in builder.nodes([] if page.dialog else page.widgets):
        _hang(node, tree)
    lines = flatten(tree, VIEW_HEIGHT if tall else 0)
    if scattered and len(lines) <= 300:
        numbers = sorted(rng.sample(range(1, 301), len(lines)))
    else:
        numbers = list(range(1, len(lines) + 1))
    fresh = {widget.ref for widget in page.walk() if widget.new}
    elements = [
        e.model_copy(update={"ref": f"e{n}", "new": e.target in fresh})
        for e, n in zip(lines, numbers, strict=True)
    ]
    observation = Observation(
        url=page.url,
        title=page.title or page.url,
        text=render(elements),
        elements=elements,
        shown=[e.ref for e in elements],
        dialog=page.dialog,
        tabs=[page.title or page.url],
    )
    return View(observation, {e.target: e for e in elements if e.target})


def _hang(node: Node, parent: Node) -> None:
    node.parent = parent
    parent.children.append(node)


class _Builder:
    """From widgets to the snapshot's nodes, numbered and laid out one below the other."""

    def __init__(self) -> None:
        self.count = 0
        self.top = 0

    def nodes(self, widgets: Iterable[Widget]) -> Iterator[Node]:
        """The nodes of these widgets, in order."""
        for widget in widgets:
            yield self.node(widget)

    def _new(self, role: str, name: str = "", *, ref: bool = True) -> Node:
        node = Node(role, name)
        if ref:
            self.count += 1
            node.ref = f"e{self.count}"
            node.box = (0, self.top, 300, 20)
        return node

    def _text(self, text: str, parent: Node) -> None:
        if text:
            _hang(Node("text", text=text), parent)

    def node(self, widget: Widget) -> Node:
        """The node of one widget with all in it."""
        widget.ref = ""
        if widget.kind == "field" or (widget.kind == "check" and widget.name):
            return self._labelled(widget)
        if widget.kind == "combo":
            return self._labelled(widget)
        if widget.kind == "table":
            return self._table(widget)
        if widget.kind == "text":
            node = self._new("paragraph")
            self._text(widget.text, node)
        elif widget.kind in ("alert", "status"):
            node = self._new(widget.kind)
            self._text(widget.text, node)
        elif widget.kind == "frame":
            node = self._new("iframe", widget.name)
            inner = self._new("generic")
            _hang(inner, node)
            widget.ref = node.ref
            for child in self.nodes(widget.children):
                _hang(child, inner)
            return node
        elif widget.kind in _CONTAINER_ROLES:
            return self._container(widget)
        elif widget.kind in ("clickable", "picture"):
            node = self._new("generic")
            node.pointer = True
            if widget.kind == "picture":
                node.facts["icon"] = widget.name
            else:
                self._text(widget.name, node)
            self.top += LINE_HEIGHT
        else:
            node = self._new(widget.role, widget.name)
            self.top += LINE_HEIGHT
            for child in self.nodes(widget.children):
                _hang(child, node)
        if widget.kind in ("text", "alert", "status"):
            self.top += LINE_HEIGHT
        self._mark(node, widget)
        return node

    def _container(self, widget: Widget) -> Node:
        named = widget.kind not in ("list", "item", "box")
        node = self._new(_CONTAINER_ROLES[widget.kind], widget.name if named else "")
        widget.ref = node.ref
        self._text(widget.text, node)
        start = self.top
        for child in self.nodes(widget.children):
            _hang(child, node)
        if self.top == start:
            self.top += LINE_HEIGHT
        node.box = (0, start, 600, self.top - start)
        return node

    def _labelled(self, widget: Widget) -> Node:
        around = self._new("generic")
        node = self._new(widget.role, "" if widget.beside else widget.name)
        after = widget.kind == "check"
        if not after and not widget.beside:
            self._text(widget.name, around)
        _hang(node, around)
        if after:
            self._text(widget.name, around)
        if widget.kind == "combo":
            chosen = widget.value or (widget.options[0] if widget.options else "")
            for label in widget.options:
                option = self._new("option", label, ref=False)
                if label == chosen:
                    option.flags["selected"] = "true"
                if label in widget.dead:
                    option.flags["disabled"] = "true"
                _hang(option, node)
        elif widget.value:
            self._text(widget.value, node)
        self._mark(node, widget)
        self.top += LINE_HEIGHT
        return around

    def _table(self, widget: Widget) -> Node:
        table, group = self._new("table"), self._new("rowgroup")
        widget.ref = table.ref
        _hang(group, table)
        for at, line in enumerate(widget.children):
            row = self._new("row")
            line.ref = row.ref
            _hang(row, group)
            for text in line.cells:
                _hang(self._new("columnheader" if at == 0 else "cell", text), row)
            if line.children:
                cell = self._new("cell")
                _hang(cell, row)
                for child in self.nodes(line.children):
                    _hang(child, cell)
            else:
                self.top += LINE_HEIGHT
        return table

    def _mark(self, node: Node, widget: Widget) -> None:
        widget.ref = node.ref
        if widget.checked:
            node.flags["checked"] = "true"
        if widget.disabled:
            node.flags["disabled"] = "true"
        if widget.required:
            node.facts["required"] = "true"
        if widget.invalid:
            node.flags["invalid"] = "true"
        if widget.focused:
            node.flags["active"] = "true"
        for state in widget.states:
            place = node.flags if state in ("expanded", "selected") else node.facts
            place[state] = "true"
