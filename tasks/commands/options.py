"""The options that several commands share, each said once."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import typer

BROWSER = "Browser"
MODEL = "Model"
SAFETY = "What it may do"
LIMITS = "Limits"
OUTPUT = "Output"

Task = Annotated[
    str, typer.Argument(metavar="TASK", help="What to do, in plain words.", show_default=False)
]
RunName = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="The run's name, or its beginning; `secondlook runs` lists them.",
        show_default=False,
    ),
]
Url = Annotated[str, typer.Option("--url", metavar="URL", help="The page to start on.")]
Home = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="DIR",
        envvar="SECONDLOOK_HOME",
        help="Where runs and what was learned about sites are kept.",
        rich_help_panel=OUTPUT,
    ),
]
Json = Annotated[
    bool,
    typer.Option(
        "--json",
        metavar="",
        help="One JSON object a line (docs/events.md).",
        rich_help_panel=OUTPUT,
    ),
]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet", "-q", metavar="", help="Print the answer only.", rich_help_panel=OUTPUT
    ),
]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="SITE",
        help="A further site that may be opened; repeatable. Default: the site of --url.",
        rich_help_panel=SAFETY,
    ),
]
Yes = Annotated[
    bool,
    typer.Option(
        "--yes",
        "-y",
        metavar="",
        help="Do not ask before ordering, paying, sending, deleting.",
        rich_help_panel=SAFETY,
    ),
]
Secret = Annotated[
    list[str] | None,
    typer.Option(
        "--secret",
        metavar="NAME[@SITE]",
        help="A value that only that site sees, written {{NAME}} in the task; from the "
        "environment, the keyring, or asked for. Repeatable.",
        rich_help_panel=SAFETY,
    ),
]
Headed = Annotated[
    bool | None,
    typer.Option(
        "--headed/--headless",
        metavar="",
        help="Show the browser's window, or not. Default: not.",
        show_default=False,
        rich_help_panel=BROWSER,
    ),
]
Cdp = Annotated[
    str,
    typer.Option(
        "--cdp",
        metavar="URL",
        help="Use a browser that runs already, at its debugging address.",
        rich_help_panel=BROWSER,
    ),
]
Profile = Annotated[
    Path | None,
    typer.Option(
        "--profile", metavar="DIR", help="A profile that is kept.", rich_help_panel=BROWSER
    ),
]
StorageState = Annotated[
    Path | None,
    typer.Option(
        "--storage-state",
        metavar="FILE",
        help="Cookies and local storage to start with.",
        rich_help_panel=BROWSER,
    ),
]
Executable = Annotated[
    str,
    typer.Option(
        "--executable", metavar="PATH", help="The browser to start.", rich_help_panel=BROWSER
    ),
]
Trace = Annotated[
    bool,
    typer.Option(
        "--trace", metavar="", help="Keep a Playwright trace of the run.", rich_help_panel=OUTPUT
    ),
]
ModelUrl = Annotated[
    str,
    typer.Option(
        "--model-url",
        metavar="URL|SERVICE",
        envvar="SECONDLOOK_MODEL_URL",
        help="An OpenAI-compatible endpoint, or a service by name (docs/model.md). "
        "Default: OPENAI_BASE_URL, else the bundled model.",
        rich_help_panel=MODEL,
    ),
]
ModelName = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="NAME",
        envvar="SECONDLOOK_MODEL",
        help="The model's name there; needed if it has several.",
        rich_help_panel=MODEL,
    ),
]
Temperature = Annotated[
    float | None,
    typer.Option(
        "--temperature",
        metavar="T",
        min=0,
        max=2,
        help="How freely the model answers. Default: 0.7.",
        rich_help_panel=MODEL,
    ),
]
Reflection = Annotated[
    Literal["on", "off"],
    typer.Option(
        "--reflection",
        metavar="on|off",
        help="Whether a failure is thought about before the next try.",
        rich_help_panel=MODEL,
    ),
]
NoMemory = Annotated[
    bool,
    typer.Option(
        "--no-memory",
        metavar="",
        help="Neither use nor keep lessons about sites.",
        rich_help_panel=MODEL,
    ),
]
MaxSteps = Annotated[
    int | None,
    typer.Option(
        "--max-steps",
        metavar="N",
        min=1,
        help="Actions at most.",
        rich_help_panel=LIMITS,
    ),
]
MaxSeconds = Annotated[
    float | None,
    typer.Option(
        "--max-seconds",
        metavar="S",
        min=1,
        help="Seconds at most.",
        rich_help_panel=LIMITS,
    ),
]
MaxTokens = Annotated[
    int | None,
    typer.Option(
        "--max-tokens",
        metavar="N",
        min=1,
        help="Tokens at most.",
        rich_help_panel=LIMITS,
    ),
]


def checked_task(task: str) -> str:
    """The task without surrounding space. Raises `typer.BadParameter` when nothing is left."""
    if not task.strip():
        raise typer.BadParameter('The task is empty: say what to do, such as "Order a pizza".')
    return task.strip()


def checked_model_url(url: str) -> str:
    """A model's address as `checked_url`, or a service's name as it is."""
    from agent.model.services import SERVICES

    name = url.strip().lower()
    return name if name in SERVICES else checked_url(url, "--model-url")


def checked_url(url: str, option: str = "--url") -> str:
    """A web address; one without a scheme gets https, or http on this machine.

    Raises `typer.BadParameter` for anything that is no web address.
    """
    url = url.strip()
    if not url:
        return ""
    if "://" not in url and not url.startswith(("file:", "chrome:", "about:", "javascript:")):
        host = url.split("/")[0].split(":")[0]
        local = host == "localhost" or host.startswith("127.") or url.startswith("[::1]")
        url = f"{'http' if local else 'https'}://{url}"
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if not sound or " " in url:
        raise typer.BadParameter(f"{option} {url!r} is no web address (http or https).")
    return url
