"""A table of inputs, killed half way with `kill -9` and resumed: every row exactly once.

    python -m tests.tasks.workflow.many_rows --rows 500 --parallel 4

Each row fills in a form on a fast page on loopback and sends it; the server counts what arrives.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

from tests.site_server import Answer, Request, Site, html_answer, redirect, serve
from tests.tasks.command import COMMAND, environment

WORKFLOW = """\
workflow: Save one entry
url: "{{ site }}/entry?id={{ id }}"
inputs: {site: text, id: text, word: text}
steps:
  - fill: get_by_label("Word")
    text: "{{ word }}"
  - click: get_by_role("button", name="Save")
    approve: granted
    expect: {text: "Saved: {{ word }}"}
  - extract: get_by_role("status")
    as: said
outputs: {said: }
"""


@dataclass
class Entries:
    """The site's memory: what was saved, in the order in which it came."""

    site: Site
    saved: list[tuple[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it is."""
        return self.site.url("").rstrip("/")

    def entry(self, request: Request) -> Answer:
        """The page of an entry: a form, or what was saved."""
        number = parse_qs(request.query)["id"][0]
        words = [word for one, word in self.saved if one == number]
        if words:
            return html_answer(f"<title>Entry</title><p role=status>Saved: {words[-1]}</p>")
        return html_answer(
            f"<title>Entry</title><form method=post action=/save?id={number}>"
            "<label>Word <input name=word></label><button>Save</button></form>"
        )

    def save(self, request: Request) -> Answer:
        """Save one."""
        number = parse_qs(request.query)["id"][0]
        self.saved.append((number, parse_qs(request.body.decode())["word"][0]))
        return redirect(f"/entry?id={number}", 303)


@contextmanager
def entries() -> Iterator[Entries]:
    """The site, served."""
    with serve(Path(__file__).parent) as site:
        known = Entries(site)
        site.handle("/entry", known.entry)
        site.handle("/save", known.save)
        yield known


@dataclass
class Done:
    """What came of it: how often each row was saved, exit codes, seconds, what was printed."""

    times: Counter[str]
    codes: tuple[int, int]
    seconds: float
    out: str
    at_the_kill: int
    wrong: list[str]


def killed_half_way(rows: int, parallel: int, folder: Path) -> Done:
    """Do the table, kill it when half of its rows are saved, go on."""
    with entries() as known:
        (folder / "save.yaml").write_text(WORKFLOW)
        lines = [f"{n},word {n}" for n in range(1, rows + 1)]
        (folder / "rows.csv").write_text("\n".join(["id,word", *lines]) + "\n")
        common = ["--home", str(folder / "home"), "--quiet"]
        run = [*COMMAND, "workflow", "run", str(folder / "save.yaml"), *common]
        run += ["--inputs", str(folder / "rows.csv"), "--input", f"site={known.url}"]
        run += ["--parallel", str(parallel)]
        began = time.monotonic()
        first = subprocess.Popen(run, env=environment(), stdout=subprocess.PIPE, text=True)
        while len(known.saved) < rows // 2 and first.poll() is None:
            time.sleep(0.01)
        first.kill()
        first.communicate()
        at_the_kill = len(known.saved)
        (name,) = [path.name for path in (folder / "home" / "runs").iterdir()]
        again = subprocess.run(
            [*COMMAND, "workflow", "run", "--resume", name, *common],
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(
            times=Counter(number for number, _ in known.saved),
            codes=(first.returncode, again.returncode),
            seconds=time.monotonic() - began,
            out=again.stdout + again.stderr,
            at_the_kill=at_the_kill,
            wrong=[f"{n}: {word}" for n, word in known.saved if word != f"word {n}"],
        )


def main() -> None:
    """Read the arguments, do it, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.tasks.workflow.many_rows")
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--parallel", type=int, default=4)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        done = killed_half_way(given.rows, given.parallel, Path(folder))
    often = Counter(done.times[str(n)] for n in range(1, given.rows + 1))
    print(
        f"{given.rows} rows, {given.parallel} at once, killed when {done.at_the_kill} were saved:"
    )
    print(f"  saved once: {often[1]}, not at all: {often[0]}, more often: ", end="")
    print(sum(number for times, number in often.items() if times > 1))
    print(f"  wrong values: {len(done.wrong)}; exit codes {done.codes}; {done.seconds:.1f} s")
    print(f"  {done.out.strip()}")
    sys.exit(0 if often[1] == given.rows else 1)


if __name__ == "__main__":
    main()
