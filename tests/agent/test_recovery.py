"""What a resumed run takes as done, and what it does again."""

import pytest

from agent.journal import Trail
from agent.recovery import happened, in_doubt, recover
from agent.state import RunState, Step
from tests.agent.states import OK, attempt, intent, page, state
from tools.browser import BrowserOptions
from tools.causes import Cause, Verdict
from tools.observation import Element, Observation, Option

FORM = "http://shop.example/address"
NAME = {"action": "fill", "ref": "[e1]", "text": "Ann"}
PLACE = {"action": "click", "ref": "[e1]"}
CHECKOUT = page("button Place order", "text Total 12.50", url="http://shop.example/payment")
SENT = Trail(sent=True, sent_at=1, page=CHECKOUT.url)


def ordering(effect: str = "commit", **fields: object) -> RunState:
    """A run killed while it pressed `Place order`, which completes its step."""
    return state(
        plan=[Step(do="Add Funghi", done=True), Step(do="Place the order")],
        step=1,
        observation=CHECKOUT,
        intent=intent(CHECKOUT, PLACE, effect=effect, number=2, said="click button Place order"),
        pending=[PLACE],
        completes_step=True,
        **fields,
    )


def test_nothing_was_sent_so_it_is_decided_again() -> None:
    update = recover(ordering(), Trail(page=CHECKOUT.url), CHECKOUT)
    assert update["intent"] is None
    assert update["pending"] == []
    assert "attempts" not in update
    assert update["step"] == 1


def test_the_browser_had_gone_on_so_it_took_effect() -> None:
    thanks = page("heading Thank you", url="http://shop.example/thanks")
    update = recover(ordering(), SENT.model_copy(update={"page": thanks.url}), thanks)
    (made,) = update["attempts"]
    assert made.verdict.ok
    assert made.unknown
    assert made.sent
    assert "cut off here" in made.verdict.line()
    assert update["plan"][1].done


def test_the_page_no_longer_offers_it_so_it_took_effect() -> None:
    update = recover(ordering(), SENT, page("text Your basket is empty", url=CHECKOUT.url))
    assert update["attempts"][0].verdict.ok
    assert "no longer offers button Place order" in update["plan"][1].evidence


def test_it_was_sent_and_is_still_offered_so_only_the_user_knows() -> None:
    update = recover(ordering(), SENT, CHECKOUT)
    assert "intent" not in update  # it stays, for the guard to ask about
    assert "attempts" not in update
    assert in_doubt(ordering(), CHECKOUT)


def test_the_site_refused_it_so_it_may_be_tried_again() -> None:
    update = recover(ordering(), SENT.model_copy(update={"status": 422}), CHECKOUT)
    assert update["attempts"][0].verdict.cause is Cause.BROWSER_GONE
    assert "refused" in update["attempts"][0].verdict.evidence
    assert not update["plan"][1].done


def test_an_error_of_the_site_leaves_an_order_in_doubt() -> None:
    update = recover(ordering(), SENT.model_copy(update={"status": 503}), CHECKOUT)
    assert "intent" not in update


def test_the_user_says_that_it_happened() -> None:
    run = ordering()
    assert run.intent
    update = happened(run, run.intent, "the user says that it took effect", sent=True)
    assert update["intent"] is None
    assert update["plan"][1].done


@pytest.mark.parametrize(
    ("now", "status", "ok"),
    [
        (["button Place order", "text Total 12.50"], 0, False),
        (["button Place order", "text Total 12.50", "link Basket (1)"], 0, True),
        (["button Place order", "text Total 12.50"], 200, True),
        (["button Place order", "text Total 12.50"], 503, False),
    ],
)
def test_a_click_within_the_page_is_judged_from_the_page_and_the_sites_answer(
    now: list[str], status: int, ok: bool
) -> None:
    trail = SENT.model_copy(update={"status": status})
    update = recover(ordering("input"), trail, page(*now, url=CHECKOUT.url))
    (made,) = update["attempts"]
    assert made.verdict.ok is ok
    assert update["plan"][1].done is ok


def test_a_link_that_was_followed_took_effect_though_nothing_was_sent() -> None:
    basket = page("heading Basket", url="http://shop.example/basket")
    update = recover(ordering("input"), Trail(page=basket.url), basket)
    assert update["attempts"][0].verdict.ok
    assert not update["attempts"][0].sent


# -- a browser that is not ours and lived on -------------------------------------------------

LENT = BrowserOptions(tab=7, cdp_url="ws://127.0.0.1/lent")


def test_where_the_users_own_tab_has_gone_shows_what_the_journal_could_not_hear() -> None:
    basket = page("heading Basket", url="http://shop.example/basket")
    update = recover(ordering("input"), Trail(page=CHECKOUT.url), basket, LENT)
    assert update["attempts"][0].verdict.ok
    assert update["plan"][1].done
    stayed = recover(ordering("input"), Trail(page=CHECKOUT.url), CHECKOUT, LENT)
    assert "attempts" not in stayed


def test_a_field_in_a_tab_that_shows_another_page_is_not_taken_as_filled() -> None:
    run = ordering("input")
    assert run.intent
    filling = run.model_copy(update={"intent": run.intent.model_copy(update={"action": NAME})})
    elsewhere = page("heading Menu", url="http://shop.example/")
    assert "attempts" not in recover(filling, Trail(page=CHECKOUT.url), elsewhere, LENT)


