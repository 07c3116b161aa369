"""States, pages and attempts for tests, said in few words."""

from typing import Any

from agent.answers import Strategy
from agent.loops import key_of, shape_of, target_of
from agent.state import Attempt, Intent, Reflection, RunState, Step
from tools.causes import Cause, Verdict
from tools.observation import Element, Observation
from tools.observe import fingerprint

OK = Verdict(evidence="text Done")
FAILED = Verdict(cause=Cause.COVERED, evidence="dialog Cookies covers it")


def page(
    *lines: str | Element, url: str = "http://shop.example/menu", dialog: str = ""
) -> Observation:
    """A page; `"button Add"`, `"textbox Email: ann"` and `"text Basket (1)"` make its elements."""
    elements = [
        (line if isinstance(line, Element) else _element(line)).model_copy(
            update={"ref": f"e{number}", "target": f"e{number + 100}"}
        )
        for number, line in enumerate(lines, 1)
    ]
    return Observation(
        url=url,
        title="Shop",
        text="\n".join(element.line() for element in elements),
        elements=elements,
        shown=[element.ref for element in elements],
        tokens=10 * len(elements),
        fingerprint=fingerprint(url, 0, dialog, elements),
        dialog=dialog,
    )


def _element(line: str) -> Element:
    role, _, rest = line.partition(" ")
    name, colon, value = rest.partition(": ")
    return Element(role=role, name=name, value=value if colon else None, interactive=role != "text")


def click(seen: Observation, ref: str = "[e1]") -> dict[str, Any]:
    return {"action": "click", "ref": ref}


def attempt(
    number: int = 1,
    verdict: Verdict = OK,
    action: dict[str, Any] | None = None,
    on: Observation | None = None,
    **more: Any,
) -> Attempt:
    """An attempt at an action on a page, with what the guard would have noted."""
    on = on or page("button Add")
    action = {"action": "click", "ref": "[e1]"} if action is None else action
    noted = {
        "step": 0,
        "said": f"{action.get('action', 'answer')} it",
        "page": on.fingerprint,
        "key": key_of(action, on),
        "shape": shape_of(on),
        "url": on.url,
        "target": target_of(action, on),
    }
    return Attempt(number=number, action=action, verdict=verdict, **(noted | more))


def intent(on: Observation, action: dict[str, Any] | None = None, **more: Any) -> Intent:
    action = action or {"action": "click", "ref": "[e1]"}
    noted = {
        "number": 1,
        "said": "click it",
        "effect": "input",
        "page": on.fingerprint,
        "key": key_of(action, on),
        "url": on.url,
        "target": target_of(action, on),
    }
    return Intent(action=action, **(noted | more))


def reflection(strategy: Strategy, on: int = 1) -> Reflection:
    return Reflection(attempt=on, diagnosis="Covered.", strategy=strategy, advice="Close it.")


def state(**fields: Any) -> RunState:
    """A run in the middle of a plan of two steps, on a page."""
    usual = {
        "run": "r",
        "task": "Order a Funghi",
        "plan": [Step(do="Add Funghi"), Step(do="Place the order")],
        "observation": page("button Add"),
    }
    return RunState(**(usual | fields))


DONE = [Step(do="Add Funghi", done=True, evidence="text 1"), Step(do="Order", done=True)]
