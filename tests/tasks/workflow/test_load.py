"""Workflow files: what is right is read as it stands, what is wrong is told with its place."""

import pytest

from tasks.workflow.exact import EXACT, ExactStep
from tasks.workflow.load import WorkflowFile, parse
from tasks.workflow.steps import step_from
from tasks.workflow.templates import TemplateError, fill
from tests.tasks.workflow.samples import NAMES, RIGHT, STEPS, problems
from tools.record import REGISTRY


def exact(file: WorkflowFile, *path: str | int) -> ExactStep:
    step = dict(file.steps())[("steps", *path)]
    assert isinstance(step, ExactStep)
    return step


def test_everything_that_a_file_can_say() -> None:
    file = parse(RIGHT)
    assert [step.said() for _, step in file.steps()] == [
        "select Size: {{ size }}",
        "fill textbox Card: number: {{CARD}}, submit True",
        "fill Day: 2026-11-24",
        "for each topping of {{ toppings }}",
        "check {{ topping }}",
        "extract rows",
        "for each row of {{ rows }}",
        "look at {{ row.name }}",
        "press Day: Enter",
        "extract cheapest",
        "dismiss dialog",
        "switch tab {{ count }}",
        "wait until Loading is gone",
        "back",
    ]
    assert file.secrets == ["CARD"]
    assert {name: shape.kind for name, shape in file.outputs.items()} == {
        "rows": "table",
        "best": "value",
        "cheapest": "record",
    }
    line = RIGHT[: RIGHT.index("- extract: {each")].count("\n") + 1
    assert file.place(("steps", 3, "steps", 1)) == f"workflow.yaml:{line}"


def test_what_yaml_would_turn_into_something_else_stays_as_written() -> None:
    steps = "- fill: get_by_label('a')\n  text: {}\n"
    for written in ("no", "007", "1e3", "2026-01-01", "0x1F", "12:30:45", "1_000", "yes", ".5"):
        step = exact(parse(STEPS + steps.format(written)), 0)
        assert step.action({}, ref="[e1]").model_dump()["text"] == written


def test_an_exact_step_becomes_the_action_of_the_tools() -> None:
    file = parse(RIGHT)
    action = exact(file, 1).action({}, secrets=["CARD"], ref="[e7]")
    assert action.model_dump() == {
        "action": "fill",
        "ref": "[e7]",
        "text": "{{CARD}}",
        "submit": True,
    }
    assert exact(file, 8).action({"count": 2.0}).model_dump()["tab"] == 2
    assert exact(file, 7).action({}).model_dump()["accept"] is False


