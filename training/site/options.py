"""What `python -m training from-site` is told. Light, so that the command line can be read fast."""

import argparse
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """One run of the command; see `add_options` for what each means."""

    url: str
    out: Path
    description: str = ""
    pages: int = 30
    depth: int = 3
    seconds: float = 600
    tasks: int = 12
    trouble: float = 0.25
    act: bool = False
    delay: float = 0.5
    page_tokens: int = 3000
    seed: int = 0
    storage_state: Path | None = None
    headed: bool = False
    model_url: str = ""
    model: str = ""


def add_options(command: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add = command.add_argument
    add("--out", type=Path, default=Path("build/site"))
    add("url", help="a page of your site: the crawl begins there and stays on its origin")
    add("--description", default="", metavar="FILE|TEXT", help="plain words and example tasks")
    add("--pages", type=int, default=Options.pages, help="pages at most")
    add("--depth", type=int, default=Options.depth, help="links from the first page at most")
    add("--seconds", type=float, default=Options.seconds, help="seconds at most, all in all")
    add(
        "--tasks",
        type=int,
        default=Options.tasks,
        help="tasks for each page at most; 0: like your examples",
    )
    trouble = "the share of actions that something comes in the way of"
    add("--trouble", type=float, default=Options.trouble, help=trouble)
    act = "also press buttons that send nothing; without it only links are followed"
    add("--act", action="store_true", help=act)
    add("--delay", type=float, default=Options.delay, help="seconds between two pages")
    length = "the most tokens of a page in a prompt"
    add("--page-tokens", type=int, default=Options.page_tokens, help=length)
    add("--seed", type=int, default=Options.seed)
    state = "cookies and local storage to start with, for what stands behind a login"
    add("--storage-state", type=Path, metavar="FILE", help=state)
    add("--headed", action="store_true", help="show the browser's window")
    endpoint = "a larger model that proposes tasks and answers them"
    add("--model-url", default="", metavar="URL|SERVICE", help=endpoint)
    add("--model", default="", metavar="NAME", help="the model's name there")


def read_options(parsed: argparse.Namespace) -> Options:
    """The options as parsed; the description's file, if it is one, is read."""
    given = {name: value for name, value in vars(parsed).items() if name != "verb"}
    try:
        if (file := Path(parsed.description)).is_file():
            given["description"] = file.read_text(encoding="utf-8")
    except OSError:  # longer than a path may be: it is the text itself
        pass
    return Options(**given)
