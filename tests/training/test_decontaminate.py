"""The check that no demo shop is in the training data must find what is put there."""

import itertools

import pytest

pytest.importorskip("wordfreq")
pytest.importorskip("faker")

from tasks.demo.menu import draw_menu
from tasks.demo.orders import draw_order
from training.conversation import Conversation, Stage, Turn
from training.curriculum import conversations
from training.decontaminate import check, forbidden_words, verify
from training.words import Words


def _said(text: str) -> list[Conversation]:
    return [(Turn("user", text), Turn("assistant", "<output>{}</output>"))]


@pytest.mark.parametrize("stage", ["small_pages", "full"])
def test_the_training_data_is_clean(stage: Stage) -> None:
    report = verify(itertools.islice(conversations(stage, 11), 300))
    assert "300 conversations, 0 overlaps" in report


def test_a_planted_task_is_found() -> None:
    with pytest.raises(SystemExit, match="run of words"):
        verify(_said(f"Task: {draw_order(3).task()}"))


def test_a_planted_label_is_found() -> None:
    found = check(_said("<page>\nbutton Add to basket[e3]\n</page>")).found
    assert any(what.startswith("label: add to basket") for what in found)


def test_goods_are_found_in_any_case() -> None:
    name = draw_menu(5).pizzas[0].name
    assert check(_said(f"link {name.upper()}[e1]")).found


def test_everyday_words_are_no_overlap() -> None:
    assert not check(_said("textbox Street[e1]: 5 Elm Road\nbutton Next[e2]")).found


def test_the_word_lists_leave_out_the_shops_words() -> None:
    import random

    words = Words(random.Random(0))
    drawn = {words.word() for _ in range(20_000)}
    assert "pizza" in forbidden_words()
    assert not drawn & forbidden_words()
