"""Workflows as Playwright scripts and back: they run without us, and mean the same."""

import ast
import asyncio
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import tasks.workflow
from tasks.demo.serve import serve_shop
from tasks.exit_codes import ExitCode
from tasks.workflow.load import load, parse
from tasks.workflow.playwright_script.reader import read_script
from tasks.workflow.playwright_script.writer import to_script
from tasks.workflow.problems import RecordingError
from tasks.workflow.write import data_of, to_yaml
from tests.tasks.command import secondlook
from tests.tasks.workflow.recorded import FIRST, record
from tools.browser import find_browser

EVERYTHING = Path(__file__).parent / "scripts" / "everything.yaml"
EXAMPLE = Path(tasks.workflow.__file__).parent / "examples" / "demo_order.yaml"


def read(text: str, tmp_path: Path, name: str = "script.py") -> tuple[dict[str, object], list[str]]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    recording = read_script(path)
    return data_of(recording.workflow()), recording.notes


async def test_an_exported_order_is_placed_without_anything_of_ours(tmp_path: Path) -> None:
    script = to_script(load(EXAMPLE))
    assert "secondlook" not in script.text
    imported = [n for n in ast.walk(ast.parse(script.text)) if isinstance(n, ast.ImportFrom)]
    assert {n.module for n in imported} == {"collections.abc", "playwright.sync_api"}
    file = tmp_path / "test_order.py"
    file.write_text(script.text, encoding="utf-8")
    async with serve_shop(tmp_path / "shop.db") as (url, store):
        given = {"INPUT_SHOP": url, "INPUT_NAME": "Ann Lee", "INPUT_QUANTITY": "2"}
        own = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        done = await _pytest(file, {**own, **given, "CARD": "1111222233334444"})
        assert "1 passed" in done, done
        assert '"number": 1.0' in done
        (order,) = store.orders()
    assert order.address["Name"] == "Ann Lee"
    (item,) = order.items
    assert (item.pizza, item.size, item.quantity) == ("Diavola", "Large", 2)
    assert item.toppings == ["Capers", "Chili"]
    assert order.card == "4444"


async def test_a_recorded_order_is_exported_and_placed(tmp_path: Path) -> None:
    """From a run to its workflow to a script, each by its command; and pytest places the order."""
    file = tmp_path / "order.yaml"
    async with serve_shop(tmp_path / "shop.db") as (url, store):
        recorded = await asyncio.to_thread(record, FIRST, url, file)
        assert recorded.code == ExitCode.DONE, recorded
        assert "what was typed into Card number is not kept" in recorded.err
        assert FIRST.card not in file.read_text()
        exported = await asyncio.to_thread(secondlook, "workflow", "export", file)
        assert exported.code == ExitCode.DONE, exported
        given = {"INPUT_NAME": "Bo", "INPUT_TOPPINGS": FIRST.toppings[0], "INPUT_CARD": FIRST.card}
        own = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        done = await _pytest(tmp_path / "test_order.py", {**own, **given})
        assert "1 passed" in done, done
        _, order = store.orders()
    wanted = replace(FIRST, toppings=FIRST.toppings[:1], address={**FIRST.address, "Name": "Bo"})
    assert wanted.wrong([order]) == ""


async def _pytest(file: Path, environment: dict[str, str]) -> str:
    """What pytest says of this file; only plain Playwright is there."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", str(file)),
        cwd=file.parent,
        env={**environment, "CHROMIUM": str(find_browser())},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return out.decode()


@pytest.mark.parametrize("file", [EVERYTHING, EXAMPLE], ids=lambda file: file.stem)
def test_a_script_is_read_back_as_the_same_workflow(file: Path, tmp_path: Path) -> None:
    workflow = load(file).workflow
    script = tmp_path / "test_it.py"
    script.write_text(to_script(load(file)).text, encoding="utf-8")
    recording = read_script(script)
    assert to_yaml(recording.workflow()) == to_yaml(workflow)
    assert recording.notes == []


def test_what_a_script_does_not_do_is_told() -> None:
    file = parse(
        "workflow: x\n"
        "sites: [other.example]\n"
        "secrets: [CARD]\n"
        "steps:\n"
        "  - do: pay with {{CARD}}\n"
        "  - click: get_by_text('Go')\n"
        "    approve: ask\n"
        "    retry: 2\n"
        "  - for_each: {n: [a]}\n"
        "    steps:\n"
        "      - extract: get_by_text('x')\n"
        "        as: found\n"
        "  - extract: {do: all prices, fields: {price: number}}\n"
        "    as: prices\n"
        "  - extract: {value: {locator: get_by_text('y'), type: date}}\n"
        "    as: day\n"
        "outputs:\n"
        "  day: {save: day.json}\n",
        Path("w.yaml"),
    )
    script = to_script(file)
    ast.parse(script.text)
    assert [note.replace(str(Path.cwd()) + "/", "") for note in script.notes] == [
        "the script opens any site, not only those that are allowed",
        "w.yaml:5: no script can do “pay with CARD”: write it out at NotImplementedError",
        "w.yaml:6: the script does not try again (retry)",
        "w.yaml:6: the script asks nobody (approve)",
        "w.yaml:9: what a loop extracts is not gathered: the last round's stays",
        "w.yaml:13: no script can do “all prices”: write it out at NotImplementedError",
        "w.yaml:15: what is extracted stays a text, also dates, yes and no",
        "the output day is printed, not saved as day.json",
    ]
    assert 'raise NotImplementedError("pay with CARD")' in script.text


CODEGEN = """import re
from playwright.sync_api import Playwright, sync_playwright, expect


