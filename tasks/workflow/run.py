"""A workflow's run from the outside: start one, take one up again.

It is a run like any other: a folder with `run.json` and `events.jsonl`, which `secondlook runs`,
`show` and `resume` know. What it carries out is stored whole in its settings.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from agent.approve import Approver
from agent.checkpoint import open_saver, plain
from agent.drive import thread
from agent.events import Finished, Listener, Started, UsageNow
from agent.folder import ENDED, RunFolder
from agent.graph import build
from agent.live import Live
from agent.model.endpoints import configured
from agent.model.unasked import Unasked
from agent.opening import AskSecret, Given, opened, settings_here
from agent.settings import RunSettings, WorkflowSource
from agent.state import Outcome, RunState, RunStatus, Usage
from agent.turn import STOPPED, ended, turn_at
from tasks.bundled import bundled_model
from tasks.workflow.brain import Brain, Serve
from tasks.workflow.heal import Mender
from tasks.workflow.inputs import InputError, resolve
from tasks.workflow.ledger import Ledger
from tasks.workflow.load import WorkflowFile, load
from tasks.workflow.mended import Mended
from tasks.workflow.offer import offered
from tasks.workflow.outputs import save
from tasks.workflow.problems import BadInput
from tasks.workflow.replay import Replay
from tasks.workflow.scene import Scene, Stop
from tasks.workflow.templates import TemplateError, Value, fill

RESULT = "result.json"
"""The file in a run's folder that holds its `WorkflowResult`."""

NO_MODEL = "no model"
"""What stands in the place of the model's name while none is asked."""


class StepResult(BaseModel):
    """One step as it ended; `shown` is what proves it."""

    do: str
    done: bool
    shown: str = ""


class WorkflowResult(BaseModel):
    """How a workflow's run ended, or why it waits.

    `outputs` are the values that it brought, `saved` the files that they were written to. `mended`
    are the steps that the model mended, each in a sentence, `diff` what to change in the file so
    that they need no mending, and `updated` whether that was written.
    """

    run: str
    status: RunStatus
    answer: str
    outputs: dict[str, Any] = Field(default_factory=dict)
    saved: list[Path] = Field(default_factory=list)
    steps: list[StepResult] = Field(default_factory=list)
    mended: list[str] = Field(default_factory=list)
    diff: str = ""
    updated: bool = False
    usage: Usage = Field(default_factory=Usage)
    folder: Path = Path()

    @property
    def ok(self) -> bool:
        """Whether everything is done."""
        return self.status == "done"


@dataclass
class Ended:
    """A run with what else there is to tell of it than is stored."""

    result: WorkflowResult
    mended: list[Mended] = field(default_factory=list)


def settings_for(
    file: WorkflowFile, inputs: Mapping[str, Value], base: RunSettings, **source: Any
) -> RunSettings:
    """The settings of a run of this file: its task, start, sites and secrets, and the file whole.

    `base` holds what else was asked for; `source` are further fields of `WorkflowSource`. Raises
    BadInput.
    """
    values = checked(file, inputs)
    given = {name: values[name] for name in inputs}
    folder = file.path.absolute().parent
    texts = {str(each.path.absolute().relative_to(folder)): each.text for each in file.files()}
    starts = [f.workflow.url for f in file.files() if f is not file and "{{" not in f.workflow.url]
    bound = {spec.partition("@")[0] for spec in base.secrets}
    stored = WorkflowSource(
        file=file.path.absolute(),
        texts=texts,
        digest=digest(file.text),
        inputs=given,
        **source,
    )
    return base.model_copy(
        update={
            "task": file.workflow.workflow,
            "url": start_url(file, values),
            "allow": [*file.sites, *filter(None, starts), *base.allow],
            "secrets": [*base.secrets, *(name for name in file.secrets if name not in bound)],
            "workflow": WorkflowSource.model_validate_json(stored.model_dump_json()),
        }
    )


def row_settings(
    base: RunSettings, file: WorkflowFile, inputs: dict[str, Any], home: Path, folder: Path
) -> RunSettings:
    """The settings of one row's run, in the settings of its table's."""
    assert base.workflow is not None, "this is a workflow's run"
    own = {"inputs": inputs, "table": [], "update": False, "outputs": folder / "outputs"}
    url = start_url(file, checked(file, inputs))
    source = base.workflow.model_copy(update=own)
    return base.model_copy(update={"url": url, "home": home, "workflow": source})


