"""`secondlook workflow run` as its users run it: exit codes, resume, what was mended, JSON."""

import json
from pathlib import Path

from tests.agent.shop import Shop
from tests.scripted_model import ScriptedModel
from tests.tasks.command import secondlook
from tests.tasks.workflow.orders import ORDER
from tests.tasks.workflow.test_heal import doing


def test_an_order_waits_and_is_resumed(tmp_path: Path) -> None:
    file = tmp_path / "order.yaml"
    file.write_text(
        ORDER.replace("  - click: get_by", "  - name: Add [pizza] and [more]\n    click: get_by", 1)
    )
    home = ("--home", tmp_path / "home")
    with Shop() as shop:
        ended = secondlook(
            "workflow", "run", file, "-i", f"shop={shop.url}", "-i", "name=Bea", *home
        )
        assert "step 1 done: Add Funghi and [more]" in ended.out
        assert ended.code == 3, ended.err
        assert "approval needed: click button Place order" in ended.out
        assert "(model: no model;" in ended.out
        assert shop.orders == []
        (run,) = [path.name for path in (tmp_path / "home" / "runs").iterdir()]
        junit = tmp_path / "report.xml"
        ended = secondlook("workflow", "run", "--resume", run, "--yes", "--junit", junit, *home)
        assert ended.code == 0, ended.err
        assert "5 steps done, no model was asked." in ended.out
        assert shop.orders == [{"pizzas": ["Funghi"], "name": "Bea"}]
    assert 'tests="5" failures="0"' in junit.read_text()
    ended = secondlook("resume", run, *home)
    assert ended.code == 1
    assert "is done: nothing is left to resume" in ended.err


def test_resume_goes_on_with_a_workflow(tmp_path: Path) -> None:
    file = tmp_path / "order.yaml"
    file.write_text(ORDER)
    home = ("--home", tmp_path / "home")
    with Shop() as shop:
        assert secondlook("workflow", "run", file, "-i", f"shop={shop.url}", *home).code == 3
        (run,) = [path.name for path in (tmp_path / "home" / "runs").iterdir()]
        ended = secondlook("resume", run, "--yes", *home)
        assert ended.code == 0, ended.err
        assert len(shop.orders) == 1


def test_a_run_that_was_not_to_be_mended_stays_so_when_resumed(tmp_path: Path) -> None:
    file = tmp_path / "order.yaml"
    file.write_text(ORDER.replace('name="Checkout")', 'name="To the till")\n    timeout: 500ms'))
    home = ("--home", tmp_path / "home")
    with Shop() as shop, ScriptedModel(doing({"action": "click", "on": "Checkout"})) as model:
        given = ("-i", f"shop={shop.url}", "--yes", "--no-heal", "--model-url", model.url)
        assert secondlook("workflow", "run", file, *given, *home).code == 1
        (run,) = [path.name for path in (tmp_path / "home" / "runs").iterdir()]
        for resume in (("resume", run), ("workflow", "run", "--resume", run)):
            ended = secondlook(*resume, *home)
            assert ended.code == 1, ended.out
            assert "nothing is mended, as --no-heal says" in ended.out
        assert model.requests == []
        ended = secondlook("workflow", "run", "--resume", run, "--heal", *home)
        assert ended.code == 0, ended.err
        assert len(shop.orders) == 1


def test_a_run_that_was_to_show_its_window_goes_on_where_there_is_no_screen(
    tmp_path: Path,
) -> None:
    file = tmp_path / "order.yaml"
    file.write_text(ORDER)
    home = ("--home", tmp_path / "home")
    with Shop() as shop:
        given = ("-i", f"shop={shop.url}", "--yes", "--headed", *home)
        ended = secondlook("workflow", "run", file, *given, DISPLAY="", WAYLAND_DISPLAY="")
        assert ended.code == 4, ended.out
        assert "There is no screen to show a window on: take --headless" in ended.err
        (run,) = [path.name for path in (tmp_path / "home" / "runs").iterdir()]
        ended = secondlook("workflow", "run", "--resume", run, "--headless", *home)
        assert ended.code == 0, ended.err
        assert len(shop.orders) == 1


def test_what_was_mended_is_offered(tmp_path: Path) -> None:
    file = tmp_path / "order.yaml"
    file.write_text(
        ORDER.replace('name="Checkout")', 'name="To the till")\n    timeout: 500ms').replace(
            "steps:", "# the steps\nsteps:"
        )
    )
    with Shop() as shop, ScriptedModel(doing({"action": "click", "on": "Checkout"})) as model:
        ended = secondlook(
            *("workflow", "run", file, "-i", f"shop={shop.url}", "--yes", "--update"),
            *("--model-url", model.url, "--home", tmp_path / "home"),
        )
        assert ended.code == 0, ended.err
        assert len(shop.orders) == 1
    assert "step 2 mended (not found: no link To the till on the page)" in ended.out
    assert "Written to the file:" in ended.out
    assert '+  - click: get_by_role("link", name="Checkout")' in ended.out
    assert "# the steps" in file.read_text()


def test_json_ends_with_the_outputs(tmp_path: Path) -> None:
    file = tmp_path / "read.yaml"
    file.write_text("""\
workflow: Read the menu
url: "{{ shop }}"
inputs: {shop: text}
steps:
  - extract: get_by_role("heading")
    as: title
outputs: {title: }
""")
    with Shop() as shop:
        ended = secondlook(
            *("workflow", "run", file, "-i", f"shop={shop.url}", "--json"),
            *("--home", tmp_path / "home"),
        )
    assert ended.code == 0, ended.err
    last = json.loads(ended.out.splitlines()[-1])
    assert last["kind"] == "finished"
    assert last["outputs"] == {"title": "Menu"}
    assert last["usage"]["model_calls"] == 0


def test_bad_usage_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "order.yaml"
    file.write_text(ORDER)
    cases: list[tuple[list[str | Path], str]] = [
        (["workflow", "run"], "Which file?"),
        (["workflow", "run", file], "order.yaml: the input shop has no value"),
        (["workflow", "run", file, "-i", "shop"], "say NAME=VALUE"),
        (["workflow", "run", file, "-i", "shop=x", "-i", "soze=1"], "soze is no input"),
        (["workflow", "run", tmp_path / "no.yaml"], "no.yaml: cannot be read"),
        (["workflow", "run", "--resume", "x", "-i", "a=b"], "was given: leave out --input."),
        (["workflow", "run", file, "--resume", "x"], "was given: leave out file."),
        (["workflow", "run", "--resume", "x", "--secret", "A"], "was given: leave out --secret."),
        (["workflow", "run", file, "--inputs", tmp_path / "no.csv"], "cannot be read"),
    ]
    for arguments, sentence in cases:
        ended = secondlook(*arguments, "--home", tmp_path / "home")
        assert ended.code == 2, (arguments, ended.err)
        assert sentence in ended.err
        assert "Traceback" not in ended.err
