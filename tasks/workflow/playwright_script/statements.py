"""Reading calls of a Playwright script as steps: the opposite of `actions`."""

import ast
import re
from collections.abc import Callable, Sequence

from tasks.workflow.playwright_script.actions import SCROLLS
from tasks.workflow.playwright_script.expressions import Data, Expressions, Unknown


def page_step(call: ast.Call, following: Sequence[ast.stmt], read: Expressions) -> tuple[Data, int]:
    """The step of a call on a page, and how many of the following statements belong to it.

    Raises Unknown.
    """
    match ast.unparse(call.func).split(".", 1)[1], call.args:
        case "goto", [url]:
            return {"navigate": read.text(url)}, 0
        case "go_back", []:
            return {"back": None}, 0
        case "go_forward", []:
            return {"forward": None}, 0
        case "keyboard.press", [key]:
            return {"press": read.text(key)}, 0
        case "mouse.wheel", [x, y]:
            return {"scroll": _direction(x, y)}, 0
        case "wait_for_load_state", _:
            return {"wait": None}, 0
        case "close", []:
            return {"close_tab": None}, _goes_on(following)
    match call.func:
        case ast.Attribute(
            value=ast.Subscript(value=ast.Attribute(attr="pages"), slice=tab), attr="close"
        ):
            return {"close_tab": number(tab, read)}, 0
    raise Unknown


def dialog_step(call: ast.Call, read: Expressions) -> Data | None:
    """The answer that `page.once("dialog", lambda dialog: …)` prepares; None for other calls."""
    match call:
        case ast.Call(
            func=ast.Attribute(attr="once" | "on"),
            args=[
                ast.Constant(value="dialog"),
                ast.Lambda(
                    body=ast.Call(func=ast.Attribute(attr="accept" | "dismiss" as how), args=given)
                ),
            ],
        ):
            return {"dialog": how} | ({"text": read.text(given[0])} if given else {})
    return None


def element_step(
    call: ast.Call, statement: ast.stmt, following: Sequence[ast.stmt], read: Expressions
) -> tuple[Data, int]:
    """The step of a call on an element, and how many of the following statements belong to it.

    Raises Unknown.
    """
    assert isinstance(call.func, ast.Attribute), "a method is called"
    method, on = call.func.attr, call.func.value
    if method == "wait_for":
        return _waiting(call, on, following, read)
    found = read.locator(on)
    if method not in _ACTIONS:
        raise Unknown
    step = _ACTIONS[method](found, call, read)
    behind = _directly_behind(statement, following)
    if method == "fill" and behind and behind == f"{ast.unparse(on)}.press('Enter')":
        return step | {"submit": True}, 1
    if method == "hover" and behind and (wheel := _wheel(behind)):
        return {"scroll": _direction(*wheel.args), "in": found}, 1
    return step, 0


def _waiting(
    call: ast.Call, on: ast.expr, following: Sequence[ast.stmt], read: Expressions
) -> tuple[Data, int]:
    """`page.get_by_text("x").first.wait_for()` is a wait; before a table it only lets it come."""
    state = next((ast.unparse(k.value) for k in call.keywords if k.arg == "state"), "'visible'")
    if state == "'attached'":
        return {}, 0
    match on:
        case ast.Attribute(
            value=ast.Call(func=ast.Attribute(attr="get_by_text"), args=[text]), attr="first"
        ) if state in ("'visible'", "'hidden'"):
            said = read.text(text)
            behind = following[0] if following else None
            if state == "'hidden'":
                return {"wait": "", "gone": said}, 0
            match behind:
                case ast.Expr(value=ast.Call(func=ast.Attribute(attr="wait_for")) as other) if (
                    behind.lineno == (call.end_lineno or 0) + 1
                ):
                    then, _ = _waiting(other, _on(other), [], read)
                    if "gone" in then and not _timed(other):
                        return {"wait": said, "gone": then["gone"]}, 1
            return {"wait": said}, 0
    raise Unknown


