"""Chores that stay on the page as it is drawn, as live tasks: acted on for real, and judged."""

import random
from collections.abc import Callable, Iterator

from training.chores import controls, reading
from training.chores.asking import Family
from training.chores.chore import Chore
from training.chores.desk import Desk
from training.evaluate import output_of
from training.live.document import held
from training.live.task import Act, LiveTask, Rule, Value
from training.pages import View, Widget, look

STILL: tuple[Family, ...] = (
    controls.press,
    controls.tick,
    controls.untick,
    controls.choose,
    controls.fill,
    controls.labelled,
    controls.login,
    controls.nth,
    controls.of_row,
    reading.look_up,
    reading.copied,
    reading.sums,
    reading.form_of,
)
"""Families whose page only changes in its controls."""

COUNTED = frozenset({"button", "link", "clickable", "picture", "menuitem", "tab", "option"})
"""Kinds of widgets whose clicks a page writes down."""


def live(family: Family) -> Callable[[Desk], LiveTask]:
    """This family, live. The maker raises KeyError for a page that does not show its answer."""

    def made(desk: Desk) -> LiveTask:
        seed = desk.rng.getrandbits(64)
        done, task = family(Desk(random.Random(seed))), family(Desk(random.Random(seed)))
        clicks, texts = _played(done)
        widgets = list(task.page.walk())
        values: dict[Widget, Value] = {
            widget: held(after)
            for widget, after in zip(widgets, done.page.walk(), strict=True)
            if widget.kind in ("field", "combo", "check")
        }
        values |= {widgets[at]: text for at, text in texts.items()}  # a password shows as dots
        return _live(desk, task, [widgets[at] for at in clicks], values)

    made.__name__ = family.__name__
    return made


def _live(desk: Desk, chore: Chore, clicks: list[Widget], values: dict[Widget, Value]) -> LiveTask:
    """With what the page says after each click, and after the last one."""
    rules, hidden = [], []
    counted = [widget for widget in chore.page.walk() if widget.kind in COUNTED]
    for widget in clicks[:-1]:
        echo = Widget(desk.rng.choice(("text", "status")), text=desk.latin(4))
        chore.page.widgets.append(echo)
        hidden.append(echo)
        rules.append(Rule(widget, show=[echo]))
    proof = proof_of(desk)
    chore.page.widgets.insert(desk.rng.randint(0, len(chore.page.widgets)), proof)

    def acts() -> Iterator[Act]:
        for beat in chore.play():
            yield Act(beat.step, beat.reply)

    return LiveTask(
        task=chore.task,
        steps=chore.steps,
        page=chore.page,
        acts=acts,
        clicks=clicks,
        counted=counted,
        proof=proof,
        values=values,
        rules=rules,
        hidden=[*hidden, proof],
    )


def proof_of(desk: Desk) -> Widget:
    """What the page says in the end: no alert, which alone would be a refusal."""
    proof = desk.proof()
    proof.kind = "status" if proof.kind == "alert" else proof.kind
    return proof


def _played(chore: Chore) -> tuple[list[int], dict[int, str]]:
    """The places of the widgets that are clicked, and of those filled in with what.

    The page is left as it is when all is done.
    """
    clicked, filled = [], {}
    for beat in chore.play():
        view = look(chore.page, random.Random(0))
        (raw,) = output_of(beat.reply(view))["actions"]
        at = _of_ref(chore, view, raw["ref"])
        if raw["action"] == "click":
            clicked.append(at)
        elif raw["action"] == "fill":
            filled[at] = raw["text"]
    return clicked, filled


def _of_ref(chore: Chore, view: View, ref: str) -> int:
    element = view.observation.element(ref)
    assert element is not None, "the answer is about this page"
    return next(at for at, w in enumerate(chore.page.walk()) if w.ref == element.target)
