"""What `doctor` finds, and what it says to do where something is missing."""

from pathlib import Path

import pytest

from agent.errors import ModelUnavailable
from tasks.doctor import Check, Examined, examine, failed, verdict
from tasks.exit_codes import ExitCode
from tests.agent.sensible import sensible
from tests.scripted_model import Kind, ScriptedModel
from tests.scripted_replies import Html
from tools.browser import find_browser


async def checked(what: Examined) -> dict[str, Check]:
    return {check.name: check async for check in examine(what)}


async def test_all_is_well(tmp_path: Path) -> None:
    with ScriptedModel(sensible(), context=9000) as model:
        found = await checked(Examined(home=tmp_path / "new", model_url=model.url))
    assert verdict(list(found.values())) == ExitCode.DONE, found
    assert found["disk"].found.startswith(f"{tmp_path / 'new'} is writable")
    assert str(find_browser()) in found["browser"].found
    assert "9,000 tokens of context, holds to a grammar" in found["model"].found
    assert "playwright" in found["versions"].found


@pytest.mark.parametrize(
    ("kind", "words"),
    [("json_schema", "holds to a JSON schema"), ("plain", "cannot constrain its answers")],
)
async def test_it_says_what_the_model_can_be_held_to(
    kind: Kind, words: str, tmp_path: Path
) -> None:
    with ScriptedModel(sensible(), kind) as model:
        what = Examined(home=tmp_path, executable="/no/browser", model_url=model.url)
        assert words in (await checked(what))["model"].found


async def test_everything_missing_is_said_with_what_to_do(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with ScriptedModel(sensible(), models=Html()) as model:
        what = Examined(home=blocked, executable="/no/browser", model_url=model.url)
        found = await checked(what)
    assert [check.ok for check in found.values()] == [True, False, False, False]
    assert all(check.do for check in found.values() if not check.ok), found
    assert found["disk"].exit_code == ExitCode.STORAGE
    assert found["browser"].exit_code == ExitCode.NO_BROWSER
    assert found["model"].exit_code == ExitCode.NO_MODEL
    assert verdict(list(found.values())) == ExitCode.STORAGE


def test_a_sentence_without_parts_is_kept_whole() -> None:
    check = failed("model", ModelUnavailable("Nobody answers."))
    assert (check.found, check.do) == ("Nobody answers", "")