def timeout_of(call: ast.Call) -> str:
    """The timeout that a call is given, as a step says it; "" if none."""
    match next((k.value for k in call.keywords if k.arg == "timeout"), None):
        case ast.Constant(value=int() | float() as milliseconds):
            return f"{milliseconds:g}ms"
    return ""


def number(node: ast.expr, read: Expressions) -> int | str:
    """A number, or the template of one."""
    match node:
        case ast.Constant(value=int() as value):
            return value
        case ast.Call(func=ast.Name(id="int"), args=[inner]):
            return read.text(inner)
    raise Unknown


def _on(call: ast.Call) -> ast.expr:
    assert isinstance(call.func, ast.Attribute), "a method is called"
    return call.func.value


def _timed(call: ast.Call) -> bool:
    return any(k.arg == "timeout" for k in call.keywords)


def _goes_on(following: Sequence[ast.stmt]) -> int:
    """After closing a tab our scripts go on in the last one."""
    behind = ast.unparse(following[0]) if following else ""
    return 1 if re.fullmatch(r"\w+ = \w+\.context\.pages\[-1\]", behind) else 0


def _directly_behind(statement: ast.stmt, following: Sequence[ast.stmt]) -> str:
    """The next statement, if it stands in the next line."""
    if not following or following[0].lineno != (statement.end_lineno or 0) + 1:
        return ""
    return ast.unparse(following[0])


def _wheel(code: str) -> ast.Call | None:
    match ast.parse(code).body:
        case [ast.Expr(value=ast.Call() as call)] if ".mouse.wheel(" in code:
            return call
    return None


def _direction(x: ast.expr, y: ast.expr) -> str:
    turned = (int(ast.literal_eval(x)), int(ast.literal_eval(y)))
    known = {pixels: direction for direction, pixels in SCROLLS.items()}
    if turned in known:
        return known[turned]
    if turned[0]:
        return "right" if turned[0] > 0 else "left"
    return "down" if turned[1] > 0 else "up"


def _click(found: str, call: ast.Call, read: Expressions) -> Data:
    how = {"'right'": "right"}.get(_keyword(call, "button"))
    if _keyword(call, "button") in ("'middle'",) or _keyword(call, "position"):
        raise Unknown
    twice = _keyword(call, "click_count") == "2"
    return {"click": found} | ({"how": "double"} if twice else {"how": how} if how else {})


def _keyword(call: ast.Call, name: str) -> str:
    return next((ast.unparse(k.value) for k in call.keywords if k.arg == name), "")


def _option(found: str, call: ast.Call, read: Expressions) -> Data:
    given = [*call.args, *(k.value for k in call.keywords if k.arg in ("label", "value"))]
    return {"select": found, "option": read.text(given[0])}


def _set_checked(found: str, call: ast.Call, read: Expressions) -> Data:
    match call.args[0]:
        case ast.Constant(value=bool() as on):
            return {"check": found} | ({} if on else {"checked": False})
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[ast.Constant(value="yes")]):
            return {"check": found, "checked": read.text(left)}
    raise Unknown


Reader = Callable[[str, ast.Call, Expressions], Data]

_ACTIONS: dict[str, Reader] = {
    "click": _click,
    "tap": _click,
    "dblclick": lambda found, call, read: {"click": found, "how": "double"},
    "fill": lambda found, call, read: {"fill": found, "text": read.text(call.args[0])},
    "press_sequentially": lambda found, call, read: {
        "type": found,
        "text": read.text(call.args[0]),
    },
    "select_option": _option,
    "check": lambda found, call, read: {"check": found},
    "uncheck": lambda found, call, read: {"check": found, "checked": False},
    "set_checked": _set_checked,
    "press": lambda found, call, read: {"press": read.text(call.args[0]), "in": found},
    "hover": lambda found, call, read: {"hover": found},
    "drag_to": lambda found, call, read: {"drag": found, "to": read.locator(call.args[0])},
    "set_input_files": lambda found, call, read: {"upload": found, "path": read.text(call.args[0])},
}
