"""Results are kept one by one, gone on with, and compared."""

from pathlib import Path

import pytest

from tasks.eval.compare import compare
from tasks.eval.evaluate import keys_of
from tasks.eval.intervals import mean_interval, wilson
from tasks.eval.plot import svg
from tasks.eval.problems import EvaluationError
from tasks.eval.results import Episode, Results, Setup, read_results
from tasks.eval.suite import Group, Key

SETUP = Setup(suite="miniwob", model="scripted")
PATHS = (Path("off"), Path("on"))


def _episode(task: str, seed: int, success: bool, **more: object) -> Episode:
    ended = "page" if success else "done"
    given = {"task": task, "seed": seed, "success": success, "ended": ended}
    return Episode.model_validate(given | more)


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    file, keys = tmp_path / "r.jsonl", keys_of(["a", "b"], range(2))
    assert keys == [Key("a", 0), Key("b", 0), Key("a", 1), Key("b", 1)]
    results = Results(SETUP, file)
    results.add(_episode("a", 0, True))
    results.add(_episode("b", 0, False, ended="error"))
    with file.open("a") as torn:
        torn.write('{"kind":"episode","task":"a","seed":1,"su')  # killed while it wrote
    again = Results(SETUP, file)
    assert again.missing(keys) == keys[1:]
    for key in keys[1:]:
        again.add(_episode(key.task, key.seed, False))
    assert read_results(file).missing(keys) == []


def test_results_of_another_setup_are_not_gone_on_with(tmp_path: Path) -> None:
    file = tmp_path / "r.jsonl"
    Results(SETUP, file).add(_episode("a", 0, True))
    before = file.read_text()
    with pytest.raises(EvaluationError, match="reflection was True"):
        Results(SETUP.model_copy(update={"reflection": False}), file)
    assert file.read_text() == before


@pytest.mark.parametrize("text", ["", "{}\n", "Dear Ann,\n"])
def test_a_file_of_something_else_is_left_alone(tmp_path: Path, text: str) -> None:
    file = tmp_path / "letter.txt"
    file.write_text(text)
    with pytest.raises(EvaluationError, match="holds no results"):
        Results(SETUP, file)
    assert file.read_text() == text


def test_a_place_that_cannot_be_written_is_told_before_anything_is_run(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"cannot be written .*: name another file"):
        Results(SETUP, tmp_path / "no-such-folder" / "r.jsonl")


def test_two_evaluations_are_compared_over_what_both_have() -> None:
    first, second = Results(SETUP), Results(SETUP)
    for seed in range(100):
        first.add(_episode("a", seed, seed < 40))
        second.add(_episode("a", seed, 10 <= seed < 70))
    second.add(_episode("b", 0, True))
    first.add(_episode("c", 0, True, ended="error"))
    second.add(_episode("c", 0, True))
    groups = (Group("known", frozenset("a")), Group("other", frozenset("z")))
    (known,) = compare(first, second, groups, PATHS)
    assert (known.group, known.first, known.second) == ("known", "40/100  40 %", "60/100  60 %")
    assert (known.points, known.won, known.lost) == (20, 30, 10)
    # the standard error of paired differences is sqrt(.4 - .2**2) / 10 = 6 points
    assert known.low == pytest.approx(20 - 1.96 * 6, abs=1.5)
    assert known.high == pytest.approx(20 + 1.96 * 6, abs=1.5)


def test_nothing_in_common_is_said_so() -> None:
    with pytest.raises(EvaluationError, match="no episode in common"):
        compare(Results(SETUP), Results(SETUP), (), PATHS)


def test_intervals() -> None:
    assert wilson(8, 10) == pytest.approx((0.490, 0.943), abs=0.001)  # Brown et al. 2001
    assert wilson(0, 0) == (0, 1)
    assert mean_interval([1, 1, 1]) == (1, 1)


def test_the_picture_has_a_bar_for_each_task_and_group() -> None:
    episodes = [_episode("a<b", 0, True), _episode("c", 0, False)]
    picture = svg(SETUP, episodes, [Group("all", frozenset({"a<b", "c"}))])
    for name in ("a&lt;b", ">c<", ">all<", "1 of 2", "0 of 1"):
        assert name in picture