def test_every_action_that_needs_no_model_is_a_step_and_comes_back_from_its_action() -> None:
    left_out = {"read", "extract", "look", "ask", "tick", "finish"}
    assert set(EXACT) == set(REGISTRY) - left_out
    for name, model in EXACT.items():
        values = {"path": "/tmp/x", "url": "http://a.example", "tab": 1, "accept": True}
        fields = REGISTRY[name].args.model_fields
        given = {field: values.get(field, "x") for field in fields if field in values}
        given |= {f: "x" for f in ("text", "option") if f in fields}
        given |= {"key": "Enter"} if "key" in fields else {}
        given |= {"direction": "down"} if "direction" in fields else {}
        refs = dict.fromkeys(model.refs, "[e1]")
        action = REGISTRY[name].args.model_validate({"action": name, **given, **refs})
        locators = dict.fromkeys(model.refs, 'get_by_text("x")')
        step = ExactStep.of(action, locators, name="again")
        assert step.action({}, **refs) == action
        assert step.said() == "again"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1:1 the file is empty"),
        ("# nothing\n", "1:1 the file is empty"),
        ("- back:", "1:1 expected a mapping (keys with values), not a list of 1"),
        ("just words", "1:1 expected a mapping (keys with values), not 'just words'"),
        ("workflow: x", "1:1 steps is missing"),
        ("workflow: x\nsteps: []", "2:8 expected at least one, not an empty list"),
        ("workflow:\nsteps: [back: ]", "1:10 expected a text, not nothing"),
        ("workflow: x\nsteps: [back: ]\nworkflow: y", "3:1 workflow stands here twice, the first"),
        (
            STEPS + "- back:\n  name: a\n  name: b\n",
            "5:3 name stands here twice, the first time in",
        ),
        (STEPS + "- back: &a\n", "3:9 anchors and aliases"),
        (STEPS + "- *a\n", "3:3 anchors and aliases"),
        (STEPS + "- <<: {back: }\n", "3:3 merge keys (<<) are not allowed"),
        (STEPS + "- back: !!python/name:os.system\n", "3:9 tags (!…) are not allowed"),
        (STEPS + "- back: !custom x\n", "3:9 tags (!…) are not allowed"),
        (STEPS + "- back:\n---\n- back:\n", "4:1 a second document (---) begins here"),
        (STEPS + "\t- back:\n", "3:1 a tab stands here: indent with spaces"),
        (STEPS + "- do: @home\n", "3:7 a text cannot begin with @: put it into quotes"),
        (STEPS + "- do: a: b\n", "3:8 a colon stands where none can"),
        (STEPS + '- do: "never closed\n', "3:7 the quotes that begin here are never closed"),
        (STEPS + '- do: "a\\d"\n', '3:9 in "double quotes" a backslash must be written twice'),
        ("workflow: x\nsteps: [{back: }\n", "2:8 the bracket that begins here is never closed"),
        (STEPS + "- do: a\x07b\n", "3:8 a control character stands here"),
        (STEPS + "- fill: get_by_label('a')\n  text: {{ b }}\n", "4:10 expected a key here; a va"),
        (STEPS + "- clik: get_by_text('a')\n", "3:3 clik is no step, did you mean click?"),
        (STEPS + "- goto: http://a.example\n", "3:3 goto is no step, did you mean navigate?"),
        (STEPS + "- name: nothing\n", "3:3 this step has none of click, fill"),
        (STEPS + "- click\n", "3:3 expected a step, a mapping with one of click, fill"),
        (STEPS + "- back:\n  do: x\n", "3:3 a step has one of back and do: make it two"),
        (STEPS + "- select: get_by_label('a')\n", "3:3 option is missing"),
        (STEPS + "- back:\n  expct: {text: a}\n", "4:3 expct is no key here, did you mean expect?"),
        (STEPS + "- back:\n  retry: often\n", "4:10 expected a whole number, not 'often'"),
        (STEPS + "- back:\n  retry: 11\n", "4:10 expected at most 10, not '11'"),
        (
            STEPS + "- back:\n  timeout: 5 days\n",
            "4:12 expected a time of at most an hour, such as",
        ),
        (STEPS + "- back:\n  approve: always\n", "4:12 expected ask or granted, not 'always'"),
        (STEPS + "- do: x\n  approve: granted\n", "4:3 approve is no key here"),
        (STEPS + "- back: now\n", "3:9 expected nothing after this action"),
        (STEPS + "- scroll: sideways\n", "3:11 expected up, down, left, right, top or bottom, not"),
        (STEPS + "- dialog: maybe\n", "3:11 expected accept or dismiss"),
        (
            STEPS + "- click: get_by_text('a').frist\n",
            "3:27 frist is no part of a locator, did you",
        ),
        (STEPS + '- click: "get_by_text(1)"\n', "3:23 get_by_text() takes a text in quotes"),
        (STEPS + "- click: locator('a #b')\n", "3:18 the quotes are never closed: put the whole"),
        (STEPS + "- back:\n  expect: {txt: a}\n", "4:12 txt is no condition, did you mean text?"),
        (STEPS + "- back:\n  when: {all: {text: a}}\n", "4:15 expected a list, not a mapping"),
        (STEPS + "- back:\n  expect: {count: get_by_text('a')}\n", "4:11 count needs is, at_least"),
        (STEPS + "- for_each: {a: b}\n  steps: [back: ]\n", "3:17 expected a list, or the name of"),
        (STEPS + "- for_each: {}\n  steps: [back: ]\n", "3:13 expected at least one, not an empty"),
        (STEPS + "- extract: {}\n  as: a\n", "3:12 this extract has none of do, value, fields"),
        (STEPS + "- extract: get_by_text('a')\n", "3:3 as is missing"),
        (
            STEPS + "- extract: {do: a, fields: {b: money}}\n  as: a\n",
            "3:32 expected text, number,",
        ),
        (STEPS + "- back:\ninputs: {a b: text}\n", "4:10 expected a name of letters, digits and _"),
        (STEPS + "- back:\ninputs: {a: txt}\n", "4:13 expected type: text, number, yes_no, date"),
        (STEPS + "- back:\ninputs: {a: {type: choice}}\n", "4:13 options is missing"),
        (
            STEPS + "- back:\ninputs: {a: {type: number, default: b}}\n",
            "4:37 expected a number, not 'b'",
        ),
        (
            STEPS + "- back:\ninputs: {a: {type: choice, options: [b], default: c}}\n",
            "4:13 the default must be one of b",
        ),
        (STEPS + "- back:\nsites: [com]\n", "4:9 'com' is no site but a whole domain suffix"),
        (STEPS + "- back:\nsecrets: [a-b]\n", "4:11 expected a name of letters, digits and _"),
        (
            STEPS + "- back:\noutputs: {a: {save: ../a.csv}}\n",
            "4:21 expected the name of a .csv or",
        ),
        (STEPS + "- back:\noutputs: {a: {save: a.exe}}\n", "4:21 expected the name of a .csv or"),
    ],
)
def test_what_is_wrong_is_one_sentence_at_its_place(text: str, said: str) -> None:
    found = problems(text)
    assert len(found) == 1, found
    assert found[0].startswith(said)
    assert "\n" not in found[0]