def start_url(file: WorkflowFile, values: Mapping[str, Value]) -> str:
    """Where the workflow begins with these values. Raises BadInput."""
    try:
        return fill(file.workflow.url, values)
    except TemplateError as error:
        raise BadInput(f"{file.path.name}: url: {error}.") from error


def checked(file: WorkflowFile, inputs: Mapping[str, Value]) -> dict[str, Value]:
    """A value for every input of the file. Raises BadInput."""
    try:
        return resolve(file.workflow.inputs, inputs)
    except InputError as error:
        raise BadInput(f"{file.path.name}: {error}.") from error


def digest(text: str) -> str:
    """What tells whether a file is still the one that was read."""
    return hashlib.sha256(text.encode()).hexdigest()


def stored_file(folder: RunFolder, source: WorkflowSource) -> WorkflowFile:
    """The workflow of a run as it was when the run began, under its own path."""
    copies = folder.path / "workflow"
    for name, text in source.texts.items():
        copy = copies / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if not copy.exists():
            copy.write_bytes(text.encode())
    return _under(load(copies / source.file.name), copies, source.file.parent)


def _under(file: WorkflowFile, copies: Path, folder: Path) -> WorkflowFile:
    """The file and all that it calls with the paths that they were copied from."""
    called = {name: _under(each, copies, folder) for name, each in file.called.items()}
    return replace(file, path=folder / file.path.relative_to(copies), called=called)


async def take_up(
    folder: RunFolder,
    listener: Listener,
    approver: Approver | None = None,
    ask_secret: AskSecret | None = None,
    mender: Mender | None = None,
    serve: Serve | None = None,
    **given: Any,
) -> Ended:
    """Work on a workflow's run, new or stored, to its end or to where it waits.

    `mender` is what several runs share; otherwise the run has its own, for which `serve` starts
    the bundled model where the settings name none. `given` are further fields of `Given`. Raises
    AgentError and ToolError when it cannot go on; what it did is saved then.
    """
    with turn_at(folder, NO_MODEL) as before:
        async with AsyncExitStack() as stack:
            if mender is None:
                brain = await stack.enter_async_context(Brain(before.settings, serve))
                source = before.settings.workflow
                mender = Mender(brain, heal=bool(source and source.heal))
            process = Given(listener, approver, ask_secret, **given)
            done = await _carry_out(folder, process, mender, before.status == "limit")
        folder.write(RESULT, done.result.model_dump_json(indent=1))
        ended(folder, Outcome(status=done.result.status, answer=done.result.answer))
        return done


async def _carry_out(folder: RunFolder, given: Given, mender: Mender, was_at_limit: bool) -> Ended:
    """Open what the run needs, do its steps, and tell how it ended."""
    settings = settings_here(folder.load().settings, given)
    source = settings.workflow
    assert source is not None, "this is a workflow's run"
    file = stored_file(folder, source)
    with Ledger(folder) as ledger:
        if was_at_limit:  # who goes on gives it the same time once more
            more = settings.limits.seconds + ledger.usage.seconds
            limits = settings.limits.model_copy(update={"seconds": more})
            settings = settings.model_copy(update={"limits": limits})
        before = None if ledger.fresh else RunState(run=folder.run, task=settings.task)
        if before:
            before = before.model_copy(update={"granted": ledger.granted})
        async with opened(folder, settings, given, before, Unasked()) as live:
            ledger.redact = live.secrets.redact_data
            scene = Scene(live, ledger, given.approver, file.secrets, usage=ledger.usage)
            _tell_start(live, resumed=before is not None)
            replay = Replay(scene, file, mender)
            try:
                outcome, values = await _steps(replay, source)
            except asyncio.CancelledError:
                _tell_end(scene, STOPPED, {})
                raise
            ended = _ended(replay, outcome, values)
            await _keep_state(scene, outcome)
            _tell_end(scene, outcome, ended.result.outputs)
            return ended


