"""What is chosen: boxes, options, menus, mails, suggestions, flights."""

import re
from itertools import pairwise

from training.expert.decision import Decision, click, named, step
from training.expert.question import Question


@step(r"Choose the (cheapest|shortest) flight")
def _flight(found: re.Match[str], question: Question) -> Decision | None:
    """Each flight has a button with its price, and its duration on the line before."""
    offers = [(before, e) for before, e in pairwise(question.page) if "Book flight for" in e.name]
    cheap = found[1] == "cheapest"
    told = [(e if cheap else before).name.split("$" if cheap else ": ")[-1] for before, e in offers]
    best = min(range(len(told)), key=lambda n: _size(told[n]), default=None)
    if best is None:
        return None
    return click(offers[best][1], f"{', '.join(told)}: {told[best]}: ")


def _size(told: str) -> int:
    """A price in dollars, or a duration (`11h 18m`) in minutes."""
    numbers = [int(n) for n in re.findall(r"\d+", told)]
    return (
        numbers[0] if len(numbers) == 1 and "h" not in told else numbers[0] * 60 + sum(numbers[1:])
    )


@step(r"Open (.+)")
def _open(found: re.Match[str], question: Question) -> Decision | None:
    target = named(question.page, found[1], ("menuitem",))
    return Decision("hover", target) if target else None


@step(r"Choose the section")
def _section(_: re.Match[str], question: Question) -> Decision | None:
    return click(next((e for e in question.page if e.role == "tab"), None))


@step(r"Choose the textbox")
def _focus(_: re.Match[str], question: Question) -> Decision | None:
    return click(next((e for e in question.page if e.role == "textbox"), None))


@step(r"Choose the mail by (.+)")
def _mail(found: re.Match[str], question: Question) -> Decision | None:
    rows = [e for e in question.page if e.role == "clickable"]
    return click(next((e for e in rows if e.name.startswith(f"{found[1]} ")), None))


@step(r"Choose an item that starts with (.+?)(?: and ends with (.+))?")
def _suggestion(found: re.Match[str], question: Question) -> Decision | None:
    start, end = found[1], found[2] or ""
    for element in question.page:
        fits = element.name.startswith(start) and element.name.endswith(end)
        if element.role in ("clickable", "option", "menuitem") and fits:
            return click(element)
    field = next((e for e in question.page if e.role == "textbox"), None)
    if field is None or field.value == start:
        return None
    return Decision("fill", field, (("text", start),), completes=False)


@step(r"Choose (.+)")
def _choose(found: re.Match[str], question: Question) -> Decision | None:
    name = found[1]
    if box := named(question.page, name, ("checkbox", "radio")):
        if "checked" in box.states:
            return Decision("tick", box, after=", already so")
        return Decision("check", box)
    for element in question.page:
        if any(option.label == name for option in element.options):
            if element.value == name:
                return Decision("tick", element, after=", already so")
            return Decision("select", element, (("option", name),))
    return click(named(question.page, name, ("menuitem", "clickable", "link")))
