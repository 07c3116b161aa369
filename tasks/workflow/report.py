"""Reports of a workflow's run for other programs: JSON, CSV, and JUnit's XML."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from agent.folder import storage_failed
from tasks.workflow.outputs import as_csv
from tasks.workflow.run import WorkflowResult
from tasks.workflow.table import TableResult, rows_as_csv

Ended = WorkflowResult | TableResult


def write_results(ended: Ended, path: Path) -> None:
    """Write how it ended: everything as JSON, or the outputs (a table's rows) as CSV.

    Raises RunStorageFailed.
    """
    if path.suffix != ".csv":
        text = ended.model_dump_json(indent=1) + "\n"
    elif isinstance(ended, TableResult):
        text = rows_as_csv(ended.rows)
    else:
        text = as_csv(ended.outputs)
    _write(path, text)


def write_junit(ended: Ended, path: Path) -> None:
    """Write a test suite with a case for each step, or for each row of a table.

    Raises RunStorageFailed.
    """
    cases = list(_cases(ended))
    suite = ElementTree.Element(
        "testsuite",
        name=ended.run,
        tests=str(len(cases)),
        failures=str(sum(bool(case.failure) for case in cases)),
        skipped=str(sum(case.skipped for case in cases)),
        time=f"{ended.usage.seconds:.3f}",
    )
    for case in cases:
        one = ElementTree.SubElement(suite, "testcase", classname=ended.run, name=_xml(case.name))
        if case.seconds is not None:
            one.set("time", f"{case.seconds:.3f}")
        if case.failure:
            failure = ElementTree.SubElement(one, "failure", message=_xml(case.failure))
            failure.text = _xml(case.failure)
        elif case.skipped:
            ElementTree.SubElement(one, "skipped")
    ElementTree.indent(suite)
    _write(path, ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n")


@dataclass(frozen=True)
class _Case:
    name: str
    failure: str = ""
    skipped: bool = False
    seconds: float | None = None


def _cases(ended: Ended) -> Iterator[_Case]:
    if isinstance(ended, TableResult):
        for row in ended.rows:
            failure = "" if row.status == "done" else f"{row.status}: {row.answer}"
            inputs = ", ".join(f"{name}={value}" for name, value in row.inputs.items())
            yield _Case(f"row {row.number} {inputs}".strip(), failure, seconds=row.seconds)
        return
    failed = False
    for number, step in enumerate(ended.steps, 1):
        name = f"{number}. {step.do}"
        if step.done:
            yield _Case(name)
        else:
            yield _Case(name, "" if failed else f"{ended.status}: {ended.answer}", failed)
            failed = True
    if not ended.ok and not failed:
        yield _Case("the run", f"{ended.status}: {ended.answer}")


def _xml(text: str) -> str:
    """The text without the characters that XML cannot hold."""
    return "".join(c if c in "\t\n\r" or ord(c) >= 0x20 else "\ufffd" for c in text)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise storage_failed(path, error) from error
