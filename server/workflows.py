"""The workflows that clients can start: files in the `workflows` folder of the home."""

from datetime import date
from pathlib import Path

from agent.folder import RunFolder
from agent.settings import RunSettings
from server.perimeter import Refused
from server.protocol import InputValue, WorkflowInfo, WorkflowInput, Workflows
from tasks.workflow.inputs import ChoiceInput, Input
from tasks.workflow.load import load
from tasks.workflow.problems import BadInput, WorkflowInvalid
from tasks.workflow.run import settings_for

_SUFFIXES = frozenset({".yaml", ".yml"})


def workflows(home: Path) -> Workflows:
    """All of them, by name."""
    folder = _folder(home)
    return Workflows(folder=str(folder), workflows=[_info(path) for path in _files(folder)])


def new_run(home: Path, name: str, inputs: dict[str, InputValue], base: RunSettings) -> RunFolder:
    """The folder of a new run of this workflow. Raises Refused, RunStorageFailed."""
    path = next((path for path in _files(_folder(home)) if path.stem == name), None)
    if path is None:
        raise Refused(422, "NoSuchWorkflow", f"There is no workflow {name} in {_folder(home)}.")
    try:
        settings = settings_for(load(path), inputs, base)
    except (WorkflowInvalid, BadInput) as error:
        raise Refused(422, "BadValue", str(error)) from error
    folder = RunFolder.create(settings)
    assert settings.workflow is not None, "this is a workflow's run"
    source = settings.workflow.model_copy(update={"outputs": folder.path / "outputs"})
    settings = settings.model_copy(update={"workflow": source})
    folder.save(folder.load().model_copy(update={"settings": settings}))
    return folder


def _folder(home: Path) -> Path:
    return home / "workflows"


def _files(folder: Path) -> list[Path]:
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in found if path.suffix in _SUFFIXES and path.is_file())


def _info(path: Path) -> WorkflowInfo:
    try:
        file = load(path)
    except WorkflowInvalid as error:
        return WorkflowInfo(name=path.stem, problem=str(error))
    workflow = file.workflow
    inputs = [_input(name, declared) for name, declared in workflow.inputs.items()]
    secrets = [WorkflowInput(name=name, kind="secret", required=False) for name in file.secrets]
    return WorkflowInfo(
        name=path.stem,
        title=workflow.workflow,
        description=workflow.description,
        url=workflow.url,
        inputs=[*inputs, *secrets],
    )


def _input(name: str, declared: Input) -> WorkflowInput:
    default = declared.default
    return WorkflowInput.model_validate(
        {
            "name": name,
            "kind": declared.type,
            "description": declared.description,
            "required": declared.required,
            "default": str(default) if isinstance(default, date) else default,
            "choices": declared.options if isinstance(declared, ChoiceInput) else [],
        }
    )
