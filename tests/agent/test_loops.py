"""Going round in circles is noticed before the action that would."""

from agent.loops import going_round, key_of, sent_before, shape_of
from agent.state import Attempt
from tests.agent.states import FAILED, OK, attempt, page
from tools.causes import Cause, Verdict
from tools.observation import Observation

SAVE = {"action": "click", "ref": "[e1]"}


def asked(seen: Observation, action: dict[str, str], before: list[Attempt]) -> str:
    return going_round(key_of(action, seen), seen.fingerprint, shape_of(seen), before)


def test_the_same_action_on_the_same_page_is_not_taken_a_third_time() -> None:
    seen = page("button Save")
    before = [attempt(n, FAILED, SAVE, seen) for n in (1, 2)]
    assert asked(seen, SAVE, before[:1]) == ""
    assert "tried 2 times" in asked(seen, SAVE, before)


def test_refs_are_renumbered_and_still_the_action_is_the_same() -> None:
    first, second = page("button Save", "text Hello"), page("text Hello", "button Save")
    assert key_of(SAVE, first) == key_of({"action": "click", "ref": "[e2]"}, second)
    assert key_of(SAVE, first) != key_of(SAVE, second)


def test_another_page_state_or_other_arguments_are_something_else() -> None:
    empty, filled = page("textbox Name"), page("textbox Name: Ann")
    ann = {"action": "fill", "ref": "[e1]", "text": "Ann"}
    before = [attempt(n, OK, ann, empty) for n in (1, 2)]
    assert asked(empty, ann, before)
    assert not asked(filled, ann, before)
    assert not asked(empty, ann | {"text": "Bob"}, before)


def test_an_action_refused_as_a_loop_was_not_taken() -> None:
    seen = page("button Save")
    refused = Verdict(cause=Cause.LOOP)
    before = [attempt(n, refused, SAVE, seen) for n in (1, 2, 3)]
    assert asked(seen, SAVE, before) == ""


def test_a_circle_of_several_actions_is_named() -> None:
    closed, opened = page("button Menu"), page("button Menu", "link Help")
    there = attempt(1, OK, SAVE, closed, said="click button Menu")
    back = attempt(2, OK, {"action": "press", "key": "Escape"}, opened, said="press Escape")
    before = [there, back, there, back]
    assert "goes round in a circle: after press Escape" in asked(closed, SAVE, before)


def test_a_circle_is_noticed_though_a_counter_on_the_page_runs() -> None:
    escape = {"action": "press", "key": "Escape"}
    before = []
    for n in range(4):
        clock = f"text 12:0{n}"
        before.append(attempt(2 * n + 1, OK, SAVE, page("button Menu", clock)))
        before.append(attempt(2 * n + 2, OK, escape, page("button Menu", "link Help", clock)))
    now = page("button Menu", "text 12:09")
    assert "4 times already" in asked(now, SAVE, before)
    assert asked(now, SAVE, before[:6]) == ""


def test_pressing_plus_on_a_page_that_counts_is_no_circle() -> None:
    before = [attempt(n, OK, SAVE, page("button More", f"text {n} pieces")) for n in range(1, 12)]
    assert asked(page("button More", "text 12 pieces"), SAVE, before) == ""


def test_what_was_sent_is_not_sent_again_from_the_same_page() -> None:
    seen = page("button Place order", "text Total 12.50")
    sent = attempt(1, OK, SAVE, seen, commit=True, sent=True)
    key = key_of(SAVE, seen)
    assert sent_before(key, seen.fingerprint, [sent]) == sent
    assert not sent_before(key, page("button Place order").fingerprint, [sent])
    assert not sent_before(key, seen.fingerprint, [sent.model_copy(update={"sent": False})])


def test_a_cover_that_was_closed_does_not_count_as_a_try() -> None:
    seen, covered = page("button Save"), page("button Save", "dialog Cookies", "button Accept")
    accept = {"action": "click", "ref": "[e3]"}
    gone = attempt(1, Verdict(cause=Cause.DETACHED), SAVE, seen)
    met = attempt(2, Verdict(cause=Cause.COVERED), SAVE, seen)
    assert asked(seen, SAVE, [gone, met])
    closed = attempt(3, OK, accept, covered)
    assert asked(seen, SAVE, [gone, met, closed]) == ""