async def _steps(replay: Replay, source: WorkflowSource) -> tuple[Outcome, dict[str, Value]]:
    """Do all steps; how it ended, and the outputs."""
    try:
        values = await replay.run(source.inputs)
    except Stop as stop:
        return stop.outcome, {}
    scene = replay.scene
    done = sum(step.done for step in scene.plan)
    asked = scene.usage.model_calls
    whom = f"the model was asked {asked} times" if asked > 1 else "the model was asked once"
    told = [f"{done} step{'s' if done != 1 else ''} done", whom if asked else "no model was asked"]
    if replay.mended:
        told.append(f"{len(replay.mended)} mended")
    return Outcome(status="done", answer=f"{', '.join(told)}."), values


def _ended(replay: Replay, outcome: Outcome, values: dict[str, Value]) -> Ended:
    scene, file = replay.scene, replay.file
    source, folder = scene.live.settings.workflow, scene.live.folder
    assert source is not None, "this is a workflow's run"
    saved = save(file, values, source.outputs) if outcome.status == "done" else []
    if who := replay.mender.brain.name:
        folder.save(folder.load().model_copy(update={"model": who}))
    offer = offered(file, replay.mended, source)
    result = WorkflowResult(
        run=folder.run,
        status=outcome.status,
        answer=outcome.answer,
        outputs=values,
        saved=saved,
        steps=[StepResult(do=s.do, done=s.done, shown=s.evidence) for s in scene.plan],
        mended=offer.told,
        diff=offer.diff,
        updated=offer.written,
        usage=scene.used(),
        folder=folder.path,
    )
    return Ended(result, replay.mended)


async def _keep_state(scene: Scene, outcome: Outcome) -> None:
    """Keep the run's state where that of any run is looked for."""
    state = scene.state(outcome=outcome)
    values = {name: getattr(state, name) for name in RunState.model_fields}
    async with open_saver(scene.live.folder.checkpoints) as saver:
        config = thread(scene.live.folder)
        await build(saver).aupdate_state(config, plain(values), as_node="finish")


def _tell_start(live: Live, *, resumed: bool) -> None:
    live.emit(
        Started(
            task=live.settings.task,
            url=live.settings.url,
            model=NO_MODEL,
            folder=str(live.folder.path),
            resumed=resumed,
        )
    )


def _tell_end(scene: Scene, outcome: Outcome, outputs: dict[str, Value]) -> None:
    scene.live.emit(UsageNow(usage=scene.used()))
    scene.live.emit(
        Finished(
            status=outcome.status,
            answer=outcome.answer,
            evidence=outcome.evidence,
            resumable=outcome.status not in ENDED,
            folder=str(scene.live.folder.path),
            usage=scene.used(),
            outputs=outputs,
        )
    )


async def run_workflow(
    file: Path | str,
    inputs: Mapping[str, Value] | None = None,
    *,
    yes: bool = False,
    heal: bool = True,
    update: bool = False,
    headed: bool = False,
    allow: Sequence[str] = (),
    secrets: Sequence[str] = (),
    model_url: str = "",
    settings: RunSettings | None = None,
    listener: Listener = lambda event: None,
    approver: Approver | None = None,
    ask_secret: AskSecret | None = None,
) -> WorkflowResult:
    """Carry a workflow file out, with values for its inputs; how it ended.

    `yes` answers approvals, `heal` lets the model mend a step that fails, `update` writes what
    was mended to the file. `secrets` are names, as `NAME@site`, with values in the environment or
    the keyring. What else a run can be told is in `settings`. Without `approver` the run stops
    where it needs the user. Raises WorkflowInvalid, BadInput, and AgentError or ToolError when it
    cannot go on; `secondlook resume` then can.
    """
    base = settings or RunSettings(task="workflow")
    asked = {
        "yes": yes or base.yes,
        "allow": [*base.allow, *allow],
        "secrets": [*base.secrets, *secrets],
        "model_url": model_url or base.model_url,
        "browser": base.browser.model_copy(update={"headed": headed or base.browser.headed}),
    }
    run = settings_for(
        load(Path(file)),
        inputs or {},
        base.model_copy(update=asked),
        heal=heal,
        update=update,
        outputs=Path.cwd(),
    )
    serve = None if configured(run.model_url, run.model_name) else bundled_model
    ended = await take_up(RunFolder.create(run), listener, approver, ask_secret, serve=serve)
    return ended.result
