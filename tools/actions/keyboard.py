"""Single keys and combinations."""

from typing import Literal

from pydantic import Field

from tools.aim import REACT_MS, aim
from tools.hands import Hands
from tools.record import REF_PATTERN, Action, Done, tool
from tools.roles import CLICKABLE


class Press(Action):
    """Press a key or a combination, in an element or where the focus is."""

    action: Literal["press"] = "press"
    key: str = Field(min_length=1, description="such as Enter, Escape, ArrowDown, Control+a")
    ref: str | None = Field(
        default=None, pattern=REF_PATTERN, description="the element to focus first"
    )


_NAMES = {
    "return": "Enter",
    "enter": "Enter",
    "esc": "Escape",
    "escape": "Escape",
    "tab": "Tab",
    "space": "Space",
    "spacebar": "Space",
    "del": "Delete",
    "delete": "Delete",
    "backspace": "Backspace",
    "insert": "Insert",
    "home": "Home",
    "end": "End",
    "up": "ArrowUp",
    "down": "ArrowDown",
    "left": "ArrowLeft",
    "right": "ArrowRight",
    "arrowup": "ArrowUp",
    "arrowdown": "ArrowDown",
    "arrowleft": "ArrowLeft",
    "arrowright": "ArrowRight",
    "pageup": "PageUp",
    "pagedown": "PageDown",
    "pgup": "PageUp",
    "pgdn": "PageDown",
    "ctrl": "Control",
    "control": "Control",
    "cmd": "Meta",
    "command": "Meta",
    "win": "Meta",
    "meta": "Meta",
    "option": "Alt",
    "alt": "Alt",
    "shift": "Shift",
}


@tool(effect="input", roles=CLICKABLE)
async def press(args: Press, hands: Hands) -> Done:
    """Press the key in the element, or wherever the focus is."""
    key = key_name(args.key)
    if args.ref is None:
        await hands.session.page.keyboard.press(key)
        return Done(text=await _selection(key, hands))
    target = await aim(args.ref, hands)
    await target.locator.press(key, timeout=REACT_MS)
    return Done(text=await _selection(key, hands), locator=target.replay)


async def _selection(key: str, hands: Hands) -> str:
    """What selecting and copying brought, which no line of the page shows."""
    did = _UNSEEN.get(key.replace("ControlOrMeta", "Control").replace("Meta", "Control"))
    if did is None or hands.session.dialog is not None:
        return ""
    return f"text {did}" if await hands.session.page.evaluate(_SELECTED) else ""


_UNSEEN = {"Control+a": "selected", "Control+c": "copied"}
_SELECTED = """() => {
  const field = document.activeElement;
  const inside = field && 'selectionEnd' in field ? field.selectionEnd - field.selectionStart : 0;
  return inside > 0 || String(getSelection()) !== '';
}"""


def key_name(said: str) -> str:
    """Playwright's name of a key: `ctrl+A` is `Control+a`, `esc` is `Escape`."""
    if said == "+" or len(said) == 1:
        return said
    parts = ["+" if part == "" else part for part in said.replace("++", "+\0").split("+")]
    parts = [part.replace("\0", "+").strip() for part in parts]
    names = [_NAMES.get(part.lower(), part) for part in parts]
    # A letter with Control is the letter's key, however it is written.
    if len(names) > 1 and len(names[-1]) == 1:
        names[-1] = names[-1].lower()
    return "+".join(names)
