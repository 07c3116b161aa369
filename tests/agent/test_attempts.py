"""What an action leaves behind: the attempt, the tick with its evidence, the rest of the batch."""

from agent.attempts import attempted, carried, conclude, intend, malformed
from tests.agent.states import FAILED, OK, page, state
from tools.causes import Cause, Verdict

FILL = {"action": "fill", "ref": "[e1]", "text": "Ann"}
PRESS_ADD = {"action": "click", "ref": "[e2]"}


def after(verdict: Verdict, **fields: object) -> dict[str, object]:
    """The update when the first pending action came to this verdict."""
    run = state(pending=[FILL], **fields)
    seen = run.observation
    assert seen is not None
    done = attempted(run, intend(run, FILL, "fill textbox Name: Ann", "input", seen), verdict)
    return conclude(run, done, page("textbox Name: Ann"))


def test_a_step_is_ticked_when_the_action_that_completes_it_is_ok() -> None:
    update = after(OK, completes_step=True)
    assert [step.done for step in update["plan"]] == [True, False]  # type: ignore[attr-defined]
    assert update["plan"][0].evidence == "text Done"  # type: ignore[index]
    assert update["step"] == 1


def test_an_action_that_only_leads_there_ticks_nothing() -> None:
    assert "plan" not in after(OK, completes_step=False)


def test_a_failed_action_ticks_nothing_and_ends_the_batch() -> None:
    update = after(FAILED, completes_step=True)
    assert "plan" not in update
    assert update["pending"] == []


def test_every_attempt_counts_as_a_step_of_the_run() -> None:
    assert after(FAILED)["usage"].steps == 1  # type: ignore[attr-defined]


def test_the_rest_of_a_batch_follows_its_elements_to_their_new_refs() -> None:
    before = page("textbox Name", "button Add")
    now = page("alert Hello", "textbox Name: Ann", "button Add")
    assert carried([PRESS_ADD], before, now) == [{"action": "click", "ref": "[e3]"}]


def test_a_batch_ends_when_its_element_or_its_page_is_gone() -> None:
    before = page("textbox Name", "button Add")
    assert carried([PRESS_ADD], before, page("textbox Name")) is None
    elsewhere = page("textbox Name", "button Add", url="http://shop.example/basket")
    assert carried([PRESS_ADD], before, elsewhere) is None
    assert carried([PRESS_ADD], before, page("button Add", dialog="confirm: Sure?")) is None


def test_a_batch_that_was_cut_short_does_not_complete_its_step() -> None:
    run = state(
        observation=page("textbox Name", "button Add"),
        pending=[FILL, PRESS_ADD],
        completes_step=True,
    )
    assert run.observation
    done = attempted(run, intend(run, FILL, "fill", "input", run.observation), OK)
    update = conclude(run, done, page("textbox Name: Ann"))
    assert update["pending"] == []
    assert "plan" not in update


def test_an_answer_that_could_not_be_read_is_a_failed_attempt() -> None:
    failed = malformed(state(), "actions: Field required")
    assert failed.verdict.cause is Cause.MALFORMED_ANSWER
    assert failed.verdict.line() == "malformed_answer, actions: Field required"
