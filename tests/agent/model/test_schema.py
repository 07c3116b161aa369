"""Which answers a page allows: exactly what is there, and nothing else."""

from agent.answers import FinishAnswer, PlanAnswer
from agent.model.check import problem
from agent.model.request import LEARNED
from agent.model.schema import LEADING, answer_schema
from tests.agent.model.pages import actions, shop_page
from tools.observation import Element, Option
from tools.record import REGISTRY


def test_refs_are_those_that_are_shown_and_fit_the_action() -> None:
    offered = actions(answer_schema("decide", shop_page()))
    assert "[e2]" in offered["click"]["ref"]["enum"]
    assert "[e1]" not in offered["click"]["ref"]["enum"], "a heading is nothing to click"
    assert "[e6]" not in offered["click"]["ref"]["enum"], "the model has not seen this one"
    assert offered["fill"]["ref"] == {"enum": ["[e3]"]}
    assert offered["check"]["ref"] == {"enum": ["[e5]"]}
    assert offered["tick"]["ref"]["enum"] == ["[e1]", "[e2]", "[e3]", "[e4]", "[e5]"]
    assert offered["drag"]["to"]["enum"] == offered["tick"]["ref"]["enum"]


def test_options_are_those_of_the_very_list_without_disabled_ones() -> None:
    select = actions(answer_schema("decide", shop_page()))["select"]
    assert select["ref"] == {"const": "[e4]"}
    assert select["option"] == {"enum": ['Small "S"', "Größe 2"]}


def test_a_list_with_only_disabled_options_keeps_them() -> None:
    sold_out = Element(
        ref="e1",
        role="combobox",
        interactive=True,
        options=(Option(label="A", disabled=True), Option(label="B", disabled=True)),
    )
    page = shop_page(elements=[sold_out], shown=["e1"])
    assert actions(answer_schema("decide", page))["select"]["option"] == {"enum": ["A", "B"]}


def test_actions_without_a_fitting_element_are_not_offered() -> None:
    text = Element(ref="e1", role="text", name="Nothing here")
    offered = actions(answer_schema("decide", shop_page(elements=[text], shown=["e1"])))
    assert not {"click", "fill", "select", "check", "upload"} & set(offered)
    assert {"tick", "read", "back", "finish"} <= set(offered)
    assert "ref" not in offered["press"], "a key can still be pressed, though in no element"


def test_an_open_dialog_comes_first() -> None:
    offered = actions(answer_schema("decide", shop_page(dialog="confirm: Leave?")))
    assert set(offered) == {"dialog", "ask"}
    assert "dialog" not in actions(answer_schema("decide", shop_page()))


def test_tabs_are_those_that_are_open() -> None:
    offered = actions(answer_schema("decide", shop_page()))
    assert offered["switch_tab"]["tab"] == {"enum": [1]}
    assert offered["close_tab"]["tab"] == {"enum": [0, 1]}
    assert "switch_tab" not in actions(answer_schema("decide", shop_page(tabs=["Shop"])))


def test_look_is_for_pages_that_are_not_shown_whole() -> None:
    assert "look" in actions(answer_schema("decide", shop_page()))
    whole = shop_page(shown=[e.ref for e in shop_page().elements])
    assert "look" not in actions(answer_schema("decide", whole))


def test_without_a_page_one_can_only_go_to_one() -> None:
    offered = actions(answer_schema("decide", None))
    assert set(offered) == {"navigate", "open_tab", "ask", "finish"}


def test_only_form_fields_are_filled_in_batches() -> None:
    items = answer_schema("decide", shop_page())["properties"]["actions"]
    leading = {o["properties"]["action"]["const"] for o in items[LEADING]["anyOf"]}
    assert leading == {"fill", "type", "select", "check"}
    no_form = shop_page(elements=[shop_page().elements[1]], shown=["e2"])
    assert answer_schema("decide", no_form)["properties"]["actions"]["maxItems"] == 1


def test_what_the_schema_allows_the_tools_accept() -> None:
    page = shop_page()
    schema = answer_schema("decide", page)
    for action in (
        {"action": "click", "ref": "[e2]", "how": "double"},
        {"action": "fill", "ref": "[e3]", "text": "", "submit": True},
        {"action": "select", "ref": "[e4]", "option": "Größe 2"},
        {"action": "wait", "text": "Thank you", "seconds": 30},
        {"action": "extract", "instruction": "prices", "fields": {"price": "number"}},
        {"action": "scroll", "direction": "down"},
        {"action": "finish"},
    ):
        assert problem(schema, {"actions": [action], "completes_step": True}) == ""
        REGISTRY[str(action["action"])].args.model_validate(action)


def test_evidence_is_cited_from_what_is_shown() -> None:
    schema = answer_schema("finish", shop_page())
    assert schema["properties"]["evidence"]["items"]["enum"][-1] == "[e5]"
    answer = {"done": True, "evidence": ["[e1]"], "answer": "Ordered."}
    assert problem(schema, answer) == ""
    FinishAnswer.model_validate(answer)
    assert "evidence" not in answer_schema("finish", None)["properties"]


def test_plans_and_reflections() -> None:
    plan = {"steps": [{"do": "Open the menu", "expect": "pizzas are listed"}, {"do": "Add one"}]}
    assert problem(answer_schema("plan"), plan) == ""
    PlanAnswer.model_validate(plan)
    assert problem(answer_schema("replan"), {"steps": []}) == "steps must have at least 1 item"
    reflect = {"diagnosis": "covered", "strategy": "hope", "advice": ""}
    assert "one of retry_differently" in problem(answer_schema("reflect"), reflect)


def test_a_small_model_is_held_to_the_actions_that_it_learned() -> None:
    learned = LEARNED["secondlook-mini"]
    offered = actions(answer_schema("decide", shop_page(), learned))
    assert offered.keys() <= learned
    assert {"click", "fill", "select", "check", "ask", "finish"} <= offered.keys()
    assert learned <= REGISTRY.keys()
    nowhere = actions(answer_schema("decide", None, learned))
    assert "navigate" in nowhere, "without a page there must be a way to one"
