"""What is filled in from the task: fields and dates."""

import re
from calendar import month_name

from training.expert.decision import FIELDS, Decision, click, filled, named, step
from training.expert.question import Question


@step(r"Set (?:date|Departure Date) to (\d\d)/(\d\d)/(\d+)")
def _date(found: re.Match[str], question: Question) -> Decision | None:
    month, day, year = (int(n) for n in found.groups())
    field = next(
        (e for e in question.page if e.role == "textbox" and "date" in e.name.lower()), None
    )
    if (
        field is not None
        and field.value
        and re.sub(r"\b0", "", field.value) == f"{month}/{day}/{year}"
    ):
        return Decision("tick", field, after=", already so")
    names = "|".join(month_name[1:])
    head = next((e for e in question.page if re.fullmatch(rf"(?:{names}) \d{{4}}", e.name)), None)
    if head is None:
        return click(field, completes=False)
    shown_month, shown_year = head.name.split()
    ahead = (year * 12 + month) - (int(shown_year) * 12 + list(month_name).index(shown_month))
    if ahead:
        way = named(question.page, "Next" if ahead > 0 else "Prev", ("clickable", "link", "button"))
        side = "after" if ahead > 0 else "before"
        return click(way, f"{month_name[month]} {year} is {side} {head.name}: ", completes=False)
    target = named(question.page, str(day), ("link", "button", "clickable"))
    return click(target, f"{head.name}, day {day}: ")


@step(r"Set (.+?) to (?!the )(.+)")
def _set(found: re.Match[str], question: Question) -> Decision | None:
    label, text = found.groups()
    fields = [e for e in question.page if e.role in FIELDS]
    target = next((e for e in fields if e.name.rstrip(":").lower() == label.lower()), None)
    if target is None and label in ("text field", "text input", "textbox"):
        target = fields[0] if len(fields) == 1 else None
    if label == "text" and target is None:
        target = next((e for e in fields if e.name.startswith("subject:")), None)
    suggested = [e for e in question.page if e.role in ("clickable", "option") and e.new]
    if target is not None and target.value == text and label in ("From", "To"):
        chosen = next((e for e in suggested if text in e.name), None)
        again = Decision("fill", target, (("text", text),), completes=False)
        return click(chosen) or again
    made = filled(target, text)
    if made and label in ("From", "To"):
        return Decision(made.action, made.element, made.fields, completes=False)
    return made
