"""For which elements which actions make sense: sets of ARIA roles.

The decoder offers an action only refs whose element `fits`; the dispatcher holds the same rule.
"""

from tools.observation import Element
from tools.record import Tool

TEXT_BOXES = frozenset({"textbox", "searchbox", "combobox", "spinbutton"})
"""Elements that take keys one by one."""

FIELDS = TEXT_BOXES | {"slider"}
"""Elements whose content can be replaced."""

LISTS = frozenset({"combobox", "listbox"})
"""Elements that offer options."""

CHECKS = frozenset({"checkbox", "radio", "switch", "menuitemcheckbox", "menuitemradio"})
"""Elements that are on or off."""

CLICKABLE = frozenset(
    {
        "button",
        "cell",
        "checkbox",
        "clickable",
        "columnheader",
        "combobox",
        "file",
        "generic",
        "gridcell",
        "img",
        "link",
        "listbox",
        "listitem",
        "menuitem",
        "menuitemcheckbox",
        "menuitemradio",
        "option",
        "radio",
        "row",
        "scrollbar",
        "searchbox",
        "slider",
        "spinbutton",
        "switch",
        "tab",
        "textbox",
        "treeitem",
    }
)
"""Roles that react to a pointer; of those that are not controls by nature (a cell, a list
item) only the elements that the observation found interactive."""

UPLOADS = frozenset({"file", "button", "clickable", "link"})
"""File fields, and what opens the browser's file chooser."""

ANY = frozenset({"*"})
"""Every line that has a ref."""


def fits(tool: Tool, element: Element) -> bool:
    """Whether it makes sense to point this tool at this element."""
    if not tool.roles or not element.ref:
        return False
    if tool.roles == ANY:
        return True
    if element.role not in tool.roles:
        return False
    if tool.roles == CLICKABLE:
        return element.interactive
    if element.role == "combobox" and element.options:
        return not tool.roles >= TEXT_BOXES  # a list to choose from: nothing to type into
    return True
