"""What to change in a workflow's file so that the steps that were mended need it no more."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.folder import storage_failed
from agent.settings import WorkflowSource
from tasks.workflow.load import WorkflowFile, load
from tasks.workflow.mended import Mended
from tasks.workflow.patch import PatchFailed, StepPatch, diff, patched
from tasks.workflow.problems import WorkflowInvalid


@dataclass
class Offer:
    """What was mended, in sentences; the diff; and whether it was written to the file."""

    told: list[str] = field(default_factory=list)
    diff: str = ""
    written: bool = False


def offered(file: WorkflowFile, mended: Sequence[Mended], source: WorkflowSource) -> Offer:
    """The patch for the steps that were mended, written if the run is to update its file.

    A step in a loop is mended once; a file that was changed since the run began is left alone.
    """
    offer = Offer([_told(each) for each in mended])
    for each in file.files():
        patches: dict[object, StepPatch] = {}
        for step in mended:
            if step.file.path == each.path and step.patch is not None:
                patches.setdefault(step.patch.path, step.patch)
        if patches:
            _add(offer, each, list(patches.values()), source)
    return offer


def _add(
    offer: Offer, file: WorkflowFile, patches: Sequence[StepPatch], source: WorkflowSource
) -> None:
    try:
        text = patched(file, patches)
    except PatchFailed as error:
        offer.told.append(str(error))
        return
    offer.diff += diff(file, text)
    if not source.update:
        return
    try:
        unchanged = load(file.path).text == file.text
    except WorkflowInvalid:
        unchanged = False
    if not unchanged:
        offer.told.append(f"{file.path} was changed meanwhile, so nothing was written to it.")
        return
    try:
        with file.path.open("w", encoding="utf-8", newline="") as out:
            out.write(text)
    except OSError as error:
        raise storage_failed(file.path, error) from error
    offer.written = True


def _told(step: Mended) -> str:
    done = ", then ".join(step.said)
    where = step.file.place(step.patch.path) if step.patch else step.file.path
    return f"{where}: {step.why}; instead: {done or 'nothing had to be done'}"
