"""What was learned about a site: which failure was overcome there, and by what.

A lesson is made only of what was done and of names of elements, never of a page's prose or of
what was filled in; it is kept only when the run that made it reached its goal. One small JSON
file a site, in `home/memory/`, which the user may read, edit and delete.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from agent.folder import storing
from agent.state import Attempt, RunState
from tools.causes import Cause
from tools.observation import clean
from tools.sites import read_address

KEPT = 20
"""Lessons a site; those that were confirmed longest ago make room."""

GIVEN = 5
"""Lessons that a run is told."""

SHORTEST_CONTEXT = 8192
"""A model with a context up to this is told none: to the bundled one they are unknown words,
and to any small one they cost room that the page needs."""

_NAME = 60
_TELLING = frozenset(
    {
        Cause.COVERED,
        Cause.DISABLED,
        Cause.NOT_VISIBLE,
        Cause.NO_EFFECT,
        Cause.WRONG_VALUE,
        Cause.DIALOG_OPEN,
    }
)
"""Causes that say something about the site; the others may be another time's or the model's."""


class Lesson(BaseModel):
    """`failed` did not work for `cause`; after `worked` it did. `seen` counts the runs."""

    failed: str
    cause: Cause
    worked: list[str]
    seen: int = 1

    def line(self) -> str:
        """As the model is told."""
        return f"{self.failed} was {self.cause.value} before; what helped: {', '.join(self.worked)}"


class SiteMemory(BaseModel):
    """The file of one site, the lesson confirmed last first."""

    site: str
    lessons: list[Lesson] = Field(default_factory=list)


def recall(home: Path, url: str) -> list[str]:
    """What earlier runs learned about the site of this address, in words for the model."""
    site = _site(url)
    return [lesson.line() for lesson in _load(home, site).lessons[:GIVEN]] if site else []


def remember(home: Path, state: RunState, redact: Callable[[str], str]) -> None:
    """Keep what a run that reached its goal has learned. Raises RunStorageFailed."""
    if state.outcome is None or state.outcome.status != "done":
        return
    for site, lessons in learned(state.attempts, redact).items():
        memory = _load(home, site)
        for lesson in lessons:
            _add(memory, lesson)
        path = _path(home, site)
        with storing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(".new")
            draft.write_text(memory.model_dump_json(indent=1))
            draft.replace(path)


def learned(attempts: Sequence[Attempt], redact: Callable[[str], str]) -> dict[str, list[Lesson]]:
    """By site: each failure after which the same was done with success, and what came between."""
    lessons: dict[str, list[Lesson]] = {}
    for index, failed in enumerate(attempts):
        if failed.verdict.cause not in _TELLING or failed.target is None:
            continue
        after = attempts[index + 1 :]
        end = next((i for i, a in enumerate(after) if a.verdict.ok and _same(a, failed)), None)
        site = _site(failed.url)
        if end is None or not site:
            continue
        steps = [_words(a, redact) for a in after[:end] if a.verdict.ok and a.target]
        if steps:
            lesson = Lesson(
                failed=_words(failed, redact), cause=failed.verdict.cause, worked=steps[:3]
            )
            lessons.setdefault(site, []).append(lesson)
    return lessons


def _same(one: Attempt, other: Attempt) -> bool:
    return one.target == other.target and one.action.get("action") == other.action.get("action")


def _words(attempt: Attempt, redact: Callable[[str], str]) -> str:
    """The action without what was filled in: `click button Add`."""
    target = attempt.target
    assert target is not None
    name = clean(redact(target.name))[:_NAME]
    return f"{attempt.action.get('action')} {target.role} {name}".strip()


def _add(memory: SiteMemory, lesson: Lesson) -> None:
    known = [
        old for old in memory.lessons if (old.failed, old.cause) == (lesson.failed, lesson.cause)
    ]
    seen = lesson.seen + sum(old.seen for old in known)
    rest = [old for old in memory.lessons if old not in known]
    memory.lessons = [lesson.model_copy(update={"seen": seen}), *rest][:KEPT]


def _load(home: Path, site: str) -> SiteMemory:
    try:
        return SiteMemory.model_validate_json(_path(home, site).read_bytes())
    except (OSError, ValidationError):
        return SiteMemory(site=site)  # none yet, or the user's edit went wrong: begin anew


def _path(home: Path, site: str) -> Path:
    plain = re.sub(r"[^a-z0-9.-]", "_", site.lower())[:80]
    if plain != site:
        plain += "-" + hashlib.sha256(site.encode()).hexdigest()[:8]
    return home / "memory" / f"{plain}.json"


def _site(url: str) -> str:
    address = read_address(url)
    return address.site if address and address.host else ""
