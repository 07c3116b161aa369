"""Live tasks with dialogs: to be answered, to be closed before the task, or opened for it."""

from training.chores.desk import Desk
from training.live.panels import task_of
from training.live.task import LiveTask, Rule, acting
from training.pages import Widget
from training.wants import Want


def dialog(desk: Desk) -> LiveTask:
    """A button opens a dialog, in which something is entered or chosen."""
    rng, words = desk.rng, desk.words
    opener_name, label, yes, no, title = desk.things(5)
    opener = Widget(rng.choice(("button", "link", "clickable")), opener_name)
    yes = rng.choice((yes, "Save", "OK", "Yes", "Apply", "Add"))
    ok, cancel = Widget("button", yes), Widget("button", rng.choice((no, "Cancel", "No", "Close")))
    asks = rng.random() < 0.6
    field = Widget("field", label)
    value = rng.choice((desk.tag, words.person, words.city))()
    inside = [Widget("text", text=desk.latin(6)), *([field] if asks else []), ok, cancel]
    box = Widget("dialog", title, children=inside)
    rules = [Rule(opener, show=[box]), Rule(cancel, hide=[box]), Rule(ok, hide=[box])]
    opened = Want("press", "press", opener_name)
    pressed = Want("press", "press", yes)
    steps, acts = [opened.do], [acting(0, opened.do, opener)]
    told = [f"Press {desk.quoted(opener_name)}"]
    if asks:
        want = Want("set", "field", value, label)
        steps.append(want.do)
        told.append(f"enter {desk.quoted(value)} as {label}")
        acts.append(acting(1, want.do, field, "fill", value))
    steps.append(pressed.do)
    told.append(rng.choice(("press {}", "confirm with {}", "click {}")).format(yes))
    acts.append(acting(len(steps) - 1, pressed.do, ok))
    text = ", ".join(told[:-1]) + rng.choice((" and ", ", then ", ", and ")) + told[-1] + "."
    return task_of(desk, text, steps, [opener, box], acts, [ok], {field: value} if asks else {},
                   rules, [box], [opener, cancel])  # fmt: skip
