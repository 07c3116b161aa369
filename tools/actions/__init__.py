"""All actions. Importing this fills `tools.record.REGISTRY`, in the order the model reads it."""

from tools.actions import (  # noqa: F401  importing registers
    dialogs,
    extract,
    files,
    form,
    keyboard,
    navigate,
    pointer,
    tabs,
    talk,
    wait,
)
from tools.record import REGISTRY

ORDER = (
    "click",
    "fill",
    "type",
    "select",
    "check",
    "press",
    "hover",
    "scroll",
    "drag",
    "upload",
    "download",
    "navigate",
    "back",
    "forward",
    "open_tab",
    "switch_tab",
    "close_tab",
    "dialog",
    "wait",
    "read",
    "extract",
    "look",
    "ask",
    "tick",
    "finish",
)
"""The commonest first; the system prompt and the docs list the actions like this."""

for _name in ORDER:
    REGISTRY[_name] = REGISTRY.pop(_name)
