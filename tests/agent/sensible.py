"""A scripted model with some sense: it reads the prompt and does what the step in hand says.

Steps are written `click "Add Funghi"`, `fill "Name" with "Ann"`, `go to "http://…"`,
`ask "Which size?"`. It ticks a step whose element is gone but whose `expect` is on the page,
closes what covers an element when it has reflected, and finds the task done when the page
says so.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from tests.scripted_model import ScriptedModel, asked_for
from tests.scripted_replies import Json, Reply, answer

ORDER = [
    'click "Add Funghi"',
    'click "Checkout"',
    'fill "Name" with "Ann"',
    'fill "Street" with "Hill 1"',
    'click "Place order"',
]


def sensible(
    steps: Sequence[str] = ORDER,
    done: str = "Thank you",
    strategy: str = "do_something_first",
    advice: str = 'click "Accept"',
) -> Callable[[Json], Reply]:
    """A script for `ScriptedModel`: plans `steps`, is done when the page shows `done`."""

    def reply(request: Json) -> Reply:
        prompt = ScriptedModel.prompt(request)
        kind = asked_for(request)
        if kind in ("plan", "replan"):
            return answer("The task says so.", {"steps": [{"do": s, "expect": ""} for s in steps]})
        if kind == "reflect":
            words = {"diagnosis": "It failed.", "strategy": strategy, "advice": advice}
            return answer("Let me see.", words, reflection="Something was in the way.")
        if kind == "finish":
            return _finish(prompt, done)
        return _decide(prompt)

    return reply


def _finish(prompt: str, done: str) -> Reply:
    ref = _ref(prompt, done)
    output = {"done": bool(ref), "evidence": [ref] if ref else [], "answer": f"{done}."}
    return answer("The page says it.", output if ref else output | {"answer": "It is not done."})


def _decide(prompt: str) -> Reply:
    reflection = re.search(r'^Reflection: .*do_something_first: click "(.+?)"', prompt, re.M)
    if reflection and (ref := _ref(prompt, reflection[1])):
        return act({"action": "click", "ref": ref}, completes=False)
    step = re.findall(r"^Step \d+: (.*)$", prompt, re.M)[-1]
    return act(_action(step, prompt))


def _action(step: str, prompt: str) -> Json:
    kind, name = step.split(" ")[0], re.findall(r'"(.*?)"', step)
    if kind == "go":
        return {"action": "navigate", "url": name[0]}
    if kind == "ask":
        return {"action": "ask", "question": name[0]}
    ref = _ref(prompt, name[0]) or "[e1]"
    if kind == "fill":
        return {"action": "fill", "ref": ref, "text": name[1]}
    return {"action": kind, "ref": ref}


def act(*actions: Json, completes: bool = True) -> Reply:
    """The answer to decide."""
    output: dict[str, Any] = {"actions": list(actions), "completes_step": completes}
    return answer("This is next.", output)


def _ref(prompt: str, name: str) -> str:
    """The ref of the line on the page with these words, "" if there is none."""
    page = prompt.rsplit("<page>", 1)[-1].split("</page>")[0]
    found = re.search(rf"{re.escape(name)}[^\n\[]*(\[e\d+\])", page)
    return found[1] if found else ""
