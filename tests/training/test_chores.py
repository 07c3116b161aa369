"""Chores: every decision is about what is on the page, and the page is what Chromium shows."""

import random
from collections.abc import Callable

import pytest

pytest.importorskip("wordfreq")
pytest.importorskip("faker")

from tests.tools.looking import see
from tests.training.looking import lines_of
from tools.session import Session
from training.chores import FAMILIES
from training.chores.chore import Chore
from training.chores.desk import Desk
from training.markup import to_html
from training.pages import look

Family = Callable[[Desk], Chore]

every_family = pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)


@every_family
def test_every_step_is_done_in_its_turn(family: Family) -> None:
    for seed in range(60):
        chore = family(Desk(random.Random(seed)))
        steps = [beat.step for beat in chore.beats()]
        assert steps == sorted(steps)
        assert set(steps) == set(range(len(chore.steps)))
        assert [attempt.step for attempt in chore.attempts] == steps


@every_family
def test_the_last_decision_of_a_step_completes_it(family: Family) -> None:
    """But for sending off, which the page that comes has to confirm."""
    for seed in range(60):
        chore = family(Desk(random.Random(seed)))
        said = []
        try:
            for beat in chore.beats():
                answer = beat.reply(look(chore.page, random.Random(0)))
                said.append((beat.step, '"completes_step":true' in answer))
        except KeyError:  # a line beside a field without a label is taken for its label
            continue
        ends = dict(said)
        for step, do in enumerate(chore.steps):
            assert ends[step] == (do != "Send it off")


@every_family
async def test_chromium_shows_the_same_at_every_turn(family: Family, session: Session) -> None:
    chore = family(Desk(random.Random(7)))
    for _ in chore.beats():
        for widget in chore.page.walk():
            widget.new = False
        fast = look(chore.page, random.Random(0)).observation
        seen = await see(session, to_html(chore.page))
        assert lines_of(fast) == lines_of(seen)
