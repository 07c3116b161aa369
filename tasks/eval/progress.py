"""What a person sees while an evaluation goes on."""

from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tasks.eval.results import Episode, Results
from tasks.eval.suite import Key
from tasks.terminal_text import safe


class Watcher:
    """A bar at a terminal, a line an episode elsewhere; use as a context manager."""

    def __init__(self, console: Console, results: Results, keys: Sequence[Key]) -> None:
        self._console, self._keys, self._results = console, keys, results
        self._before = len(keys) - len(results.missing(keys))
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[last]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> "Watcher":
        if self._before:
            self._console.print(f"{self._before} of {len(self._keys)} are done already.")
        self._progress.start()
        self._bar = self._progress.add_task(
            "Evaluating", total=len(self._keys), completed=self._before, last=""
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def told(self, episode: Episode) -> None:
        """An episode is over."""
        mark = "done" if episode.success else f"not done ({safe(episode.why)[:60]})"
        line = f"{episode.task} {episode.seed}: {mark}"
        if not self._console.is_terminal:
            self._console.print(line, markup=False, soft_wrap=True)
        known = [self._results.episodes[k] for k in self._keys if k in self._results.episodes]
        rate = sum(each.success for each in known) / len(known)
        self._progress.update(
            self._bar,
            advance=1,
            description=f"Done {rate * 100:.0f} %",
            last=line.replace("[", "\\["),
        )

    def stopping(self) -> None:
        """The user wants it to stop; it does once the browsers are closed."""
        self._console.print("Stopping …")

    def leaving(self) -> None:
        """Put the terminal right before the process leaves at once."""
        self._progress.stop()
