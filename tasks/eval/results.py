"""What came of the episodes: a file of one JSON object a line that an evaluation goes on with.

The first line is the `Setup`, each other one an `Episode`, written as soon as it is over. A line
cut off by a kill is dropped; an episode that broke off in an error is done again.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tasks.eval.problems import EvaluationError, writing
from tasks.eval.suite import Key

Ended = Literal["page", "done", "failed", "limit", "needs_user", "error"]
"""How an episode ended: the page gave its reward or was left; the agent said done; it gave up; it
came to a limit; it waits for someone; or the evaluation itself broke off."""


class Setup(BaseModel):
    """What is measured, and under which conditions. Results of one file share it."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["setup"] = "setup"
    suite: str
    model: str
    temperature: float | None = None
    reflection: bool = True
    faults: float = 0
    max_actions: int = 10
    max_seconds: float = 300


class Episode(BaseModel):
    """One task done once. `success` is the page's word, `claimed` the agent's.

    `run` names its run, where runs are kept. `tokens` are those read and written by the model;
    `step_seconds` has the time of each action, from the end of the one before it; `faults` are
    those that were made.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["episode"] = "episode"
    task: str
    seed: int
    run: str = ""
    goal: str = ""
    success: bool = False
    claimed: bool = False
    ended: Ended
    why: str = ""
    actions: int = 0
    reflections: int = 0
    tokens: int = 0
    seconds: float = 0
    step_seconds: list[float] = Field(default_factory=list)
    faults: list[str] = Field(default_factory=list)

    @property
    def key(self) -> Key:
        """Which episode it is."""
        return Key(self.task, self.seed)

    @property
    def false_done(self) -> bool:
        """Whether the agent said done and the page does not."""
        return self.claimed and not self.success


class Results:
    """The episodes so far, by their keys; with a `path` they are kept there."""

    def __init__(self, setup: Setup, path: Path | None = None) -> None:
        """Begin, or go on with what the file holds.

        Raises EvaluationError for a file of something else or of another setup, or one that
        cannot be written.
        """
        self.setup, self._path = setup, path
        self.episodes: dict[Key, Episode] = {}
        if path is None:
            return
        if path.exists():
            before = read_results(path)
            _check_same(path, before.setup, setup)
            self.episodes = before.episodes
        with writing(path):
            draft = path.with_name(f"{path.name}.new")
            lines = [setup.model_dump_json(), *(e.model_dump_json() for e in self.listed())]
            draft.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            draft.replace(path)

    def listed(self) -> list[Episode]:
        """All episodes, in the order in which they ended."""
        return list(self.episodes.values())

    def missing(self, keys: Iterable[Key]) -> list[Key]:
        """Those of the keys that are still to be done."""
        return [k for k in keys if k not in self.episodes or self.episodes[k].ended == "error"]

    def add(self, episode: Episode) -> None:
        """Keep an episode. Raises EvaluationError where it cannot be written."""
        self.episodes[episode.key] = episode
        if self._path is not None:
            with writing(self._path), self._path.open("a", encoding="utf-8") as file:
                file.write(f"{episode.model_dump_json()}\n")
                file.flush()
                os.fsync(file.fileno())


def read_results(path: Path) -> Results:
    """The results in a file. Raises EvaluationError if it is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise EvaluationError(f"{path} cannot be read: {reason}.") from error
    first, *rest = text.split("\n")[:-1] or [""]
    try:
        results = Results(Setup.model_validate_json(first))
    except ValidationError as error:
        raise EvaluationError(f"{path} holds no results of `secondlook eval`.") from error
    for number, line in enumerate(rest, 2):
        try:
            episode = Episode.model_validate_json(line)
        except ValidationError as error:
            raise EvaluationError(f"{path}:{number} is no episode: remove that line.") from error
        results.episodes[episode.key] = episode
    return results


def _check_same(path: Path, before: Setup, now: Setup) -> None:
    old, new = before.model_dump(), now.model_dump()
    other = [f"{name} was {old[name]}" for name in old if old[name] != new[name]]
    if other:
        raise EvaluationError(
            f"{path} holds results of another setup ({', '.join(other)}): name another file, or "
            "give the same options."
        )
