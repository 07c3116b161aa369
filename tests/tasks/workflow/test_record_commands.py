"""The commands that make workflow files, as their users run them."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from agent.folder import all_runs
from tasks.exit_codes import ExitCode
from tasks.workflow.load import load
from tasks.workflow.write import data_of
from tests.agent.sensible import sensible
from tests.agent.shop import Shop
from tests.scripted_model import ScriptedModel
from tests.tasks.command import COMMAND, AtTerminal, environment, secondlook
from tools.browser import FLAGS, find_browser

CHROME = Path(__file__).parent / "chrome" / "order.json"
TASK = "Order a Funghi pizza for Ann, street Hill 1"


def ordered(shop: Shop, model: ScriptedModel, home: Path, *more: str | Path) -> list[str]:
    where = ["--url", shop.url, "--model-url", model.url, "--home", str(home)]
    return ["run", TASK, *where, *map(str, more)]


def test_a_run_is_recorded_and_replayed_with_other_inputs(tmp_path: Path) -> None:
    file = tmp_path / "order.yaml"
    with Shop(banner=True) as shop:
        with ScriptedModel(sensible()) as model:
            rename = ("--rename", "pizza=dish")
            done = secondlook(*ordered(shop, model, tmp_path, "--yes", "--record", file, *rename))
        assert done.code == ExitCode.DONE, done
        assert done.out.splitlines()[-4:] == [
            f"{file}: 6 steps",
            "  input dish: Funghi",
            "  input name: Ann",
            "  input street: Hill 1",
        ]
        assert "fine, 6 steps (no model needed)" in secondlook("workflow", "check", file).out
        given = ("--input", "dish=Margherita", "--input", "name=Bo", "--yes", "--no-heal")
        again = secondlook("workflow", "run", file, *given, "--home", tmp_path)
        assert again.code == ExitCode.DONE, again
        assert shop.orders == [
            {"pizzas": ["Funghi"], "name": "Ann"},
            {"pizzas": ["Margherita"], "name": "Bo"},
        ]


def test_a_run_that_is_not_done_is_not_recorded(tmp_path: Path) -> None:
    file = tmp_path / "order.yaml"
    with Shop() as shop, ScriptedModel(sensible()) as model:
        asked = secondlook(*ordered(shop, model, tmp_path, "--json", "--record", file))
        assert asked.code == ExitCode.NEEDS_USER, asked
        (run,) = all_runs(tmp_path)
        later = f"secondlook workflow from-run {run.run} {file}"
        assert asked.err.strip() == (
            f"Not recorded, because the run is not done. Once it is: {later}"
        )
        home = ("--home", tmp_path)
        early = secondlook("workflow", "from-run", run.run, file, *home)
        assert early.code == ExitCode.USAGE
        assert early.err.splitlines() == [
            f"secondlook: The run {run.run} is not done (needs approval): only one that is can "
            "become a workflow."
        ]
        assert not file.exists()
        secondlook("resume", run.run, "--yes", *home)
        done = secondlook("workflow", "from-run", run.run, file, *home)
    assert done.code == ExitCode.DONE, done
    assert list(load(file).workflow.inputs) == ["pizza", "name", "street"]


def test_a_file_that_is_there_is_kept_and_nothing_is_run(tmp_path: Path) -> None:
    file = tmp_path / "order.yaml"
    file.write_text("mine")
    ended = secondlook("run", TASK, "--record", file, "--home", tmp_path)
    assert ended.code == ExitCode.USAGE
    assert "is there already" in ended.err
    assert file.read_text() == "mine"
    assert not (tmp_path / "runs").exists()


def test_a_chrome_recording_becomes_a_workflow_a_script_and_a_workflow_again(
    tmp_path: Path,
) -> None:
    workflow, script, again = (tmp_path / n for n in ("order.yaml", "test_order.py", "again.yaml"))
    read = secondlook("workflow", "import", CHROME, "--to", workflow)
    assert read.code == ExitCode.DONE, read
    assert read.out.splitlines()[0] == f"{workflow}: 12 steps"
    assert "  step 1 (setViewport): left out, the window's size, 1905 by 969" in read.out
    written = secondlook("workflow", "export", workflow)
    assert written.out.splitlines() == [f"{script}: run it with pytest"]
    secondlook("workflow", "import", script, "--to", again)
    assert data_of(load(again).workflow) == data_of(load(workflow).workflow)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["import", "none.json"], "none.json cannot be read"),
        (["import", "order.txt"], "neither a recording of Chrome's Recorder"),
        (["import", str(CHROME), "--to", "x.json"], "let it end in .yaml"),
        (["import", str(CHROME), "--to", "x.yaml", "--rename", "a"], "--rename takes OLD=NEW"),
        (["import", str(CHROME), "--to", "x.yaml", "--rename", "a=b"], "no input a to rename"),
        (["export", "none.yaml"], "none.yaml: cannot be read"),
        (["from-run", "no-such-run", "x.yaml"], "There is no run"),
    ],
)
def test_bad_usage_is_told_in_one_sentence(
    arguments: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = secondlook("workflow", *arguments, SECONDLOOK_HOME=str(tmp_path))
    assert ended.code == ExitCode.USAGE, ended
    (line,) = ended.err.splitlines()
    assert words in line
    assert list(tmp_path.iterdir()) == []


def test_inputs_are_renamed_at_a_terminal(tmp_path: Path) -> None:
    file = tmp_path / "order.yaml"
    with AtTerminal("workflow", "import", CHROME, "--to", file) as terminal:
        terminal.wait_for("or Enter: ")
        terminal.type("size=two words\n")
        terminal.wait_for("--rename takes OLD=NEW")
        terminal.type("size=how_large phone=\n")
        terminal.wait_for("input how_large: 40 cm")
        terminal.type("\n")
        assert terminal.end() == ExitCode.DONE
    assert list(load(file).workflow.inputs) == ["quantity", "how_large", "name", "street"]


@pytest.fixture
async def chrome(tmp_path: Path) -> AsyncIterator[tuple[str, Browser]]:
    """The user's own browser, with its debugging address, and a hand on its mouse."""
    profile = tmp_path / "profile"
    arguments = ["--headless=new", "--no-sandbox", "--remote-debugging-port=0", *FLAGS]
    process = await asyncio.create_subprocess_exec(
        *map(str, (find_browser(), *arguments, f"--user-data-dir={profile}", "about:blank")),
        stderr=subprocess.PIPE,
    )
    try:
        assert process.stderr is not None
        line = ""
        while "DevTools listening on" not in line:
            line = (await process.stderr.readline()).decode()
        url = line.split()[-1]
        async with async_playwright() as playwright:
            yield url, await playwright.chromium.connect_over_cdp(url)
    finally:
        process.terminate()
        await process.communicate()