def test_all_that_is_wrong_is_told_in_the_order_of_the_file() -> None:
    text = "workflw: x\nsteps:\n- fill: get_by_label('a')\n  txt: b\n- wait: c\n  retry: -1\n"
    assert problems(text) == [
        "1:1 workflow is missing",
        "1:1 workflw is no key here, did you mean workflow?",
        "3:3 text is missing",
        "4:3 txt is no key here, did you mean text?",
        "6:10 expected at least 0, not '-1'",
    ]


"""What the steps of the following tests know; they begin in line 5."""


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (
            "- do: take {{ siz }}",
            "5:7 siz is no input and nothing extracted before, did you mean size",
        ),
        ("- click: get_by_text('{{ siz }}')", "5:10 siz is no input"),
        ("- do: take {{ toppings }}", "5:7 toppings is a list, which is no text: go through it"),
        ("- do: take {{ size.big }}", "5:7 size is a value: it has no fields"),
        ("- do: take {{ size | upper }}", "5:12 expected a name in {{ }}, such as"),
        ("- do: take {% if size %}", "5:12 expected a name in {{ }}, such as"),
        ("- click: get_by_text('{{CARD}}')", "5:10 the secret CARD may stand only in the text of"),
        ("- navigate: http://a.example/{{CARD}}", "5:13 the secret CARD may stand only in"),
        ("- back:\n  expect: {text: '{{CARD}}'}", "6:18 the secret CARD may stand only in"),
        ("- back:\n  when: {input: CARD, is: x}", "6:17 CARD is no input"),
        ("- for_each: {x: '{{ size }}'}\n  steps: [back: ]", "5:17 {{ size }} is a value: a loop"),
        ("- for_each: {size: '{{ toppings }}'}\n  steps: [back: ]", "5:14 size is taken already"),
        ("- for_each: {x: [a]}\n  steps: [back: ]\n- do: '{{ x }}'", "7:7 x is no input"),
        ("- do: '{{ p }}'\n- extract: get_by_text('a')\n  as: p", "5:7 p is no input"),
        ("- extract: get_by_text('a')\n  as: size", "6:7 size is taken already"),
        (
            "- extract: {each: get_by_text('a'), fields: {b: get_by_text('b')}}\n  as: t\n"
            "- for_each: {r: '{{ t }}'}\n  steps: [do: '{{ r.c }}']",
            "8:15 r has no field c; it has b",
        ),
        ("- back:\noutputs: {size: , prices: }", "6:19 prices is no input and nothing extracted"),
        ("- back:\noutputs: {a: {from: prices}}", "6:21 prices is no input and nothing extracted"),
    ],
)
def test_unknown_and_misplaced_names(steps: str, said: str) -> None:
    found = problems(f"{NAMES}{steps}\n")
    assert len(found) == 1, found
    assert found[0].startswith(said)


def test_what_a_loop_extracts_is_a_table_behind_it() -> None:
    loop = """\
- for_each: {t: "{{ toppings }}"}
  steps:
    - extract: {fields: {a: get_by_text('a')}}
      as: found
    - do: use {{ found.a }}
- for_each: {row: "{{ found }}"}
  steps: [do: "use {{ row.a }}"]
"""
    parse(NAMES + loop)
    wrong = problems(f"{NAMES}{loop}- do: use {{{{ found.a }}}}\n")
    assert wrong == ["12:7 found is a table: go through it with for_each"]


@pytest.mark.parametrize("value", ["{{CARD}}", "{CARD}}", "{{ CARD }}"])
def test_a_value_cannot_bring_a_secret_into_a_text(value: str) -> None:
    with pytest.raises(TemplateError, match="refused"):
        fill("{{{ note }}" if value == "{CARD}}" else "{{ note }}", {"note": value}, ["CARD"])
    assert fill("{{CARD}} {{ note }}", {"note": "x"}, ["CARD"]) == "{{CARD}} x"


def test_a_step_from_plain_data() -> None:
    step = step_from({"check": 'get_by_label("Olives")', "checked": False})
    assert step.said() == "uncheck Olives"
