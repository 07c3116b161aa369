"""The exit codes of `secondlook`, in one place: the help, the docs and the tests read them here."""

from enum import IntEnum
from typing import TYPE_CHECKING

from agent.errors import (
    AgentError,
    ModelMisconfigured,
    ModelUnavailable,
    PromptTooLong,
    RunNotFound,
    RunStorageFailed,
)
from tasks.eval.problems import EvaluationError
from tasks.workflow.problems import BadInput, RecordingError, WorkflowInvalid
from tools.errors import BrowserGone, BrowserMissing, SecretMissing, StorageFailed, ToolError

if TYPE_CHECKING:
    from agent.state import RunStatus


class ExitCode(IntEnum):
    """What the number that `secondlook` leaves behind means."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NEEDS_USER = 3
    NO_BROWSER = 4
    NO_MODEL = 5
    STORAGE = 6
    STOPPED = 130


MEANING = {
    ExitCode.DONE: "done",
    ExitCode.FAILED: "failed, or a limit was reached",
    ExitCode.USAGE: "bad usage: an option, an unknown run, a secret without a value, "
    "a workflow file with errors",
    ExitCode.NEEDS_USER: "needs you: an approval or an answer, then `secondlook resume RUN`",
    ExitCode.NO_BROWSER: "no browser, or it went away",
    ExitCode.NO_MODEL: "no model: the endpoint is unreachable or no OpenAI-compatible one, "
    "or the model cannot be served here",
    ExitCode.STORAGE: "storage: the run's folder cannot be written",
    ExitCode.STOPPED: "stopped by Ctrl-C or a signal; `secondlook resume RUN` goes on",
}

BY_STATUS: "dict[RunStatus, ExitCode]" = {
    "running": ExitCode.STOPPED,
    "done": ExitCode.DONE,
    "failed": ExitCode.FAILED,
    "limit": ExitCode.FAILED,
    "needs_approval": ExitCode.NEEDS_USER,
    "needs_answer": ExitCode.NEEDS_USER,
    "stopped": ExitCode.STOPPED,
}

_BY_ERROR: tuple[tuple[type[Exception], ExitCode], ...] = (
    (BrowserMissing, ExitCode.NO_BROWSER),
    (BrowserGone, ExitCode.NO_BROWSER),
    (ModelUnavailable, ExitCode.NO_MODEL),
    (ModelMisconfigured, ExitCode.NO_MODEL),
    (PromptTooLong, ExitCode.NO_MODEL),
    (StorageFailed, ExitCode.STORAGE),
    (RunStorageFailed, ExitCode.STORAGE),
    (RunNotFound, ExitCode.USAGE),
    (SecretMissing, ExitCode.USAGE),
    (WorkflowInvalid, ExitCode.USAGE),
    (BadInput, ExitCode.USAGE),
    (RecordingError, ExitCode.USAGE),
    (EvaluationError, ExitCode.USAGE),
)


def code_for(error: ToolError | AgentError) -> ExitCode:
    """The exit code of a known error; `FAILED` for those that have none of their own."""
    for kind, code in _BY_ERROR:
        if isinstance(error, kind):
            return code
    return ExitCode.FAILED
