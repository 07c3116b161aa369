"""A run's folder: what it is, what it told, its pictures, its checkpoints, and its lock.

home/runs/20261124-funghi-x7/
  run.json            settings, status and outcome, without any secret
  events.jsonl        one event a line
  chats.jsonl         what the model was asked and what it wrote, if that is to be kept
  journal.jsonl       requests that left the browser and addresses reached, as they happen
  storage.json        cookies and local storage of the run's browser (mode 0600)
  checkpoints.sqlite  the state after every node
  screenshots/        one JPEG a page state
  trace.zip           Playwright's trace, with --trace
  lock                held while a process works on the run
"""

import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from agent.errors import RunNotFound, RunStorageFailed
from agent.locks import locked
from agent.settings import RunSettings
from agent.state import Outcome, RunStatus

_NO_WORDS = frozenset(
    "the and for with from into that this then its your you please order buy find open click go to "
    "get show tell what how make book send write fill one two three some all".split()
)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


ENDED: frozenset[RunStatus] = frozenset({"done"})
"""With one of these a run is over for good; one that failed may be tried again, with another
model, on a day on which the site answers."""


class RunRecord(BaseModel):
    """`run.json`: what a list of runs shows, and what `resume` starts from.

    `status` is `running` while a process works on it; if that process died, the lock is free
    and the run counts as stopped. `opened` is how often a process took the run up.
    """

    run: str
    settings: RunSettings
    status: RunStatus = "running"
    outcome: Outcome | None = None
    model: str = ""
    started: datetime = Field(default_factory=lambda: datetime.now(UTC))
    updated: datetime = Field(default_factory=lambda: datetime.now(UTC))
    opened: int = 0

    @property
    def resumable(self) -> bool:
        """Whether `resume` has something to go on with."""
        return self.status not in ENDED


class RunFolder:
    """Paths and small files of one run. Every failure to write is a `RunStorageFailed`."""

    def __init__(self, home: Path, run: str) -> None:
        self.run = run
        self.home = home
        self.path = home / "runs" / run
        self.events = self.path / "events.jsonl"
        self.chats = self.path / "chats.jsonl"
        self.journal = self.path / "journal.jsonl"
        self.storage = self.path / "storage.json"
        self.checkpoints = self.path / "checkpoints.sqlite"
        self.screenshots = self.path / "screenshots"
        self.trace = self.path / "trace.zip"
        self.downloads = self.path / "downloads"
        self.lock = self.path / "lock"

    @classmethod
    def create(cls, settings: RunSettings) -> "RunFolder":
        """Make the folder of a new run, complete at once; its name tells the day and the task."""
        runs = settings.home / "runs"
        day, word = f"{datetime.now():%Y%m%d}", _word(settings.task)
        with storing(runs):
            runs.mkdir(parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(prefix=".new-", dir=settings.home))
            for _ in range(100):
                tail = "".join(secrets.choice(_LETTERS) for _ in range(2))
                folder = cls(settings.home, f"{day}-{word}-{tail}")
                record = RunRecord(run=folder.run, settings=settings)
                (draft / "run.json").write_text(record.model_dump_json(indent=1))
                with suppress(FileExistsError):
                    if not folder.path.exists():
                        draft.rename(folder.path)
                        return folder
        raise RunStorageFailed(f"{runs} holds too many runs of today: remove some.")

    @classmethod
    def find(cls, home: Path, run: str) -> "RunFolder":
        """The folder of a stored run. Raises `RunNotFound`."""
        folder = cls(home, run)
        if not re.fullmatch(r"[\w-]+", run) or not (folder.path / "run.json").is_file():
            raise RunNotFound(
                f"There is no run {run!r} in {home / 'runs'}: `secondlook runs` lists them."
            )
        return folder

    def load(self) -> RunRecord:
        """What `run.json` says; a run whose process died reads as stopped."""
        try:
            record = RunRecord.model_validate_json((self.path / "run.json").read_bytes())
        except (OSError, ValidationError) as error:
            raise RunStorageFailed(f"{self.path / 'run.json'} cannot be read: {error}.") from error
        if record.status == "running" and not locked(self.lock):
            return record.model_copy(update={"status": "stopped"})
        return record

    def save(self, record: RunRecord) -> None:
        """Write `run.json`, whole or not at all."""
        record = record.model_copy(update={"updated": datetime.now(UTC)})
        self.write("run.json", record.model_dump_json(indent=1))

    def write(self, name: str, text: str) -> None:
        """Replace a small file of the run, as `write_private` does."""
        write_private(self.path / name, text)


def all_runs(home: Path) -> Iterator[RunRecord]:
    """The stored runs, newest first; folders that hold no run are passed over."""
    runs = home / "runs"
    folders = sorted(runs.iterdir(), reverse=True) if runs.is_dir() else []
    records = []
    for path in folders:
        if (path / "run.json").is_file():
            with suppress(RunStorageFailed):  # one damaged record must not hide the others
                records.append(RunFolder(home, path.name).load())
    return iter(sorted(records, key=lambda record: record.started, reverse=True))


def write_private(path: Path, text: str) -> None:
    """Replace a small file, whole or not at all, readable by the user only.

    Raises `RunStorageFailed`.
    """
    draft = path.with_suffix(".new")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as f:
            f.write(text)
        draft.replace(path)
    except OSError as error:
        raise storage_failed(path, error) from error


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """Turn a failure to write below `path` into one clear sentence."""
    try:
        yield
    except OSError as error:
        raise storage_failed(path, error) from error


def storage_failed(path: Path, error: Exception) -> RunStorageFailed:
    """The one sentence for a disk that is read-only, full or not ours."""
    reason = getattr(error, "strerror", None) or str(error)
    return RunStorageFailed(
        f"{path} cannot be written ({reason}): free or unlock the disk, "
        "or choose another folder with --home."
    )


def _word(task: str) -> str:
    """A word of the task that tells it apart: a name if there is one, else the longest."""
    words = [w for w in re.findall(r"[^\W\d_]{3,}", task) if w.lower() not in _NO_WORDS]
    if not words:
        return "run"
    names = [w for w in words if w[0].isupper()]
    best = names[0] if names else max(words, key=len)
    plain = best.lower().encode("ascii", "ignore").decode()
    return plain[:16] or "run"
