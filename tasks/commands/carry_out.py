"""What `run`, `resume` and `plan` have in common: a model, a watcher, Ctrl-C, an exit code."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from tasks.bundled import bundled_model, local_name
from tasks.exit_codes import BY_STATUS, ExitCode
from tasks.failures import Edge
from tasks.output import Mode, Output, open_output
from tasks.signals import run_stoppable

if TYPE_CHECKING:
    from agent.settings import RunSettings
    from agent.state import RunState

T = TypeVar("T")

Work = Callable[[Output, str], Awaitable["RunState"]]
"""Does the run, told who watches and where the bundled model answers, "" if another does."""


@dataclass
class _Watcher:
    """The output once there is one; stop signals may come before."""

    output: Output | None = None

    def stopping(self) -> None:
        if self.output is not None:
            self.output.stopping()

    def leaving(self) -> None:
        if self.output is not None:
            self.output.leaving()


def carry_out(edge: Edge, mode: Mode, settings: "RunSettings", work: Work) -> ExitCode:
    """Run the work where it can be watched and stopped; the exit code of how it ended.

    Raises the errors of the agent and the tools, and `Stopped`.
    """
    bundled = needs_bundled(settings)

    async def with_model(output: Output) -> "RunState":
        async with AsyncExitStack() as stack:
            url = (await stack.enter_async_context(bundled_model())).url if bundled else ""
            return await work(output, url)

    label = local_name() if bundled else settings.model_name
    state = watch(edge, mode, label, settings, with_model)
    return BY_STATUS[state.outcome.status] if state.outcome else ExitCode.DONE


def watch(
    edge: Edge,
    mode: Mode,
    label: str,
    settings: "RunSettings",
    work: Callable[[Output], Awaitable[T]],
) -> T:
    """Do work that is watched and that Ctrl-C stops; `label` says who answers.

    Raises what the work raises, and `Stopped`.
    """
    watcher = _Watcher()

    async def watched() -> T:
        with open_output(mode, label, edge, settings) as output:
            watcher.output = output
            return await work(output)

    return run_stoppable(watched(), on_first=watcher.stopping, on_second=watcher.leaving)


def needs_bundled(settings: "RunSettings") -> bool:
    """Whether no endpoint is configured, so that the bundled model answers."""
    from agent.model.endpoints import configured

    return configured(settings.model_url, settings.model_name) is None
