"""What a run learns about a site, and what it never keeps."""

from pathlib import Path

from agent.memory import KEPT, learned, recall, remember
from agent.state import Attempt, Outcome, RunState
from tests.agent.states import FAILED, OK, attempt, page, state

SHOP = "http://shop.example/menu"
COVERED = page("button Add", "button Accept", url=SHOP)
FILL = {"action": "fill", "ref": "[e1]", "text": "hunter2"}
OVERCOME = [
    attempt(1, FAILED, on=COVERED),
    attempt(2, OK, {"action": "click", "ref": "[e2]"}, COVERED),
    attempt(3, OK, on=COVERED),
]
LINE = "click button Add was covered before; what helped: click button Accept"


def finished(attempts: list[Attempt], status: str = "done") -> RunState:
    return state(attempts=attempts, outcome=Outcome(status=status, answer="Ordered."))


def test_a_failure_that_was_overcome_is_remembered_for_its_site(tmp_path: Path) -> None:
    remember(tmp_path, finished(OVERCOME), str)
    assert recall(tmp_path, "http://www.shop.example/other") == [LINE]
    assert recall(tmp_path, "http://elsewhere.example/") == []


def test_only_a_run_that_reached_its_goal_teaches(tmp_path: Path) -> None:
    remember(tmp_path, finished(OVERCOME, "failed"), str)
    assert recall(tmp_path, SHOP) == []


def test_a_failure_that_stayed_one_teaches_nothing() -> None:
    assert learned(OVERCOME[:2], str) == {}
    assert learned([OVERCOME[0], OVERCOME[2]], str) == {}  # it passed by itself


def test_nothing_that_was_filled_in_and_no_secret_is_kept(tmp_path: Path) -> None:
    field = page("textbox hunter2", url=SHOP)
    made = [attempt(1, FAILED, FILL, field), OVERCOME[1], attempt(3, OK, FILL, field)]
    remember(tmp_path, finished(made), lambda text: text.replace("hunter2", "{{PASSWORD}}"))
    (kept,) = (tmp_path / "memory").iterdir()
    assert "hunter2" not in kept.read_text()
    assert "{{PASSWORD}}" in kept.read_text()


def test_the_file_stays_small_and_counts_what_is_confirmed(tmp_path: Path) -> None:
    for n in range(KEPT + 5):
        there = page(f"button Add {n}", "button Accept", url=SHOP)
        made = [attempt(1, FAILED, on=there), OVERCOME[1], attempt(3, OK, on=there)]
        remember(tmp_path, finished(made), str)
    remember(tmp_path, finished(OVERCOME), str)
    remember(tmp_path, finished(OVERCOME), str)
    (kept,) = (tmp_path / "memory").iterdir()
    assert kept.read_text().count('"failed"') == KEPT
    assert '"seen": 2' in kept.read_text()
    assert recall(tmp_path, SHOP)[0] == LINE


def test_a_file_spoilt_by_hand_is_begun_anew(tmp_path: Path) -> None:
    remember(tmp_path, finished(OVERCOME), str)
    (kept,) = (tmp_path / "memory").iterdir()
    kept.write_text("{")
    assert recall(tmp_path, SHOP) == []
