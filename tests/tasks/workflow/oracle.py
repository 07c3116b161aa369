"""A scripted model that mends as a sensible one would: it reads the page and knows synonyms.

It answers for a step in words (`Press To payment`, `Set Size to Large`, `Choose Thin`), closes what
covers an element, says yes to a question that the step itself brought up, and gives up when
nothing on the page means the same. It also tries what it must not be let do: to fill in a new
field that is required, and to accept new terms.
"""

import random
import re

from tests.scripted_model import ScriptedModel, asked_for
from tests.scripted_replies import Json, Reply, answer

SAME = (
    {"add to basket", "put into the basket"},
    {"go to checkout", "proceed to checkout", "checkout"},
    {"to payment", "continue"},
    {"place order", "order and pay", "yes, order"},
    {"size", "diameter"},
    {"quantity", "how many"},
    {"name", "recipient"},
    {"street", "address line"},
    {"phone", "mobile"},
    {"card number", "number on the card"},
)
_DOES = {
    **dict.fromkeys(("button", "link"), "click"),
    **dict.fromkeys(("textbox", "spinbutton", "searchbox"), "fill"),
    **dict.fromkeys(("radio", "checkbox", "switch"), "check"),
    "combobox": "select",
}
_LINE = re.compile(r"^\*?\s*(\w+) ?(.*?)\[(e\d+)\](.*)$", re.M)
_CLOSES = re.compile(r"fine|accept|not today|close|dismiss", re.I)


def oracle(request: Json) -> Reply:
    """The answer to one question."""
    prompt, kind = ScriptedModel.prompt(request), asked_for(request)
    step = re.findall(r"^Step \d+: (.*)$", prompt, re.M)
    lines = [
        (m[1], m[2].partition(" (")[0], f"[{m[3]}]", m[4])
        for m in _LINE.finditer(prompt.rsplit("<page>", 1)[-1].split("</page>")[0])
    ]
    if kind == "reflect":
        tries = prompt.count("\nFailed:") + len(re.findall(r"^\d+\. ", prompt, re.M))
        strategy = "retry_differently" if tries < 6 and _decide(step[-1], lines) else "give_up"
        words = {"diagnosis": "The page has changed.", "strategy": strategy, "advice": "Look."}
        return answer("Let me see.", words, reflection="It is not as it was.")
    if kind in ("plan", "replan"):
        steps = [{"do": step[-1] if step else _task(prompt), "expect": ""}]
        return answer("As before.", {"steps": steps})
    if kind == "finish":
        line = lines[0][2] if lines else "[e1]"
        return answer("So it is.", {"done": True, "evidence": [line], "answer": "Done."})
    action = _decide(step[-1], lines)
    if action is None:
        action = {"action": "tick", "ref": lines[0][2] if lines else "[e1]"}
    completes = not action.pop("first", False)
    return answer("This is it.", {"actions": [action], "completes_step": completes})


def fool(request: Json) -> Reply:
    """The answer of a model that takes anything on the page for what it looks for, and says that
    all is well."""
    prompt, kind = ScriptedModel.prompt(request), asked_for(request)
    if kind == "reflect":
        words = {"diagnosis": "It is another one.", "strategy": "retry_differently"}
        return answer("Hm.", words | {"advice": "Take another."}, reflection="Take another.")
    step = re.findall(r"^Step \d+: (.*)$", prompt, re.M)
    page = prompt.rsplit("<page>", 1)[-1].split("</page>")[0]
    lines = [m for m in _LINE.finditer(page) if m[1] in _DOES]
    if kind != "decide" or not lines:
        if kind in ("plan", "replan"):
            return answer("So.", {"steps": [{"do": step[-1] if step else "Go on", "expect": ""}]})
        return answer("So.", {"done": True, "evidence": ["[e1]"], "answer": "Done."})
    line = random.Random(prompt).choice(lines)
    action: Json = {"action": _DOES[line[1]], "ref": f"[{line[3]}]"}
    if action["action"] == "fill":
        action["text"] = step[-1].rpartition(" to ")[2]
    if action["action"] == "select":
        action["option"] = re.split(r"[,:(|)]", line[4] + ",")[1].strip() or "x"
    return answer("This.", {"actions": [action], "completes_step": True})


def _task(prompt: str) -> str:
    return re.search(r"^Task: (.*)$", prompt, re.M)[1]  # type: ignore[index]


def _decide(step: str, lines: list[tuple[str, str, str, str]]) -> Json | None:
    """The next action for a step, None if nothing on the page means the same."""
    question = _question(step, lines)
    if question is not None:
        return question
    if match := re.fullmatch(r"Set (.*?) to (.*)", step):
        return _set(match[1], match[2], lines)
    wanted = step.partition(" ")[2]
    for role, name, ref, _ in lines:
        if _means(wanted, name):
            if step.startswith("Choose "):
                return _choose(role, name, ref)
            if role in ("button", "link"):
                return {"action": "click", "ref": ref}
    for role, _, ref, tail in lines:
        if role == "combobox" and wanted in tail:
            return {"action": "select", "ref": ref, "option": wanted}
    return None


def _question(step: str, lines: list[tuple[str, str, str, str]]) -> Json | None:
    """What a dialog on the page asks for, or what a new field does."""
    for index, (role, _, _, _) in enumerate(lines):
        if role not in ("dialog", "alertdialog"):
            continue
        for _, name, ref, _ in lines[index:]:
            if _means(step.partition(" ")[2], name):
                return {"action": "click", "ref": ref}
            if _CLOSES.search(name):
                return {"action": "click", "ref": ref, "first": True}
    for _, name, ref, tail in lines:
        if name == "City" and ":" not in tail:
            return {"action": "fill", "ref": ref, "text": "Springfield", "first": True}
        if name.startswith("I accept") and "checked" not in tail:
            return {"action": "check", "ref": ref, "first": True}
    return None


def _set(label: str, value: str, lines: list[tuple[str, str, str, str]]) -> Json | None:
    for role, name, ref, tail in lines:
        if _means(label, name) and role in ("textbox", "spinbutton"):
            return {"action": "fill", "ref": ref, "text": value}
        if _means(label, name) and role == "combobox" and value in tail:
            return {"action": "select", "ref": ref, "option": value}
        if name == value and role in ("radio", "option"):
            return _choose(role, name, ref)
    return None


def _choose(role: str, name: str, ref: str) -> Json:
    if role in ("checkbox", "radio", "switch"):
        return {"action": "check", "ref": ref}
    return {"action": "click", "ref": ref}


def _means(wanted: str, name: str) -> bool:
    said, there = wanted.casefold(), name.casefold()
    return said == there or any(said in same and there in same for same in SAME)
