"""Episodes are begun as in BrowserGym, stopped when they are over, and judged by their page."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser

from agent.chats import read_chats
from agent.folder import RunFolder
from tasks.eval import miniwob
from tasks.eval.miniwob import MiniWoB, installed_pages
from tasks.eval.miniwob_lists import BROWSERGYM, PUBLIC, UNSEEN
from tasks.eval.problems import EvaluationError
from tests.agent.sensible import sensible
from tests.scripted_model import ScriptedModel
from tests.scripted_replies import Json, Reply
from tests.tasks.eval.episodes import as_told, episode, gives_up, presses, shown


async def test_a_task_done_right_ends_with_the_pages_reward(chromium: Browser) -> None:
    done, requests = await episode(chromium, as_told, "press", seed=1)
    assert (done.success, done.ended, done.actions) == (True, "page", 3)
    assert done.goal == "Press Beta, then Gamma, then Alpha."
    assert done.tokens > 0
    assert len(done.step_seconds) == 3
    assert not done.claimed  # it was stopped before it could say so
    assert "Alpha" in shown(requests)
    for hidden in ("then Gamma", "Last reward"):
        assert hidden not in shown(requests)


async def test_an_episode_names_the_run_that_holds_its_chats(
    chromium: Browser, tmp_path: Path
) -> None:
    done, requests = await episode(chromium, as_told, "press", seed=1, home=tmp_path)
    chats = list(read_chats(RunFolder.find(tmp_path, done.run).chats))
    assert [chat.messages for chat in chats] == [request["messages"] for request in requests]
    assert [chat.question for chat in chats] == ["plan", *["decide"] * 3]
    forgotten, _ = await episode(chromium, as_told, "press", seed=1)
    assert forgotten.run == ""


async def test_a_wrong_answer_is_a_failure(chromium: Browser) -> None:
    done, _ = await episode(chromium, presses("Gamma", "Alpha"), "press", seed=0)
    assert (done.success, done.ended, done.actions) == (False, "page", 1)
    assert done.why == "the page's reward is -1"


async def test_who_says_done_and_is_not_is_counted_so(chromium: Browser) -> None:
    done, _ = await episode(chromium, presses("Note"), "press")
    assert (done.success, done.ended, done.false_done) == (False, "done", True)
    assert done.why.startswith("the page still waits")


async def test_leaving_the_page_ends_the_episode(chromium: Browser) -> None:
    done, _ = await episode(chromium, presses("Away", "Alpha"), "press")
    assert (done.success, done.ended, done.why) == (False, "page", "the page was left")


async def test_the_limit_of_actions_holds(chromium: Browser) -> None:
    done, _ = await episode(chromium, as_told, "press", max_actions=2)
    assert (done.success, done.ended, done.actions) == (False, "limit", 2)


async def test_a_page_that_is_none_breaks_off_one_episode_only(chromium: Browser) -> None:
    done, _ = await episode(chromium, gives_up, "away")
    assert (done.success, done.ended) == (False, "error")
    assert "seedrandom" in done.why


def entered(request: Json) -> Reply:
    """Enters what the task wants in the one field."""
    told = re.search(r'^Task: Enter "(.+?)" into', ScriptedModel.prompt(request), re.M)
    assert told
    steps = [f'fill "textbox" with "{told[1]}"', 'click "Submit"']
    return sensible(steps, done="nothing")(request)


@pytest.mark.parametrize(
    ("task", "script", "reward"),
    [
        ("click-test-2", presses("ONE"), True),
        ("click-test-2", presses("TWO"), False),
        ("enter-text", entered, True),
        ("enter-text", presses("Submit"), False),
        ("click-dialog", presses("Close"), True),
    ],
)
async def test_real_tasks(
    chromium: Browser, task: str, script: Callable[[Json], Reply], reward: bool
) -> None:
    pytest.importorskip("miniwob", exc_type=ImportError)
    done, requests = await episode(chromium, script, task, seed=3, suite=MiniWoB(installed_pages()))
    assert (done.success, done.ended) == (reward, "page"), done
    assert done.goal
    assert done.goal not in shown(requests)
    assert "reward" not in shown(requests)


def test_the_lists_are_those_of_browsergym() -> None:
    assert (len(PUBLIC), len(UNSEEN), len(BROWSERGYM)) == (58, 68, 125)
    assert not {*PUBLIC} & {*UNSEEN}
    MiniWoB(installed_pages()).check(BROWSERGYM)


def test_without_the_package_one_sentence_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(miniwob, "find_spec", lambda name: None)
    with pytest.raises(EvaluationError, match=r"pip install 'secondlook\[eval\]'"):
        installed_pages()
