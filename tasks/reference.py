"""Writes `docs/cli.md`, `docs/events.md` and `docs/workflow.schema.json` from the code.

python -m tasks.reference          # rewrite them; a test fails when they differ
"""

import inspect
import json
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Union, get_args, get_origin

import typer.main
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from agent.events import AnyEvent
from agent.state import Step, Usage
from tasks.cli import EXAMPLES, app
from tasks.error_line import ErrorLine
from tasks.exit_codes import MEANING
from tasks.workflow.schema import json_schema
from tools.causes import Cause, Verdict

DOCS = Path(__file__).parent.parent / "docs"


def cli_markdown() -> str:
    """The commands with their arguments and options, examples and exit codes."""
    lines = ["# The command line", "", _MADE, "", str(app.info.help), "", "```"]
    lines += [*EXAMPLES]
    lines += ["```", "", "| exit code | meaning |", "|---|---|"]
    lines += [f"| {code.value} | {meaning} |" for code, meaning in MEANING.items()]
    group: Any = typer.main.get_command(app)
    for name, command in _commands(group):
        lines += ["", f"## secondlook {name}", "", str(command.help)]
        lines += ["", "| option | what it does |", "|---|---|"]
        lines += [_parameter(parameter) for parameter in command.params]
    return "\n".join(lines) + "\n"


def _commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """All commands with their names, those of a group in its place."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def events_markdown() -> str:
    """The objects that `--json` prints and `events.jsonl` holds, with their fields."""
    lines = ["# Events", "", _MADE, "", _EVENTS]
    for model in (*get_args(AnyEvent), ErrorLine):
        kind = model.model_fields["kind"].default
        lines += ["", f"## {kind}", "", *_documented(model, skip={"kind", "at", "run"})]
    lines += ["", "## Parts of events"]
    for part in (Step, Verdict, Usage):
        lines += ["", f"### {part.__name__}", "", *_documented(part, skip=set())]
    lines += ["", "`cause` is one of " + ", ".join(f"`{cause.value}`" for cause in Cause) + "."]
    return "\n".join(lines) + "\n"


_MADE = "<!-- made by `python -m tasks.reference`: change the code, not this file -->"

_EVENTS = """\
With `--json`, `secondlook run` and `resume` print one of these objects a line on standard
output and nothing else; diagnostics go to standard error. The last line is `finished`, or
`error` if the command ended with an error. `secondlook plan --json` ends with `planned`. A run's
folder keeps the same lines in `events.jsonl`, all but `piece` and `error`, and
`secondlook show RUN --json` prints them again. `secondlook runs --json` and
`secondlook doctor --json` print one object a run and a check.

Every event has `kind`; `at`, the time in UTC as ISO 8601; and `run`, the run's name. New kinds
and fields may be added: pass over those that you do not know. Values of secrets never appear,
only their names as `{{NAME}}`."""


def _parameter(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        names = f"`{parameter.metavar or parameter.name.upper()}`"
    else:
        value = "" if parameter.is_flag else f" {parameter.metavar}"
        names = ", ".join(f"`{option}{value}`" for option in _options(parameter))
    words = parameter.help or ""
    if parameter.envvar:
        words += f" Environment: `{parameter.envvar}`."
    names = names.replace("|", "\\|")
    return f"| {names} | {words} |".replace("{{", "`{{").replace("}}", "}}`")


def _options(parameter: Any) -> list[str]:
    """`--yes`, `-y`; of a switch also what turns it off: `--heal`, `--no-heal`."""
    return [*parameter.opts, *parameter.secondary_opts]


def _documented(model: type[BaseModel], skip: set[str]) -> Iterator[str]:
    yield inspect.cleandoc(model.__doc__ or "")
    fields = {k: f for k, f in model.model_fields.items() if k not in skip}
    if not fields:
        return
    yield from ("", "| field | type | default |", "|---|---|---|")
    for name, field in fields.items():
        default = _default(field)
        words = f"{_type(field.annotation)}{': ' + field.description if field.description else ''}"
        yield f"| `{name}` | {words} | {default} |"


def _default(field: Any) -> str:
    if field.default_factory is not None:
        return "empty"
    if field.default is PydanticUndefined:
        return "always there"
    return f"`{json.dumps(field.default, default=str)}`"


def _type(annotation: Any) -> str:
    """A type for readers who may not know Python."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return " or ".join(_type(a) for a in arguments)
    if origin is list:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return "object"
    if arguments:  # Literal
        return ", ".join(f"`{a}`" for a in arguments)
    names = {str: "text", int: "integer", float: "number", bool: "true or false"}
    return names.get(annotation, "null" if annotation is type(None) else annotation.__name__)


def workflow_schema() -> str:
    """The JSON Schema of workflow files, as `secondlook workflow check --schema` prints it."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


GENERATED = {
    "cli.md": cli_markdown,
    "events.md": events_markdown,
    "workflow.schema.json": workflow_schema,
}
"""What is written, by file name."""


def main() -> None:
    """Rewrite all files."""
    DOCS.mkdir(exist_ok=True)
    for name, text in GENERATED.items():
        (DOCS / name).write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
