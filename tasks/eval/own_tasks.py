"""Anyone's own tasks, a JSON object a line, judged by conditions on the page.

    {"id": "funghi", "task": "Order a Funghi", "url": "http://127.0.0.1:8000",
     "check": {"text": "Thank you"}, "yes": true}

`check` is what `expect` is in a workflow; nothing in the file is evaluated.
"""

import hashlib
import json
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from playwright.async_api import BrowserContext
from pydantic import Field, ValidationError

from tasks.eval.problems import EvaluationError
from tasks.eval.suite import Asked, Judgement, Key
from tasks.workflow.conditions import Conditions
from tasks.workflow.holds import Holds
from tasks.workflow.parts import Name, Part, Text
from tasks.workflow.sentences import sentence
from tasks.workflow.templates import fill, mentions
from tools.errors import SecretMissing
from tools.secrets import Secrets
from tools.session import Session
from tools.sites import SitePattern, read_address

PATIENCE_S = 3.0
"""So long a page may take, when the agent has ended, until what it did shows."""


class OwnTask(Part):
    """One line: a task with its start page and what must be true in the end.

    `inputs` are filled in for `{{ name }}`; `secrets`, `sites` and `yes` are what `--secret`,
    `--allow` and `--yes` are for `secondlook run`.
    """

    id: str = Field(min_length=1)
    task: Text = Field(min_length=1)
    url: Text = Field(min_length=1)
    check: Annotated[Conditions, Field(min_length=1)]
    inputs: dict[Name, str] = Field(default_factory=dict)
    secrets: list[str] = Field(default_factory=list)
    sites: list[str] = Field(default_factory=list)
    yes: bool = False


class TasksInvalid(EvaluationError):
    """A file of tasks has errors; `problems` are all, a sentence each with its line."""

    def __init__(self, path: Path, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        lines = f"{len(problems)} lines" if len(problems) > 1 else "one line"
        super().__init__(f"{path} has errors in {lines}; nothing was run.")


class OwnTasks:
    """The tasks of a file; `name` says which, with its digest.

    Raises EvaluationError if it cannot be read, TasksInvalid if lines are wrong.
    """

    def __init__(self, path: Path) -> None:
        text = _text(path)
        self.name = f"{path.name} {hashlib.sha256(text.encode()).hexdigest()[:8]}"
        self.tasks = {task.id: task for task in _read(text, path)}

    @asynccontextmanager
    async def served(self) -> AsyncIterator[None]:
        """The pages are elsewhere: nothing is served."""
        yield

    async def begin(self, window: BrowserContext, key: Key) -> Asked:
        """An empty tab, in which the agent opens the page itself."""
        await window.new_page()
        task = self.tasks[key.task]
        names = [name.partition("@")[0] for name in task.secrets]
        return Asked(
            task=fill(task.task, task.inputs, names),
            url=fill(task.url, task.inputs),
            allow=task.sites,
            secrets=task.secrets,
            yes=task.yes,
        )

    async def over(self, window: BrowserContext) -> bool:
        """Never: only the end shows whether the conditions hold."""
        return False

    async def judge(self, window: BrowserContext, key: Key) -> Judgement:
        """Whether the conditions hold in the newest tab, or come to hold in a moment."""
        task = self.tasks[key.task]
        if not window.pages:
            return Judgement(False, "the last tab was closed")
        redact = Secrets.load(task.secrets, fill(task.url, task.inputs)).redact
        with tempfile.TemporaryDirectory(prefix="secondlook-") as downloads:
            session = Session(window, Path(downloads))
            session.adopt(window.pages[-1])
            missing = await Holds(session, task.inputs, redact).until(task.check, PATIENCE_S)
        return Judgement(not missing, f"it is not so that {missing}" if missing else "")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise EvaluationError(f"{path} cannot be read: {reason}.") from error


def _read(text: str, path: Path) -> list[OwnTask]:
    tasks: dict[str, OwnTask] = {}
    problems: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        task, wrong = _task(line)
        if task is not None and task.id in tasks:
            wrong = wrong or f"the id {task.id} stands there already"
        if task is None or wrong:
            problems.append(f"{path}:{number}: {wrong.rstrip('.?')}.")
        else:
            tasks[task.id] = task
    if problems:
        raise TasksInvalid(path, problems)
    if not tasks:
        raise EvaluationError(f"{path} has no tasks: write one JSON object a line (docs/eval.md).")
    return list(tasks.values())


def _task(line: str) -> tuple[OwnTask | None, str]:
    """The task of a line, and the first thing that is wrong with it, as a sentence."""
    try:
        task = OwnTask.model_validate(json.loads(line))
    except json.JSONDecodeError as error:
        return None, f"this is no JSON: {error.msg.lower()} at character {error.colno}"
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where, told = str(first["loc"][0]) if first["loc"] else "", sentence(first)
        return None, told if told.startswith(where) else f"{where}: {told}"
    return task, _wrong(task)


def _wrong(task: OwnTask) -> str:
    """What only the whole line shows to be wrong; "" if nothing is."""
    secrets = {name.partition("@")[0] for name in task.secrets}
    for name in (m.name for m in mentions(task.task) if m.name not in secrets):
        if name not in task.inputs:
            return f"task: {name} is neither an input nor a secret of this line"
    for name in [m.name for m in mentions(task.url)] + list(_names(task)):
        if name not in task.inputs:
            return f"{name} is no input of this line"
    url = fill(task.url, task.inputs)
    if read_address(url) is None or not url.startswith(("http://", "https://")):
        return f"url: {url!r} is no web address (http or https)"
    try:
        for site in task.sites:
            SitePattern.parse(site)
    except ValueError as error:
        return f"sites: {error}"
    try:
        Secrets.load(task.secrets, url)
    except SecretMissing as error:
        return f"secrets: {str(error).rstrip('.')}"
    return ""


def _names(task: OwnTask) -> Iterator[str]:
    """The inputs that the conditions name."""

    def found(data: Any, key: str = "") -> Iterator[str]:
        if isinstance(data, dict):
            for name, value in data.items():
                yield from found(value, name)
        elif isinstance(data, list):
            for value in data:
                yield from found(value)
        elif isinstance(data, str):
            yield from [data] if key == "input" else [m.name for m in mentions(data)]

    yield from found(task.model_dump(mode="json", by_alias=True, include={"check"}))
