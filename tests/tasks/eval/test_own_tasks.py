"""Anyone's own tasks: read with a sentence for every error, judged by conditions on the page."""

import json
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tasks.eval.own_tasks import OwnTasks, TasksInvalid
from tasks.eval.problems import EvaluationError
from tests.agent.sensible import sensible
from tests.site_server import Site
from tests.tasks.eval.episodes import episode

SHOP = """<!doctype html><title>Shop</title><h1>Shop</h1><label>Code <input></label>
<button onclick="document.querySelector('h1').textContent =
  'Thanks, ' + document.querySelector('input').value">Buy</button>"""


def _file(folder: Path, *lines: object) -> Path:
    file = folder / "tasks.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    file.write_text("\n".join(texts) + "\n")
    return file


def _task(url: str = "http://shop.test/", **more: object) -> dict[str, object]:
    return {
        "id": "buy",
        "task": "Buy it",
        "url": url,
        "check": {"text": "Thanks"},
        "yes": True,
        **more,
    }


@pytest.mark.parametrize(
    ("wanted", "success"),
    [
        ({"text": "Thanks, {{ who }}"}, True),
        ([{"visible": 'get_by_role("heading", name="Thanks")'}, {"no_text": "Sorry"}], True),
        ({"text": "Sorry"}, False),
        ({"url": "*/elsewhere"}, False),
    ],
)
async def test_the_page_decides(
    chromium: Browser, site: Site, tmp_path: Path, wanted: object, success: bool
) -> None:
    url = site.page("/shop", SHOP)
    task = _task(url, task="Buy it for {{ who }}", inputs={"who": "Ann"}, check=wanted)
    script = sensible(['fill "textbox" with "Ann"', 'click "Buy"'], done="Thanks")
    suite = OwnTasks(_file(tmp_path, task))
    done, _ = await episode(chromium, script, "buy", suite=suite)
    assert done.goal == "Buy it for Ann"
    assert (done.success, done.claimed, done.false_done) == (success, True, not success)
    assert done.why.startswith("it is not so that" if not success else "")


async def test_who_waits_for_a_yes_is_not_done(
    chromium: Browser, site: Site, tmp_path: Path
) -> None:
    suite = OwnTasks(_file(tmp_path, _task(site.page("/shop", SHOP), yes=False)))
    done, _ = await episode(chromium, sensible(['click "Buy"']), "buy", suite=suite)
    assert (done.success, done.claimed, done.ended) == (False, False, "needs_user")


async def test_a_secret_is_filled_and_stands_in_no_result(
    chromium: Browser, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECONDLOOK_SECRET_CODE", "hunter22")
    task = _task(
        site.page("/shop", SHOP),
        task="Buy with {{CODE}}",
        secrets=["CODE"],
        check={"text": "Thanks, nobody"},
    )
    script = sensible(['fill "textbox" with "{{CODE}}"', 'click "Buy"'], done="Thanks")
    suite = OwnTasks(_file(tmp_path, task))
    done, requests = await episode(chromium, script, "buy", suite=suite)
    assert (done.claimed, done.success) == (True, False)
    assert "hunter22" not in done.model_dump_json() + json.dumps(requests)
    assert done.goal == "Buy with {{CODE}}"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "this is no JSON"),
        ("[1]", "expected a mapping"),
        ({"id": "a"}, "task is missing"),
        (_task(check={"txt": "Thanks"}), "check: txt is no condition, did you mean text."),
        (_task(check=[]), "check: expected at least one, not an empty list"),
        (_task(check={"visible": "open('/etc/passwd')"}), "check: open is no part of a locator"),
        (_task(chek=1), "chek is no key here, did you mean check."),
        (_task(url="file:///etc/passwd"), "'file:///etc/passwd' is no web address"),
        (_task(task="Buy {{ what }}"), "what is neither an input nor a secret"),
        (_task(check={"text": "{{ what }}"}), "what is no input of this line"),
        (_task(sites=["com"]), "whole domain suffix"),
        (_task(secrets=["NO_SUCH_SECRET"]), "NO_SUCH_SECRET"),
        (_task(), "the id buy stands there already"),
    ],
)
def test_each_error_is_a_sentence_with_its_line(tmp_path: Path, line: object, said: str) -> None:
    with pytest.raises(TasksInvalid) as raised:
        OwnTasks(_file(tmp_path, _task(), "", line))
    (problem,) = raised.value.problems
    assert problem.startswith(f"{tmp_path / 'tasks.jsonl'}:3: ")
    assert said in problem
    assert problem.endswith(".")
    assert "\n" not in problem


def test_a_file_without_tasks_and_no_file(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="has no tasks"):
        OwnTasks(_file(tmp_path))
    with pytest.raises(EvaluationError, match="cannot be read: No such file"):
        OwnTasks(tmp_path / "none.jsonl")