async def test_a_person_is_recorded_until_ctrl_c(
    chrome: tuple[str, Browser], tmp_path: Path
) -> None:
    url, browser = chrome
    file = tmp_path / "order.yaml"
    with Shop() as shop:
        recording = await asyncio.create_subprocess_exec(
            *(*COMMAND, "record", str(file), "--url", shop.url, "--cdp", url),
            stdout=subprocess.PIPE,
            env=environment(),
        )
        assert recording.stdout is not None
        assert b"Recording." in await recording.stdout.readline()
        page = next(p for p in browser.contexts[0].pages if p.url == shop.url)
        await page.get_by_role("button", name="Add Funghi").click()
        await page.get_by_role("link", name="Checkout").click()
        await page.get_by_label("Name").click()
        await page.keyboard.type("Ann")
        await page.get_by_role("button", name="Place order").click()
        await page.get_by_role("heading", name="Thank you").wait_for()
        recording.send_signal(signal.SIGINT)
        told = (await recording.communicate())[0].decode()
        assert recording.returncode == ExitCode.DONE
        assert told.splitlines() == [f"{file}: 4 steps", "  input name: Ann"]
        assert not page.is_closed()
        steps = [data_of(step) for step in load(file).workflow.steps]
        assert steps[0] == {
            "click": 'get_by_role("button", name="Add Funghi")',
            "expect": {"url": "/basket"},
        }
        assert steps[2] == {"fill": 'get_by_role("textbox", name="Name")', "text": "{{ name }}"}
        given = ("--input", "name=Bo", "--yes", "--no-heal", "--home", tmp_path)
        again = secondlook("workflow", "run", file, *given)
        assert again.code == ExitCode.DONE, again
        assert [order["name"] for order in shop.orders] == ["Ann", "Bo"]
