"""A workflow for every row of a table: each exactly once, also when it is killed half way."""

import csv
import json
from pathlib import Path

import pytest

from agent.events import Judged, Planned, StepDone
from agent.folder import RunFolder
from tasks.workflow.load import parse
from tasks.workflow.problems import BadInput
from tasks.workflow.rows import take_up_table
from tasks.workflow.table import TableResult, read_table
from tests.agent.test_run import Told
from tests.scripted_model import ScriptedModel
from tests.tasks.command import secondlook
from tests.tasks.workflow.many_rows import WORKFLOW, entries, killed_half_way
from tests.tasks.workflow.orders import settings
from tests.tasks.workflow.test_heal import doing


def test_killed_half_way_every_row_is_saved_once(tmp_path: Path) -> None:
    done = killed_half_way(16, 4, tmp_path)
    assert done.codes == (-9, 0), done.out
    assert set(done.times.values()) == {1}
    assert len(done.times) == 16
    assert done.wrong == []
    assert "16 of 16 rows done; no model was asked." in done.out


async def do(folder: RunFolder, told: Told | None = None) -> TableResult:
    return await take_up_table(folder, Told() if told is None else told)


def table(home: Path, site: str, rows: list[dict[str, str]], text: str = WORKFLOW) -> RunFolder:
    rows = [{"site": site, **row} for row in rows]
    source = {"table": rows, "parallel": 2}
    return RunFolder.create(settings(text, home, inputs=rows[0], source=source))


async def test_only_rows_that_failed_are_done_again(tmp_path: Path) -> None:
    rows = [{"id": str(n), "word": f"w{n}"} for n in range(1, 5)]
    told = Told()
    with entries() as known:
        known.site.page("/entry", "<h1>Closed</h1>")
        good = known.entry

        def open_but(number: str) -> None:
            known.site.handle(
                "/entry",
                lambda request: (
                    good(request)
                    if not number or f"id={number}" not in request.query
                    else (500, {}, b"out of order")
                ),
            )

        open_but("3")
        text = WORKFLOW.replace('text: "{{ word }}"\n', 'text: "{{ word }}"\n    timeout: 1s\n', 1)
        folder = table(tmp_path, known.url, rows, text)
        result = await do(folder, told)
        assert result.status == "failed"
        assert result.answer.startswith("3 of 4 rows done, 1 failed; no model was asked")
        assert [row.status for row in result.rows] == ["done", "done", "failed", "done"]
        assert {event.step for event in told.of(StepDone)} == {0, 1, 3}
        assert "no Word on the page" in told.of(Judged)[0].verdict.evidence
        assert len(told.of(Planned)[0].steps) == 4
        open_but("")
        told.clear()
        result = await do(folder, told)
        assert result.status == "done"
        assert [event.step for event in told.of(StepDone)] == [2]
        assert len(known.saved) == 4
        assert result.rows[2].outputs == {"said": "Saved: w3"}
        lines = list(csv.DictReader((folder.path / "rows.csv").read_text().splitlines()))
        assert [line["said"] for line in lines] == [f"Saved: w{n}" for n in range(1, 5)]


async def test_what_one_row_mended_the_others_use(tmp_path: Path) -> None:
    rows = [{"id": str(n), "word": f"w{n}"} for n in range(1, 4)]
    text = WORKFLOW.replace('name="Save"', 'name="Store"').replace("    approve: granted\n", "")
    text = text.replace('expect: {text: "Saved', 'timeout: 1s\n    expect: {text: "Saved')
    with entries() as known, ScriptedModel(doing({"action": "click", "on": "Save"})) as model:
        folder = table(tmp_path, known.url, rows, text)
        record = folder.load()
        source = record.settings.workflow
        assert source
        more = {
            "model_url": model.url,
            "yes": True,
            "workflow": source.model_copy(update={"parallel": 1, "update": True}),
        }
        folder.save(record.model_copy(update={"settings": record.settings.model_copy(update=more)}))
        result = await do(folder)
        assert result.status == "done", [row.answer for row in result.rows]
        assert sum(row.model_calls for row in result.rows) == 2
        assert len(known.saved) == 3
    assert result.updated
    assert 'name="Save"' in (tmp_path / "workflow.yaml").read_text()


def test_the_command_reports(tmp_path: Path) -> None:
    (tmp_path / "save.yaml").write_text(WORKFLOW)
    (tmp_path / "rows.csv").write_text("id;word\n1;one\n2;two\n")
    with entries() as known:
        ended = secondlook(
            *("workflow", "run", tmp_path / "save.yaml", "--inputs", tmp_path / "rows.csv"),
            *("-i", f"site={known.url}", "--parallel", "2", "--home", tmp_path / "home"),
            *("--results", tmp_path / "all.json", "--junit", tmp_path / "junit.xml", "--json"),
        )
        assert ended.code == 0, ended.err
        assert sorted(known.saved) == [("1", "one"), ("2", "two")]
    events = [json.loads(line) for line in ended.out.splitlines()]
    assert events[-1]["kind"] == "finished"
    results = json.loads((tmp_path / "all.json").read_text())
    assert [row["outputs"]["said"] for row in results["rows"]] == ["Saved: one", "Saved: two"]
    assert '<testsuite name="' in (tmp_path / "junit.xml").read_text()
    shown = secondlook("runs", "--home", tmp_path / "home")
    assert shown.out.count("Save one entry") == 1
    told = secondlook("show", results["run"], "--home", tmp_path / "home")
    assert "2 of 2 rows done" in told.out


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "has no rows"),
        ("id,word\n", "has no rows"),
        ("id,word\n1,a\n2,b,c\n", "rows.csv:3: the line has more cells"),
        ("id,wort\n1,a\n", "wort is no input of this workflow; did you mean word?"),
        ("id\n1\n", "the input word has no value"),
    ],
)
def test_tables_that_are_none(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(text)
    file = parse(WORKFLOW, tmp_path / "save.yaml")
    with pytest.raises(BadInput, match=why.replace("?", r"\?")):
        read_table(path, file, {"site": "http://127.0.0.1"})
