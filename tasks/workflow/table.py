"""A table of inputs: its rows read from CSV, and how each of them ended."""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from agent.state import RunStatus, Usage
from tasks.workflow.load import WorkflowFile
from tasks.workflow.outputs import table
from tasks.workflow.problems import BadInput
from tasks.workflow.run import checked
from tasks.workflow.templates import Value

LARGEST = 50_000_000
"""Bytes of a table at most."""


class Row(BaseModel):
    """How one row ended; `number` counts from 1. `run` is its run, in `rows/` of the table's."""

    number: int
    inputs: dict[str, Any]
    status: RunStatus
    answer: str
    outputs: dict[str, Any] = Field(default_factory=dict)
    mended: list[str] = Field(default_factory=list)
    seconds: float = 0
    model_calls: int = 0
    run: str = ""


class TableResult(BaseModel):
    """How a table's run ended: its rows, and what is to be changed in the file."""

    run: str
    status: RunStatus
    answer: str
    rows: list[Row]
    mended: list[str] = Field(default_factory=list)
    diff: str = ""
    updated: bool = False
    usage: Usage = Field(default_factory=Usage)
    folder: Path = Path()


def read_table(path: Path, file: WorkflowFile, inputs: Mapping[str, Value]) -> list[dict[str, Any]]:
    """The rows of a CSV file, each with the inputs that all have in common, checked.

    An empty cell leaves an input to its default. Raises BadInput, which names the line.
    """
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8: save it as CSV UTF-8.") from error
    if len(raw) > LARGEST:
        raise BadInput(f"{path} is larger than {LARGEST // 1_000_000} MB: split it.")
    head = text.partition("\n")[0]
    mark = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    rows = []
    try:
        for cells in reader:
            rows.append(_row(cells, inputs, file, f"{path}:{reader.line_num}"))
    except csv.Error as error:
        raise BadInput(f"{path}:{reader.line_num}: this is no CSV: {error}.") from error
    if not rows:
        raise BadInput(f"{path} has no rows: the first line names the inputs, each other is a row.")
    return rows


def _row(
    cells: Mapping[Any, Any], inputs: Mapping[str, Value], file: WorkflowFile, where: str
) -> dict[str, Any]:
    if None in cells:
        raise BadInput(f"{where}: the line has more cells than the first line has names.")
    given = {str(name).strip(): value for name, value in cells.items() if value}
    row = {**inputs, **given}
    try:
        checked(file, row)
    except BadInput as error:
        raise BadInput(f"{where}: {error}") from error
    return row


def rows_as_csv(rows: Sequence[Row]) -> str:
    """How the rows ended, a line each: their inputs and outputs side by side."""
    return table([_flat(row) for row in rows])


def _flat(row: Row) -> dict[str, Value]:
    mended = "; ".join(row.mended)
    head = {"row": row.number, "status": row.status, "answer": row.answer}
    tail = {"mended": mended, "seconds": row.seconds, "run": row.run}
    return {**head, **row.inputs, **row.outputs, **tail}


def status_of(rows: Sequence[Row]) -> RunStatus:
    """Done if all are; else the most pressing: failed, then what waits for the user."""
    found = {row.status for row in rows}
    order: tuple[RunStatus, ...] = ("failed", "limit", "stopped", "needs_approval", "needs_answer")
    worst: RunStatus = next((status for status in order if status in found), "done")
    return "failed" if worst in ("limit", "stopped") else worst


def told(rows: Sequence[Row]) -> str:
    """How it went, in a sentence: `498 of 500 rows done, 2 failed; no model was asked.`"""
    counts = Counter(row.status for row in rows)
    done = counts.pop("done", 0)
    words = [f"{done} of {len(rows)} rows done"]
    words += [f"{number} {status.replace('_', ' ')}" for status, number in counts.items()]
    calls = sum(row.model_calls for row in rows)
    mended = sum(bool(row.mended) for row in rows)
    whom = f"the model was asked {calls} times" if calls else "no model was asked"
    return f"{', '.join(words)}; {whom}{f', {mended} rows were mended' if mended else ''}."
