"""`secondlook eval` as its users run it: killed, gone on with, compared, and told what is wrong."""

import json
import os
import signal
import subprocess
from pathlib import Path

from tests.scripted_model import ScriptedModel
from tests.site_server import Site
from tests.tasks.command import COMMAND, SECONDS, AtTerminal, environment, secondlook
from tests.tasks.eval.episodes import presses

PAGE = "<!doctype html><title>{0}</title><button onclick='this.remove()'>{0}</button><p>Noted"
NAMES = [f"Button{number}" for number in range(4)]


def _tasks(site: Site, folder: Path) -> Path:
    """Four tasks of one click; the last asks for more than its page can do."""
    lines = []
    for name in NAMES:
        url = site.page(f"/{name}", PAGE.format(name))
        check: object = {"hidden": f'get_by_role("button", name="{name}")'}
        if name == NAMES[-1]:
            check = [check, {"text": "Thank you"}]
        lines.append({"id": name, "task": f"Press {name}", "url": url, "check": check})
    file = folder / "tasks.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return file


def _model() -> ScriptedModel:
    def reply(request: dict[str, object]) -> object:
        task = ScriptedModel.prompt(request).splitlines()[0]
        return presses(task.removeprefix("Task: Press "))(request)

    return ScriptedModel(reply)  # type: ignore[arg-type]  # it passes the reply on


def _started(*arguments: str | Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
        start_new_session=True,
    )


def _episodes(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text().splitlines()[1:]]


def test_a_killed_evaluation_is_gone_on_with(site: Site, tmp_path: Path) -> None:
    tasks, results, plot = _tasks(site, tmp_path), tmp_path / "r.jsonl", tmp_path / "r.svg"
    with _model() as model:
        given: list[str | Path] = [
            *("eval", tasks, "--model-url", model.url, "--json", results),
        ]
        process = _started(*given)
        assert process.stderr is not None
        assert process.stderr.readline() == "Button0 0: done\n"
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=SECONDS)
        before = _episodes(results)
        assert 1 <= len(before) < len(NAMES)

        ended = secondlook(*given, "--plot", plot)
    assert ended.code == 0, ended.err
    assert ended.err.startswith(f"{len(before)} of 4 are done already.\n")
    after = _episodes(results)
    assert after[: len(before)] == before
    assert [each["task"] for each in after] == NAMES
    assert [each["success"] for each in after] == [True, True, True, False]
    assert "3/4  75 %" in ended.out
    row = next(line for line in ended.out.splitlines() if NAMES[-1] in line)
    assert "0/1   0 %" in row
    assert row.rstrip().endswith(" 1")  # it said done all the same
    assert plot.read_text().startswith("<svg")


def test_ctrl_c_shows_what_there_is() -> None:
    with ScriptedModel(presses("Click Me!")) as model:
        given = ("eval", "miniwob", "click-test", "--seeds", "500", "--model-url", model.url)
        process = _started(*given)
        assert process.stderr is not None
        assert process.stderr.readline() == "click-test 0: done\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert "Stopping …\n" in err
    assert err.endswith("secondlook: Stopped.\n")
    assert "100 %" in next(line for line in out.splitlines() if line.startswith("public"))


def test_what_is_there_is_shown_and_compared(site: Site, tmp_path: Path) -> None:
    tasks, on, off = _tasks(site, tmp_path), tmp_path / "on.jsonl", tmp_path / "off.jsonl"
    with _model() as model:
        given = ["eval", str(tasks), "--model-url", model.url]
        with AtTerminal(*given, "--json", on, "--parallel", "2") as terminal:
            assert terminal.end() == 0
        assert "3/4  75 %" in terminal.text
        other = secondlook(*given, "--json", off, "--reflection", "off", "--parallel", "2")
        assert other.code == 0, other.err
        refused = secondlook(*given, "--json", on, "--reflection", "off")
    assert refused.code == 2
    assert "holds results of another setup (reflection was True)" in refused.err
    compared = secondlook("eval", "compare", off, on)
    assert compared.code == 0
    assert compared.out.startswith("reflection False → True")
    assert "+0.0" in compared.out


def test_errors_are_sentences(tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    file.write_text('{"id": 1}\n{\n')
    wrong = secondlook("eval", file)
    assert wrong.code == 2
    first, second, last = wrong.err.splitlines()
    assert first == f"{file}:1: task is missing."
    assert second.startswith(f"{file}:2: this is no JSON: ")
    assert last == f"secondlook: {file} has errors in 2 lines; nothing was run."
    none = secondlook("eval", "miniwob", "clik-test", "--json", tmp_path / "r.jsonl")
    assert none.code == 2
    assert (
        none.err == "secondlook: There is no MiniWoB++ task clik-test; did you mean click-test?\n"
    )
    assert none.out == ""
    assert secondlook("eval", "miniwob", "--plot", "x.png").code == 2
    homeless = secondlook("eval", "miniwob", "--chats")
    assert homeless.code == 2
    assert "name their folder with --home DIR" in " ".join(homeless.err.split())


def test_chats_are_kept_where_the_results_say(site: Site, tmp_path: Path) -> None:
    tasks, results = _tasks(site, tmp_path), tmp_path / "r.jsonl"
    with _model() as model:
        given = ("eval", tasks, "--model-url", model.url, "--json", results)
        ended = secondlook(*given, "--chats", "--home", tmp_path / "home")
    assert ended.code == 0, ended.err
    for each in _episodes(results):
        kept = tmp_path / "home" / "runs" / str(each["run"]) / "chats.jsonl"
        assert f"Task: {each['goal']}" in kept.read_text()
