"""Which attempts of a run led to its success, and which were detours.

Pure functions of a run's attempts, in their order.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.state import Attempt
from tools.causes import Cause
from tools.record import REGISTRY

_LOOKS = frozenset({"read", "look", "scroll"})
"""Actions by which a model sees more; a step finds its element without them."""
_BRINGS = frozenset({"extract", "upload", "download"})
"""Actions that brought or gave something, wherever they led."""
_SETS = frozenset({"fill", "select", "check"})
"""Actions after which only the last value counts."""


@dataclass(frozen=True)
class Kept:
    """An attempt that belongs to the workflow.

    `in_the_way` says what it put aside (`dialog Cookies`), if it did only that: something that
    another run may not meet.
    """

    attempt: Attempt
    in_the_way: str = ""


def what_led_there(attempts: Sequence[Attempt]) -> list[Kept]:
    """The attempts worth repeating: no failed ones, no ways back, no value that was replaced."""
    ok = [a for a in attempts if a.verdict.ok and _does_something(a)]
    kept = _without_ways_back([Kept(a, _put_aside(a, attempts, ok)) for a in ok])
    return _with_last_values(kept)


def lost(attempts: Sequence[Attempt], kept: Sequence[Kept]) -> list[Attempt]:
    """Failed attempts that reached the site and that no kept one repeats: they may have counted."""
    repeated = {k.attempt.key for k in kept}
    return [a for a in attempts if not a.verdict.ok and a.sent and a.key not in repeated]


def _does_something(attempt: Attempt) -> bool:
    name = attempt.action.get("action", "")
    return name in REGISTRY and REGISTRY[name].effect != "talk" and name not in _LOOKS


def _without_ways_back(steps: Sequence[Kept]) -> list[Kept]:
    """Leave out what led from a page state back to the very same, and had no effect."""
    path: list[Kept] = []
    for step in steps:
        for start, earlier in enumerate(path):
            span = path[start:]
            back = earlier.attempt.page == step.attempt.page
            if back and len(span) > 1 and not any(map(_counts, span)):
                del path[start:]
                break
        path.append(step)
    return path


def _counts(step: Kept) -> bool:
    attempt = step.attempt
    effect = (attempt.sent and not step.in_the_way) or attempt.commit
    return effect or attempt.action["action"] in _BRINGS


def _with_last_values(steps: Sequence[Kept]) -> list[Kept]:
    """Each field is filled in once, with what was in it in the end."""
    kept: list[Kept] = []
    for step in steps:
        at = _set_before(step.attempt, kept)
        if at is None:
            kept.append(step)
        else:
            last = {name: getattr(step.attempt, name) for name in ("number", "action", "said")}
            kept[at] = Kept(kept[at].attempt.model_copy(update=last))
    return kept


def _set_before(attempt: Attempt, earlier: Sequence[Kept]) -> int | None:
    """Where the same field was set, if nothing but filling in came since."""
    for at in range(len(earlier) - 1, -1, -1):
        other = earlier[at].attempt
        settles = {a.action["action"] for a in (attempt, other)} <= _SETS
        if not settles or other.url != attempt.url or other.sent or other.action.get("submit"):
            return None
        if attempt.locator and other.locator == attempt.locator:
            return at
    return None


def _put_aside(attempt: Attempt, attempts: Sequence[Attempt], kept: Sequence[Attempt]) -> str:
    """What an attempt took out of the way, "" if it did anything else."""
    went = [line[2:] for line in attempt.verdict.changed if line.startswith("- ")]
    if attempt.action["action"] not in ("click", "press") or not went:
        return ""
    for failed in attempts:
        if failed.verdict.cause is Cause.COVERED and failed.number < attempt.number:
            tried_again = next(
                (k for k in kept if k.number > failed.number and k.key == failed.key), None
            )
            if tried_again and tried_again.number > attempt.number:
                return failed.verdict.evidence.removesuffix(" covers it")
    only = len(went) == len(attempt.verdict.changed)
    box = next((line for line in went if line.startswith(("dialog", "alertdialog"))), "")
    brought = any(f"+ {box}" in k.verdict.changed for k in kept if k.number < attempt.number)
    return box if only and box and not brought else ""
