"""A scripted model that orders at the demo shop, and runs of it to record from.

Its steps read `select "Size" as "Large"`, `fill "Name" with "Ann"`, `click "To payment"`. It closes
what covers an element, takes another size when one is sold out, and fills in again what the shop
did not understand.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from agent.folder import RunFolder
from agent.run import load_run, start
from agent.settings import RunSettings
from agent.state import RunState
from tests.scripted_model import ScriptedModel, asked_for
from tests.scripted_replies import Json, Reply, answer

CLOSES = ("Fine with me", "Not today")


def buyer(
    steps: Sequence[str], other_size: str = "", done: str = "Thank you"
) -> Callable[[Json], Reply]:
    """A script for `ScriptedModel` that takes these steps."""

    def reply(request: Json) -> Reply:
        prompt = ScriptedModel.prompt(request)
        kind = asked_for(request)
        if kind in ("plan", "replan"):
            return answer("So.", {"steps": [{"do": step, "expect": ""} for step in steps]})
        if kind == "reflect":
            said = {"diagnosis": "It failed.", "strategy": "do_something_first"}
            return answer("Hm.", said | {"advice": "do what helps"}, reflection="Hm.")
        if kind == "finish":
            ref = ref_of(prompt, done)
            return answer("So.", {"done": bool(ref), "evidence": [ref], "answer": f"{done}."})
        return _decide(prompt, other_size)

    return reply


def _decide(prompt: str, other_size: str) -> Reply:
    step = re.findall(r"^Step \d+: (.*)$", prompt, re.M)[-1]
    failed = "\nReflection: " in prompt
    for close in CLOSES:
        if failed and (ref := ref_of(prompt, close)):
            return _act({"action": "click", "ref": ref}, completes=False)
    if failed and "is sold out" in page_of(prompt):
        step = f'select "Size" as "{other_size}"'
    if failed and "was not understood" in page_of(prompt):
        again = re.search(r'fill "Street" with ".*"', prompt)
        if again and not re.search(r"Street\[e\d+\][^\n]*: ", page_of(prompt)):
            return _act(_action(again[0], prompt), completes=False)
    return _act(_action(step, prompt))


def _action(step: str, prompt: str) -> Json:
    kind, named = step.split(" ")[0], re.findall(r'"(.*?)"', step)
    if kind in ("back", "look"):
        return {"action": kind} | ({"find": named[0]} if named else {})
    action = {"action": kind, "ref": ref_of(prompt, named[0]) or "[e1]"}
    value = {"fill": "text", "select": "option"}.get(kind)
    return action | ({value: named[1]} if value else {})


def _act(action: Json, completes: bool = True) -> Reply:
    return answer("This.", {"actions": [action], "completes_step": completes})


def page_of(prompt: str) -> str:
    """The page that the prompt shows."""
    return prompt.rsplit("<page>", 1)[-1].split("</page>")[0]


def ref_of(prompt: str, name: str) -> str:
    """The ref of the first line on the page with these words, "" if there is none."""
    found = re.search(rf"{re.escape(name)}[^\n\[]*(\[e\d+\])", page_of(prompt))
    return found[1] if found else ""


async def ran(
    task: str, url: str, script: Callable[[Json], Reply], home: Path, **more: object
) -> tuple[RunState, RunSettings]:
    """Do a task with this script; the run as it is stored."""
    with ScriptedModel(script) as model:
        settings = RunSettings.model_validate(
            {"task": task, "url": url, "model_url": model.url, "home": home, "yes": True}
            | {"screenshots": False, "memory": False, **more}
        )
        run = (await start(settings, lambda event: None)).run
    return await load_run(home, run), RunFolder.find(home, run).load().settings
