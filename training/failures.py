"""What goes wrong with an action, how the verdict puts it, and what a good reflection says.

Each function makes one kind of failure happen on a page and returns all that follows from it.
The wording of evidence is that of `tools.verdict` and `tools.dispatch`.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from agent.answers import Strategy
from agent.state import Reflection
from tools.causes import Cause, Verdict
from training import teacher
from training.layout import Layout, Spot
from training.pages import Page, View, Widget
from training.wants import Want
from training.words import Words


@dataclass(eq=False)
class Failure:
    """A failed action and the way out of it.

    `remedy` writes the decision that follows the reflection, `said` is that decision in
    words, `resolve` brings the page to where the remedy leads; `again` says whether the step
    must still be done after it. A question to the user has no remedy. `twice` is what to ask
    the user when the same fails again.
    """

    verdict: Verdict
    strategy: Strategy
    advice: str
    insight: str
    remedy: Callable[[View], str] | None = None
    said: str = ""
    resolve: Callable[[], None] = field(default=lambda: None)
    again: bool = True
    twice: str = ""

    def reflect(self) -> str:
        """The answer to `What went wrong?`."""
        evidence = self.verdict.evidence or self.verdict.line()
        return teacher.reflected(evidence, self.insight, self.strategy, self.advice)

    def reflect_again(self) -> str:
        """The answer when the remedy failed in the same way: more of the same is no use."""
        evidence = self.verdict.evidence or self.verdict.line()
        insight = "The same failed before"
        return teacher.reflected(evidence, insight, Strategy.ASK_USER, self.twice)

    def reflection(self, attempt: int) -> Reflection:
        """The reflection as the loop keeps it, about the attempt of this number."""
        return Reflection(
            attempt=attempt,
            diagnosis=teacher.diagnosis(self.verdict.evidence or self.verdict.line()),
            strategy=self.strategy,
            advice=self.advice,
        )

    def outcome(self, rng: random.Random, words: Words) -> str:
        """What the remedy is said to have brought."""
        if self.verdict.evidence.endswith(" covers it"):
            return f"- {self.verdict.evidence.removesuffix(' covers it')}"
        if self.said.startswith("click ") or self.said == "accept dialog":
            return rng.choice((f"+ text {words.sentence(5)}", "dialog closed"))
        return self.said.split(" ", 1)[1] if " " in self.said else self.said


@dataclass(eq=False)
class Attempted:
    """The action that is going to fail: on which widget, how, for which want, on which page."""

    page: Page
    want: Want
    target: Widget
    action: str
    text: str = ""
    spot: Spot | None = None
    wants: Sequence[Want] = ()
    spots: Sequence[Spot] = ()

    @property
    def completes(self) -> bool:
        """Whether the action completes the step when it succeeds."""
        return self.spot is not None


def draw(attempted: Attempted, rng: random.Random) -> Failure:
    """Some failure that can befall this action."""
    layout = Layout(rng)
    spot = attempted.spot
    if spot and spot.action == "select" and rng.random() < (0.85 if spot.second else 0.35):
        return _option_gone(attempted, layout)
    if attempted.spot and attempted.spot.fallback and rng.random() < 0.7:
        return _radio_gone(attempted)
    filled = [s for s in attempted.spots if s.action == "fill" and s.target.value]
    if attempted.spot is None and filled and rng.random() < 0.45:
        return _invalid(attempted, layout, rng.choice(filled))
    draw = rng.random()
    if draw < 0.5:
        return covered(attempted, layout)
    if draw < 0.57:
        return _dialog(attempted, layout)
    return _again(attempted, layout)


def covered(attempted: Attempted, layout: Layout) -> Failure:
    """A dialog or region lies over the target."""
    rng, page = layout.rng, attempted.page
    cover, closer = layout.cover()
    at = 0 if rng.random() < 0.3 else len(page.widgets)
    page.widgets.insert(at, cover)
    cover.new = rng.random() < 0.2
    strategy = Strategy.DO_SOMETHING_FIRST
    return Failure(
        Verdict(cause=Cause.COVERED, evidence=f"{cover.said} covers it"),
        strategy,
        closer.said,
        f"Close {cover.said} first: {closer.said}",
        lambda view: teacher.advised(view, strategy, closer, "click", completes=False),
        f"click {closer.said}",
        lambda: page.widgets.remove(cover),
    )


def gone_text(layout: Layout, value: str) -> str:
    """How a page says that something cannot be had."""
    rng = layout.rng
    return rng.choice(
        (f"{value} is not available", f"Sorry, no {value} left", f"{value}: out of stock",
         f"We have no more {value}", f"{value} has just gone", f"{value} sold out",
         f"No {value} today", f"{value} cannot be chosen", f"There is no {value} any more",
         f"{layout.words.sentence(4)} {value}", f"{value} {layout.words.phrase(2)}")
    )  # fmt: skip


def _option_gone(attempted: Attempted, layout: Layout) -> Failure:
    """The option turns out to be gone once it was chosen."""
    rng, spot = layout.rng, attempted.spot
    assert spot is not None
    target, wanted = spot.target, spot.text
    page, changed = attempted.page, []
    if rng.random() < 0.8:
        target.dead = target.dead | {wanted}
    before = target.value if target.value not in target.dead else target.options[0]
    if before in target.dead:
        before = next((o for o in target.options if o not in target.dead), before)
    target.value = before
    disabled = rng.random() < 0.2
    evidence = f"{wanted} is disabled" if disabled else f"{target.said} is {before}, not {wanted}"
    if not disabled and rng.random() < 0.75:
        alert = Widget(rng.choice(("alert", "alert", "status")), text=gone_text(layout, wanted))
        alert.new = True
        _near(page, target, alert, end=rng.random() < 0.5)
        evidence += f"; {alert.kind} {alert.text}"
        changed = [f"~ {target.line(options=True)}", f"+ {alert.kind} {alert.text}"]
    cause = Cause.DISABLED if disabled else Cause.WRONG_VALUE
    verdict = Verdict(cause=cause, evidence=evidence, changed=changed)
    second = spot.second
    if not second:
        return _ask(verdict, wanted)
    strategy = Strategy.RETRY_DIFFERENTLY

    def resolve() -> None:
        target.value = second

    return Failure(
        verdict,
        strategy,
        f"{target.said}: {second}",
        f"The value {wanted} cannot be had, so {second}",
        lambda view: teacher.advised(view, strategy, target, "select", second, completes=True),
        f"select {target.said}: {second}",
        resolve,
        again=False,
    )


def _near(page: Page, target: Widget, alert: Widget, *, end: bool = False) -> None:
    """Put an alert behind the target, or else at the end of what is in the same box."""
    for widget in page.walk():
        if target in widget.children and widget.kind in ("box", "form"):
            at = len(widget.children) - 1 if end else widget.children.index(target) + 1
            widget.children.insert(at, alert)
            return
    at = next((n for n, w in enumerate(page.widgets) if target in w.walk()), 0)
    page.widgets.insert(at + 1, alert)


def _radio_gone(attempted: Attempted) -> Failure:
    spot = attempted.spot
    assert spot is not None and spot.fallback is not None
    other, target = spot.fallback, spot.target
    target.disabled = True
    strategy = Strategy.RETRY_DIFFERENTLY

    def resolve() -> None:
        other.checked = True

    return Failure(
        Verdict(cause=Cause.DISABLED, evidence=f"{target.said} is disabled"),
        strategy,
        other.said,
        f"The value {target.name} cannot be had, so {other.name}",
        lambda view: teacher.advised(view, strategy, other, "check", completes=True),
        f"check {other.said}",
        resolve,
        again=False,
    )


def _invalid(attempted: Attempted, layout: Layout, spot: Spot) -> Failure:
    """The page refuses a field that was filled in, and has emptied it."""
    rng, target, page = layout.rng, spot.target, attempted.page
    target.invalid = rng.random() < 0.8
    kept = rng.random() < 0.15
    if not kept:
        target.value = ""
    name = target.name.rstrip(" *:")
    text = rng.choice(
        (f"{name} is missing", f"Please fill in {name}", f"{name} is required", f"Check {name}",
         f"{name} must not be empty", f"{name}: not valid", f"No {name} given", f"{name}, please",
         f"We could not read {name}", f"{name} {layout.words.phrase(3)}")
    )  # fmt: skip
    evidence = f"{target.said} is invalid"
    changed = [f"~ {target.line()}"]
    if not target.invalid or rng.random() < 0.75:
        alert = Widget("alert", text=text, new=True)
        _near(page, rng.choice((target, attempted.target)), alert)
        evidence = f"alert {text}"
        changed.insert(rng.randint(0, 1), f"+ alert {text}")
    strategy = Strategy.DO_SOMETHING_FIRST
    value = spot.text

    def resolve() -> None:
        target.value, target.invalid = value, False

    return Failure(
        Verdict(cause=Cause.WRONG_VALUE, evidence=evidence, changed=changed),
        strategy,
        f"{target.said}: {value}",
        f"The value of {target.said} is {value}",
        lambda view: teacher.advised(view, strategy, target, "fill", value, completes=False),
        f"fill {target.said}: {value}",
        resolve,
    )


def _dialog(attempted: Attempted, layout: Layout) -> Failure:
    """A box of the browser is open."""
    page = attempted.page
    box = layout.rng.choice(("alert", "confirm", "confirm", "leave-page"))
    message = layout.words.sentence(6)
    page.dialog = f"{'beforeunload' if box == 'leave-page' else box}: {message}"

    def resolve() -> None:
        page.dialog = ""

    evidence = layout.rng.choice((page.dialog, f"{box} box: {message}"))
    return Failure(
        Verdict(cause=Cause.DIALOG_OPEN, evidence=evidence),
        Strategy.DO_SOMETHING_FIRST,
        "accept the dialog",
        "The dialog must be answered first",
        lambda view: teacher.accept_dialog(),
        "accept dialog",
        resolve,
    )


def _again(attempted: Attempted, layout: Layout) -> Failure:
    """It did not work for a reason that may pass."""
    rng, target = layout.rng, attempted.target
    verdict = _passing(attempted, layout)
    advice = f"{target.said}: {attempted.text}" if attempted.text else target.said
    strategy = Strategy.RETRY_DIFFERENTLY

    def resolve() -> None:
        if attempted.spot:
            attempted.spot.apply(attempted.page)

    if rng.random() < 0.3 and verdict.cause in (Cause.NO_EFFECT, Cause.TIMEOUT):
        alert = Widget("alert", text=layout.words.sentence(6), new=True)
        _near(attempted.page, target, alert)
        verdict = Verdict(
            cause=Cause.NO_EFFECT,
            evidence=f"alert {alert.text}",
            changed=[f"+ alert {alert.text}"],
        )
    return Failure(
        verdict,
        strategy,
        advice,
        f"Once more {target.said}",
        lambda view: teacher.advised(
            view, strategy, target, attempted.action, attempted.text, completes=attempted.completes
        ),
        f"{attempted.action} {advice}",
        resolve,
        again=not attempted.completes,
        twice=f"What shall I do? The same failed twice: {target.said}",
    )


def _passing(attempted: Attempted, layout: Layout) -> Verdict:
    rng, words, target = layout.rng, layout.words, attempted.target
    host = f"{words.word()}.example"
    kinds: list[tuple[Cause, str]] = [
        (Cause.NO_EFFECT, "nothing on the page changed"),
        (Cause.NO_EFFECT, "nothing on the page changed"),
        (Cause.DETACHED, f"{target.said} is gone"),
        (Cause.TIMEOUT, "did not finish within 10 s"),
        (Cause.NOT_FOUND, f"no [e{rng.randint(60, 300)}] on the page"),
        (Cause.NAVIGATION_FAILED, f"{host} does not answer"),
        (Cause.NAVIGATION_FAILED, f"/{words.word()} answers 503 Service Unavailable"),
        (Cause.NOT_VISIBLE, f"{target.said} is hidden"),
    ]
    if attempted.action == "fill":
        kinds += [(Cause.WRONG_VALUE, f"{target.said} is empty, not {attempted.text}")] * 2
    if attempted.action == "check":
        kinds += [(Cause.WRONG_VALUE, f"{target.said} is not checked")] * 2
    cause, evidence = rng.choice(kinds)
    return Verdict(cause=cause, evidence=evidence)


def _ask(verdict: Verdict, wanted: str) -> Failure:
    return Failure(
        verdict,
        Strategy.ASK_USER,
        f"What shall I take instead of {wanted}?",
        f"The value {wanted} cannot be had, and no other is named",
    )