def test_an_order_that_was_begun_in_a_browser_that_lived_on_is_not_decided_again() -> None:
    begun = Trail(begun=True, page=CHECKOUT.url)
    assert "intent" not in recover(ordering(), begun, CHECKOUT, LENT)
    assert recover(ordering(), begun, CHECKOUT)["intent"] is None
    assert recover(ordering(), Trail(page=CHECKOUT.url), CHECKOUT, LENT)["intent"] is None


# -- ticked steps that a reload undid -------------------------------------------------------


def filled(then: Observation, now: Observation, **more: object) -> list[bool]:
    """Which steps stay ticked when the page is as `now` after a reload."""
    empty = page("textbox Name", "button Next", url=FORM)
    run = state(
        plan=[Step(do="Fill the name", done=True, evidence="textbox Name: Ann"), Step(do="Go on")],
        step=1,
        observation=then,
        attempts=[attempt(1, OK, NAME, empty, **more)],
        resumed=True,
    )
    return [step.done for step in recover(run, Trail(page=now.url), now)["plan"]]


def test_a_field_that_the_reload_emptied_is_filled_again() -> None:
    full = page("textbox Name: Ann", "button Next", url=FORM)
    assert filled(full, page("textbox Name", "button Next", url=FORM)) == [False, False]
    assert filled(full, full) == [True, False]


def test_fields_of_another_page_are_left_alone() -> None:
    elsewhere = page("textbox Name", url="http://shop.example/payment")
    assert filled(elsewhere, elsewhere) == [True, False]


def test_the_choice_of_a_list_and_a_tick_are_looked_up_too() -> None:
    small = Option(label="Small", selected=True)
    large = Option(label="Large")
    size = Element(role="combobox", name="Size", value="Small", options=(small, large))
    olives = Element(role="checkbox", name="Olives", interactive=True)
    before = page(size, olives)
    plan = [Step(do="Choose Large", done=True), Step(do="Tick olives", done=True), Step(do="Go")]
    made = [
        attempt(1, OK, {"action": "select", "ref": "[e1]", "option": "Large"}, before, step=0),
        attempt(2, OK, {"action": "check", "ref": "[e2]"}, before, step=1),
    ]
    run = state(plan=plan, step=2, attempts=made, observation=before)
    update = recover(run, Trail(), before)
    assert [step.done for step in update["plan"]] == [False, False, False]
    assert update["step"] == 0


def test_what_a_request_carried_to_the_site_is_not_done_again() -> None:
    form = page("textbox Name", "button Add", url=FORM)
    plan = [Step(do="Fill", done=True), Step(do="Add", done=True), Step(do="Check out")]
    made = [
        attempt(1, OK, NAME, form, step=0),
        attempt(2, OK, {"action": "click", "ref": "[e2]"}, form, step=1, sent=True),
    ]
    run = state(plan=plan, step=2, attempts=made, observation=form)
    assert [step.done for step in recover(run, Trail(), form)["plan"]] == [True, True, False]


def test_closing_a_banner_carries_no_form_to_the_site() -> None:
    """The banner's answer is sent too, but it is not what ended a step."""
    form = page("textbox Name", "button Accept", "button Add", url=FORM)
    plan = [Step(do="Fill", done=True), Step(do="Add")]
    made = [
        attempt(1, OK, NAME, form, step=0),
        attempt(2, OK, {"action": "click", "ref": "[e2]"}, form, step=1, sent=True),
    ]
    run = state(plan=plan, step=1, attempts=made, observation=form)
    assert [step.done for step in recover(run, Trail(), form)["plan"]] == [False, False]


def test_a_sign_that_stood_on_the_page_and_is_gone_unticks_its_step() -> None:
    then, now = page("button Add", "text 1 x Funghi"), page("button Add")
    plan = [Step(do="Add", done=True, evidence="text 1 x Funghi"), Step(do="Order")]
    changed = Verdict(evidence="text 1 x Funghi", changed=["+ text 1 x Funghi"])
    run = state(plan=plan, step=1, attempts=[attempt(1, changed, on=then)], observation=then)
    assert not recover(run, Trail(), now)["plan"][0].done
    sent = run.model_copy(update={"attempts": [attempt(1, changed, on=then, sent=True)]})
    assert recover(sent, Trail(), now)["plan"][0].done


def test_thrown_back_to_the_form_the_later_steps_are_done_again_except_an_order() -> None:
    form = page("textbox Name", "button Next", url=FORM)
    later = page("radio Card", "button Order", url="http://shop.example/payment")
    plan = [Step(do=d, done=True) for d in ("Fill", "Next", "Card", "Order")] + [Step(do="Tell")]
    made = [
        attempt(1, OK, NAME, form, step=0),
        attempt(2, OK, {"action": "click", "ref": "[e2]"}, form, step=1),
        attempt(3, OK, {"action": "check", "ref": "[e1]"}, later, step=2),
        attempt(4, OK, {"action": "click", "ref": "[e2]"}, later, step=3, commit=True, sent=True),
    ]
    run = state(plan=plan, step=4, attempts=made, observation=later)
    update = recover(run, Trail(page=later.url), form)
    assert [step.done for step in update["plan"]] == [False, False, False, True, False]
