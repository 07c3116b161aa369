"""The command as a process: outputs, exit codes, stopping and going on, approvals."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.events import EVENT
from tasks.exit_codes import ExitCode
from tests.agent.sensible import sensible
from tests.agent.shop import Shop
from tests.scripted_model import ScriptedModel
from tests.scripted_replies import Html, Json, Reply, Slow
from tests.tasks.command import AtTerminal, interrupt_when, secondlook

TASK = "Order a Funghi pizza for Ann"


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop() as shop:
        yield shop


def order(shop: Shop, model: ScriptedModel, home: Path, *more: str) -> list[str]:
    return ["run", TASK, "--url", shop.url, "--model-url", model.url, "--home", str(home), *more]


def only_run(home: Path) -> str:
    (folder,) = (home / "runs").iterdir()
    return folder.name


def test_a_pizza_is_ordered_and_the_run_told_again(shop: Shop, tmp_path: Path) -> None:
    with ScriptedModel(sensible()) as model:
        done = secondlook(*order(shop, model, tmp_path, "--yes"))
    assert done.code == ExitCode.DONE, done
    assert len(shop.orders) == 1
    assert "\x1b" not in done.out
    assert done.out.splitlines()[0].endswith(")"), "one line an event"
    assert "done: " in done.out.splitlines()[-1]
    assert "model: scripted at 127.0.0.1" in done.out

    name = only_run(tmp_path)
    listed = secondlook("runs", "--home", tmp_path)
    assert name in listed.out
    assert "Done" in listed.out
    shown = secondlook("show", name[:-1], "--home", tmp_path)
    assert shown.code == ExitCode.DONE, shown
    assert "\x1b" not in shown.out
    assert '✓ 5 click "Place order"' in shown.out
    assert "heading Thank you" in shown.out
    assert "screenshots/" in shown.out
    events = secondlook("show", name, "--json", "--home", tmp_path).out.splitlines()
    assert [EVENT.validate_json(line).kind for line in events][-1] == "finished"


def test_json_lines_are_events_and_an_approval_ends_with_3(shop: Shop, tmp_path: Path) -> None:
    with ScriptedModel(sensible()) as model:
        asked = secondlook(*order(shop, model, tmp_path, "--json"))
        assert asked.code == ExitCode.NEEDS_USER, asked
        events = [EVENT.validate_json(line) for line in asked.out.splitlines()]
        assert events[0].kind == "started"
        assert any(event.kind == "approval_needed" for event in events)
        assert events[-1].kind == "finished"
        assert shop.orders == []

        name = only_run(tmp_path)
        done = secondlook("resume", name, "--yes", "--quiet", "--home", tmp_path)
    assert done.code == ExitCode.DONE, done
    assert done.out.strip()
    assert done.out.count("\n") == 1
    assert done.err == ""
    assert len(shop.orders) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_is_resumed(number: signal.Signals, shop: Shop, tmp_path: Path) -> None:
    act = sensible()

    def slowly(request: Json) -> Reply:
        return Slow(1, act(request))

    with ScriptedModel(slowly) as model:
        stopped = interrupt_when(order(shop, model, tmp_path, "--yes"), "step 1 done", number)
        name = only_run(tmp_path)
        assert stopped.code == ExitCode.STOPPED, stopped
        assert f"secondlook resume {name}" in stopped.out
        assert "Traceback" not in stopped.err
        assert shop.orders == []
        done = secondlook("resume", name, "--home", tmp_path)
    assert done.code == ExitCode.DONE, done
    assert len(shop.orders) == 1


def test_at_a_terminal_the_user_is_asked_and_no_is_the_default(shop: Shop, tmp_path: Path) -> None:
    with (
        ScriptedModel(sensible()) as model,
        AtTerminal(*order(shop, model, tmp_path)) as terminal,
    ):
        terminal.wait_for("Go ahead? [y/N]")
        assert "Needs your yes" in terminal.text
        assert "click button Place order" in terminal.text
        terminal.type("\n")
        terminal.wait_for("Not approved")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.end() in (ExitCode.STOPPED, ExitCode.FAILED)
    assert shop.orders == []


def test_at_a_terminal_a_yes_orders(shop: Shop, tmp_path: Path) -> None:
    with (
        ScriptedModel(sensible()) as model,
        AtTerminal(*order(shop, model, tmp_path)) as terminal,
    ):
        terminal.wait_for("Go ahead? [y/N]")
        terminal.type("maybe\n")
        terminal.wait_for("Please type y or n.")
        terminal.type("y\n")
        assert terminal.end() == ExitCode.DONE, terminal.text
    assert len(shop.orders) == 1
    assert "╭─ Done" in terminal.text
    assert terminal.raw.rfind("\x1b[?25h") > terminal.raw.rfind("\x1b[?25l"), "no cursor"


def test_plan_lists_the_steps_and_does_nothing(shop: Shop, tmp_path: Path) -> None:
    with ScriptedModel(sensible()) as model:
        where = ("--url", shop.url, "--model-url", model.url, "--home", tmp_path)
        listed = secondlook("plan", TASK, *where)
    assert listed.code == ExitCode.DONE, listed
    assert listed.out.splitlines()[0] == '1. click "Add Funghi"'
    assert len(listed.out.splitlines()) == 5
    assert not (tmp_path / "runs").exists()
    assert shop.posts == []


def test_a_model_url_that_answers_html(shop: Shop, tmp_path: Path) -> None:
    with ScriptedModel(sensible(), models=Html()) as model:
        ended = secondlook(*order(shop, model, tmp_path, "--json"))
    assert ended.code == ExitCode.NO_MODEL, ended
    assert ended.err.startswith("secondlook: ")
    assert "Traceback" not in ended.err
    line = json.loads(ended.out.splitlines()[-1])
    assert line["kind"] == "error"
    assert line["exit_code"] == ExitCode.NO_MODEL
    assert line["run"] == only_run(tmp_path)


def test_no_browser(shop: Shop, tmp_path: Path) -> None:
    with ScriptedModel(sensible()) as model:
        ended = secondlook(*order(shop, model, tmp_path, "--executable", "/no/such/browser"))
    assert ended.code == ExitCode.NO_BROWSER, ended
    assert ended.err.startswith("secondlook: There is no program /no/such/browser")
    assert f"To go on: secondlook resume {only_run(tmp_path)}" in ended.err


def test_an_unreachable_page(tmp_path: Path) -> None:
    with ScriptedModel(sensible()) as model:
        where = ("--url", "http://127.0.0.1:9/", "--model-url", model.url, "--home", tmp_path)
        ended = secondlook("run", TASK, *where, "--quiet", "--max-steps", "3")
    assert ended.code == ExitCode.FAILED, ended
    assert "Traceback" not in ended.err
    assert ended.out == ""
    assert ended.err.strip()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["run", "  "], ExitCode.USAGE, "The task is empty"),
        (["run"], ExitCode.USAGE, "TASK"),
        (["run", TASK, "--json", "--quiet"], ExitCode.USAGE, "exclude each other"),
        (["run", TASK, "--max-steps", "none"], ExitCode.USAGE, "--max-steps"),
        (["run", TASK, "--max-seconds", "-1"], ExitCode.USAGE, "--max-seconds"),
        (["run", TASK, "--temperature", "9"], ExitCode.USAGE, "--temperature"),
        (["run", TASK, "--url", "file:///etc/passwd"], ExitCode.USAGE, "no web address"),
        (["run", TASK, "--model-url", "no url"], ExitCode.USAGE, "no web address"),
        (["run", TASK, "--storage-state", "/no/file"], ExitCode.USAGE, "no such file"),
        (["run", TASK, "--storage-state", __file__], ExitCode.USAGE, "is not JSON"),
        (["run", TASK, "--home", "/dev/null/home"], ExitCode.STORAGE, "cannot be written"),
        (["run", TASK, "--nonsense"], ExitCode.USAGE, "--nonsense"),
        (["resume", "no-such-run"], ExitCode.USAGE, "no run 'no-such-run'"),
        (["show", "../etc"], ExitCode.USAGE, "no run '../etc'"),
        (["frobnicate"], ExitCode.USAGE, "frobnicate"),
    ],
)
def test_bad_input_gets_one_sentence(
    arguments: list[str], code: ExitCode, words: str, tmp_path: Path
) -> None:
    ended = secondlook(*arguments, SECONDLOOK_HOME=str(tmp_path))
    assert ended.code == code, ended
    assert ended.out == "" or "--json" in arguments
    (line,) = ended.err.splitlines()
    assert line.startswith("secondlook: ")
    assert words in line


def test_help_says_examples_and_exit_codes(tmp_path: Path) -> None:
    shown = secondlook("--help")
    assert shown.code == ExitCode.DONE
    assert "Examples" in shown.out
    assert "130  stopped by Ctrl-C" in shown.out
    assert secondlook("--version").out.startswith("secondlook ")
