"""Live tasks: pages that act and judge themselves, and the teacher's way through them."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

pytest.importorskip("torch")
pytest.importorskip("wordfreq")

from playwright.async_api import Browser

from tasks.eval.problems import EvaluationError
from tasks.eval.suite import Key
from tools.session import Session
from training import teacher
from training.evaluate import kind_of, output_of
from training.live.document import document
from training.live.families import FAMILIES, made
from training.live.replay import Player, Replayed
from training.live.suite import LivePages
from training.live.task import Act, LiveTask
from training.pages import View


async def played(session: Session, task: LiveTask, trouble: float = 0, seed: int = 5) -> Replayed:
    player = Player(session, trouble)
    await player.ready()
    return await player.play(task, random.Random(seed))


def failures(replayed: Replayed) -> list[tuple[str, str]]:
    """Each `Failed:` line of a reflection's prompt, with the answer to it."""
    return [
        (re.findall(r"^Failed: (.*)$", asked.content, re.MULTILINE)[-1], answer.content)
        for asked, answer in replayed.made
        if kind_of(asked) == "reflect"
    ]


@pytest.mark.parametrize("family", FAMILIES)
async def test_the_teacher_does_a_page_of_every_family(family: str, session: Session) -> None:
    replayed = await played(session, made(family, 1))
    assert not replayed.why
    asked = [kind_of(prompt) for prompt, _ in replayed.made]
    assert asked[0] == "plan"
    if family != "still-nth":  # beside its nameless boxes the proof is taken for a label
        assert asked[-1] == "finish"


@pytest.mark.parametrize("family", FAMILIES)
def test_family_and_seed_make_the_page(family: str) -> None:
    assert document(made(family, 3)) == document(made(family, 3))
    assert document(made(family, 3)) != document(made(family, 4))


def _filled_wrongly(acts: Sequence[Act]) -> Iterator[Act]:
    for act in acts:

        def wrong(view: View, act: Act = act) -> str:
            answer = act.reply(view)
            (raw,) = output_of(answer)["actions"]
            if raw["action"] == "fill":
                return teacher.decided("", raw | {"text": f"{raw['text']}x"}, completes=True)
            return answer

        yield replace(act, reply=wrong)


async def test_a_wrong_value_is_not_kept(session: Session) -> None:
    task = made("cased", 1)
    acts = list(task.acts())
    task.acts = lambda: _filled_wrongly(acts)
    replayed = await played(session, task)
    assert replayed.why.startswith("the page says no")
    assert not replayed.made


async def test_a_click_on_another_entry_is_not_kept(session: Session) -> None:
    task = made("meant", 2)
    (act,) = task.acts()
    other = next(w for w in task.counted if w.said == task.clicks[0].said and w not in task.clicks)
    wrong = replace(
        act,
        reply=lambda view: teacher.decided(
            "", teacher.action(view, other, "click"), completes=True
        ),
    )
    task.acts = lambda: iter([wrong])
    assert (await played(session, task)).why == "the page says no: other clicks"


async def test_what_comes_in_the_way_has_its_real_verdict(session: Session) -> None:
    """Whatever is done about it, the evidence is the browser's and the reflection names it."""
    seen = set()
    for seed in range(4):
        replayed = await played(session, made("still-labelled", 1), trouble=1, seed=seed)
        assert not replayed.why
        for failed, answer in failures(replayed):
            cause = re.search(r"(covered|detached|no_effect)", failed)
            assert cause, failed
            seen.add(cause[1])
            evidence = failed.partition(f"{cause[1]}, ")[2]
            assert f"It failed: {evidence}." in answer
            first = cause[1] == "covered"
            assert ("do_something_first" if first else "retry_differently") in answer
    assert {"covered", "detached"} <= seen


async def test_the_page_itself_refuses(session: Session) -> None:
    """A form with a wrong entry, and an option that is gone; nobody meddles with the page."""
    (failed, answer), *_ = failures(await played(session, made("refused", 1)))
    assert "wrong_value, alert " in failed
    assert "do_something_first" in answer
    task = made("soldout", 1)
    (failed, answer), *_ = failures(await played(session, task))
    assert "wrong_value" in failed
    assert "retry_differently" in answer
    assert task.rules[0].option not in str(output_of(answer)["advice"])


async def test_the_suite_believes_the_page_only(chromium: Browser) -> None:
    suite, key = LivePages(), Key("rows", 1)
    window = await chromium.new_context()
    async with suite.served():
        asked = await suite.begin(window, key)
        assert asked.task == made("rows", 1).task
        assert not await suite.over(window)
        assert not (await suite.judge(window, key)).success
        task = made("rows", 1)
        at = list(task.page.walk()).index(task.clicks[0])
        await window.pages[0].locator(f'[data-key="{at}"]').click()
        assert await suite.over(window)
        assert (await suite.judge(window, key)).success
        await window.pages[0].goto("about:blank")
        assert not (await suite.judge(window, key)).success
    await window.close()


def test_an_unknown_family_is_told() -> None:
    with pytest.raises(EvaluationError, match="did you mean calendar"):
        LivePages().check(["calender"])
