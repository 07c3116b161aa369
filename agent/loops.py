"""Noticing that a run goes round in circles, before the action that would do so is taken.

An action counts as the same when its elements are the same by role, name and surroundings:
refs are renumbered at each look.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

from agent.state import Attempt, Target
from tools.causes import Cause
from tools.observation import Observation

SAME_AT_MOST = 2
"""So often is the same action taken on the same page state."""

_UNREACHED = (Cause.COVERED, Cause.DETACHED, Cause.NOT_VISIBLE, Cause.NOT_FOUND)
"""The action did not come to its element, so that nothing was tried."""

LONGEST_CYCLE = 6
ROUNDS_AT_MOST = 4
"""So often may a round of several actions be repeated while the page only counts up."""

_REF = re.compile(r"\[(e[0-9]+)\]")
_DIGITS = re.compile(r"\d+")


def target_of(action: dict[str, Any], observation: Observation) -> Target | None:
    """The element that an action points at, in words that outlive its ref."""
    element = observation.element(str(action.get("ref") or ""))
    if element is None:
        return None
    return Target(role=element.role, name=element.name, context=element.context)


def key_of(action: dict[str, Any], observation: Observation) -> str:
    """The action with its refs replaced by what they point at; equal for equal actions."""

    def words(value: Any) -> Any:
        if not isinstance(value, str) or not _REF.fullmatch(value):
            return value
        target = target_of({"ref": value}, observation)
        return [target.role, target.name, target.context] if target else "gone"

    plain = {name: words(value) for name, value in action.items() if value is not None}
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def shape_of(observation: Observation) -> str:
    """A fingerprint of the page that clocks and counters do not change."""
    lines = (element.line(refs=False) for element in observation.elements)
    words = _DIGITS.sub("#", "\n".join((observation.url.partition("?")[0], *lines)))
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def going_round(key: str, page: str, shape: str, attempts: Sequence[Attempt]) -> str:
    """Why taking this action now would be going round in circles; empty if it would not."""
    taken = [a for a in attempts if a.key and a.verdict.cause is not Cause.LOOP]
    before = [
        a
        for n, a in enumerate(taken)
        if a.key == key and a.page == page and not _overcome(a, taken[n + 1 :])
    ]
    if len(before) >= SAME_AT_MOST:
        return _same(before, taken)
    return _round([(a.key, a.shape) for a in taken] + [(key, shape)], taken)


def sent_before(key: str, page: str, attempts: Sequence[Attempt]) -> Attempt | None:
    """An earlier attempt at just this, with an effect outside the page and a request sent.

    To take it again on a page that looks the same would be to order twice. One whose result is
    unknown is not among them: the user is asked about that.
    """
    sent = (a for a in attempts if a.commit and a.sent and not a.unknown)
    return next((a for a in sent if a.key == key and a.page == page), None)


def _overcome(attempt: Attempt, after: Sequence[Attempt]) -> bool:
    """Whether what kept this attempt from its element has been dealt with since.

    A banner closed brings the page back to what it was: to try again is no circle.
    """
    return attempt.verdict.cause in _UNREACHED and any(a.verdict.ok for a in after)


def _same(before: list[Attempt], taken: list[Attempt]) -> str:
    last = before[-1]
    between = taken[taken.index(last) + 1 :]
    if not between:
        return f"tried {len(before)} times on this very page ({last.verdict.line()})"
    others = ", ".join(dict.fromkeys(a.said for a in between))
    return f"it goes round in a circle: after {others} the page is as before"


def _round(steps: list[tuple[str, str]], taken: list[Attempt]) -> str:
    """Whether the last steps are one cycle of several actions, repeated too often."""
    for length in range(2, LONGEST_CYCLE + 1):
        span = length * ROUNDS_AT_MOST + 1
        tail = steps[-span:]
        if len(tail) < span or len({step[0] for step in tail}) < 2:
            continue
        if all(tail[i] == tail[i + length] for i in range(span - length)):
            names = ", ".join(a.said for a in taken[-length:])
            return f"it goes round in a circle: {names}, {ROUNDS_AT_MOST} times already"
    return ""
