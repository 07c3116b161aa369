"""Writing what a workflow brought to the files that it names."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from agent.folder import storage_failed
from tasks.workflow.load import WorkflowFile
from tasks.workflow.templates import Value, shown


def save(file: WorkflowFile, values: Mapping[str, Value], folder: Path) -> list[Path]:
    """Write the outputs that are to be saved into `folder`; the files.

    Raises RunStorageFailed.
    """
    saved = []
    for name, output in file.workflow.outputs.items():
        if output.save is None or name not in values:
            continue
        path = folder / output.save
        text = as_csv(values[name]) if path.suffix == ".csv" else as_json(values[name])
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        except OSError as error:
            raise storage_failed(path, error) from error
        saved.append(path)
    return saved


def as_json(value: Value) -> str:
    """The value as JSON for people, too."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n"


def as_csv(value: Value) -> str:
    """A table with its header; a record as a table of one row, a list as one column."""
    rows: Sequence[Value] = value if isinstance(value, list) else [value]
    if not all(isinstance(row, Mapping) for row in rows):
        rows = [{"value": row} for row in rows]
    return table(rows)


def table(rows: Sequence[Mapping[str, Value]]) -> str:
    """Records as CSV; the header has every name that one of them has."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_cell(row.get(name)) for name in names] for row in rows)
    return text.getvalue()


def _cell(value: Value) -> str:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return shown(value)
