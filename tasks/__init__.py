"""What is asked: the command line, the demo shop, workflows and evaluation.

`run_workflow` carries a workflow file out from Python.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tasks.workflow.run import run_workflow as run_workflow

__all__ = ["run_workflow"]


def __getattr__(name: str) -> Any:
    """Load what is asked for, and only then: importing `tasks` starts no browser's library."""
    if name != "run_workflow":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tasks.workflow.run import run_workflow

    return run_workflow