def run(playwright: Playwright) -> None:
    browser = playwright.chromium.launch(headless=False)
    context = browser.new_context()
    page = context.new_page()
    page.goto("http://shop.example/")
    page.get_by_role("link", name="Log in").click()
    page.get_by_label("User").click()
    page.get_by_label("User").fill("ann")
    page.get_by_label("Password").fill("hunter2")
    page.get_by_label("Password").press("Enter")
    expect(page.get_by_role("heading")).to_contain_text("Welcome")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Delete").click()
    with page.expect_popup() as page1_info:
        page.get_by_role("link", name="Help").click()
    page1 = page1_info.value
    page1.get_by_role("link", name="Next").click()
    page1.get_by_test_id("x").click(button="middle")
    page.locator("#go").click()
    page.get_by_label("Size").select_option("L")
    page.evaluate("1 + 1")

    # ---------------------
    context.close()
    browser.close()


with sync_playwright() as playwright:
    run(playwright)
"""


def as_async(script: str) -> str:
    """The same script as `playwright codegen --target=python-async` writes it."""
    lines = script.replace("sync_api", "async_api").split("\n")
    acts = ("    page.", "    page1.", "    expect(", "        page.", "    context.close")
    lines = [
        line.replace(line.strip(), f"await {line.strip()}", 1) if line.startswith(acts) else line
        for line in lines
    ]
    text = (
        "\n".join(lines).replace("def run", "async def run").replace("with page", "async with page")
    )
    text = text.replace("= page1_info.value", "= await page1_info.value")
    for call in ("playwright.chromium", "browser.new_context", "context.new_page"):
        text = text.replace(f"= {call}", f"= await {call}")
    return text.replace("await page.once", "page.once")


@pytest.mark.parametrize("script", [CODEGEN, as_async(CODEGEN)], ids=["sync", "async"])
def test_a_script_that_codegen_recorded(script: str, tmp_path: Path) -> None:
    compile(script.partition("\n\n\nwith")[0], "script", "exec")
    workflow, notes = read(script, tmp_path)
    assert workflow == {
        "workflow": "script",
        "url": "http://shop.example/",
        "secrets": ["PASSWORD"],
        "steps": [
            {"click": 'get_by_role("link", name="Log in")'},
            {"click": 'get_by_label("User")'},
            {"fill": 'get_by_label("User")', "text": "ann"},
            {
                "fill": 'get_by_label("Password")',
                "text": "{{PASSWORD}}",
                "submit": True,
                "expect": {"text": "Welcome", "in": 'get_by_role("heading")'},
            },
            {"click": 'get_by_role("button", name="Delete")'},
            {"dialog": "dismiss"},
            {"click": 'get_by_role("link", name="Help")'},
            {"click": 'get_by_role("link", name="Next")'},
            {"switch_tab": 0},
            {"click": 'locator("#go")'},
            {"select": 'get_by_label("Size")', "option": "L"},
        ],
    }
    assert [note for note in notes if "hunter2" in note] == []
    assert notes == [
        'what is typed into get_by_label("Password") is not kept: it is the secret {{PASSWORD}}',
        "line 22: left out, page1.get_by_test_id('x').click(button='middle')",
        "line 25: left out, page.evaluate('1 + 1')",
    ]


def test_lines_that_no_workflow_can_say_are_told(tmp_path: Path) -> None:
    script = (
        "from playwright.sync_api import expect\n"
        "name = 'Ann'\n"
        "def test_a(page):\n"
        "    page.goto('http://a.example/')\n"
        "    page.get_by_text(name).click()\n"
        "    page.get_by_text('a {{ b }}').click()\n"
        "    page.get_by_text(other).click()\n"
        "    page.get_by_text('x' + name).click()\n"
        "    for i in range(3):\n"
        "        page.get_by_text('x').click()\n"
        "    while True:\n"
        "        pass\n"
        "    if page.get_by_text('x').is_visible():\n"
        "        page.get_by_text('x').click()\n"
        "        page.get_by_text('y').click()\n"
        "    expect(page).to_have_title('x')\n"
        "    expect(page.get_by_text('x')).to_have_count()\n"
        "    import os\n"
        "    os.system('true')\n"
        "def test_b(page):\n"
        "    page.goto('http://b.example/')\n"
    )
    workflow, notes = read(script, tmp_path)
    assert workflow["steps"] == [{"click": 'get_by_text("{{ name }}")'}]
    assert workflow["inputs"] == {"name": {"type": "text", "default": "Ann"}}
    assert notes == [
        "left out, only the first test is read: test_b",
        "line 6: left out, page.get_by_text('a {{ b }}').click()",
        "line 7: left out, page.get_by_text(other).click()",
        "line 8: left out, page.get_by_text('x' + name).click()",
        "line 9: left out, for i in range(3):",
        "line 11: left out, while True:",
        "line 13: left out, if page.get_by_text('x').is_visible():",
        "line 16: left out, expect(page).to_have_title('x')",
        "line 17: left out, expect(page.get_by_text('x')).to_have_count()",
        "line 19: left out, os.system('true')",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def x(:\n", "is no Python that can be read in line 1"),
        ("(" * 1000, "is no Python that can be read"),
        ("\0", "is no Python that can be read"),
        ("x = 1\n", "Nothing was done"),
        ("#" * 1_000_001, "is too large"),
    ],
)
def test_scripts_that_are_none(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=words):
        read(text, tmp_path)
    with pytest.raises(RecordingError, match="cannot be read"):
        read_script(tmp_path / "none.py")
