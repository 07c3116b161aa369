"""What is pressed and waited for: buttons, what is behind tabs, posts, the dialog."""

import re

from training.expert.decision import CLICKED, Decision, click, named, step
from training.expert.question import Question
from training.wants import SEND_OFF

_PANELS = ("tab",)


@step(r"Press the button")
def _only_button(_: re.Match[str], question: Question) -> Decision | None:
    return click(next((e for e in question.page if e.role == "button"), None))


@step(r"Press (\w+) of (@\w+)")
def _of_post(found: re.Match[str], question: Question) -> Decision | None:
    """Who wrote stands above; what to press below, perhaps behind "more"."""
    lines = list(question.page)
    at = next((n for n, e in enumerate(lines) if e.name.endswith(f" {found[2]}")), None)
    if at is None:
        return None
    inside = lines[at:]
    end = next((n for n, e in enumerate(inside[1:], 1) if re.search(r" @\w+$", e.name)), None)
    inside = inside[:end]
    target = next((e for e in inside if e.name.lower().startswith(found[1].lower())), None)
    if target is not None:
        return click(target)
    return click(named(inside, "more", CLICKED), "not here. Go on: ", completes=False)


@step(r"Press Buy when the price is less than \$([\d.]+)")
def _buy(found: re.Match[str], question: Question) -> Decision | None:
    prices = (e for e in question.page if re.fullmatch(r"Stock price: \$[\d.]+", e.name))
    price = next(prices, None)
    if price is None:
        return Decision("wait", None, (("seconds", 1),), completes=False)
    told = price.name.partition("$")[2]
    if float(told) < float(found[1]):
        return click(named(question.page, "Buy", ("button",)), f"{told} is less than {found[1]}: ")
    why = f", {told} is not less than {found[1]}"
    return Decision("wait", None, (("seconds", 1),), completes=False, after=why)


@step(r"Press (.+)")
def _press(found: re.Match[str], question: Question) -> Decision | None:
    if target := named(question.page, found[1], CLICKED):
        return click(target)
    short = [
        e for e in question.page if e.role in CLICKED and e.name.lower().startswith(f"{found[1]} ")
    ]
    if found[1] in ("send", "reply", "forward", "trash", "star") and short:
        return click(short[0])
    return elsewhere(question)


def elsewhere(question: Question) -> Decision | None:
    """The next tab or section that is not open and was not opened before."""
    heads = [e for e in question.page if e.role in _PANELS and e.name]
    closed = [e for e in heads if "expanded" not in e.states and "selected" not in e.states]
    new = next((e for e in closed if not question.clicked(e.name)), next(iter(closed), None))
    return click(new, "not here. Go on: ", completes=False)


@step(re.escape(SEND_OFF))
def _send(_: re.Match[str], question: Question) -> Decision | None:
    target = named(question.page, "Submit", CLICKED)
    return click(target, completes=False)


@step(r"Close the dialog")
def _close(_: re.Match[str], question: Question) -> Decision | None:
    return click(named(question.page, "Close", ("button",)))


@step(r"Wait (\d+) seconds?")
def _wait(found: re.Match[str], _: Question) -> Decision:
    return Decision("wait", None, (("seconds", int(found[1])),))
