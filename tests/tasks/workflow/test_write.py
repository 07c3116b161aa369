"""Writing workflows: what is written reads back the same; a patch changes nothing else."""

from pathlib import Path

import pytest

from tasks.workflow.load import WorkflowFile, parse
from tasks.workflow.patch import PatchFailed, StepPatch, diff, patched
from tasks.workflow.steps import step_from
from tasks.workflow.write import to_yaml
from tests.tasks.workflow.samples import RIGHT

FILE = """\
# how we order
workflow: Order   # the name
url:   http://a.example/
inputs: {size: text}

steps:

  # first the size
  - name: Choose the size
    select: get_by_label("Size")   # the list
    option: "{{ size }}"
    # it must stick
    expect: {value: get_by_label("Size"), is: "{{ size }}"}

  - click: 'get_by_role("button", name="Add: now")'   # into the basket
  - for_each: {topping: [Olives, Capers]}
    steps:
    # every topping
    -   check: get_by_label("{{ topping }}")
        expect:
        - checked: get_by_label("{{ topping }}")   # really
        - text: on it

  - {wait: Thank you, timeout: 5s}   # the end
# nothing more
"""


def changed(text: str, *patches: StepPatch) -> list[str]:
    """The lines that a patch takes out and puts in, as a diff shows them."""
    file = parse(text)
    lines = diff(file, patched(file, patches)).splitlines()[2:]
    return [line for line in lines if line.startswith(("+", "-"))]


def step(**keys: object) -> StepPatch:
    path = keys.pop("path")
    assert isinstance(path, tuple)
    return StepPatch(path, step_from(keys))


def test_everything_reads_back_the_same() -> None:
    for text in (RIGHT, FILE):
        workflow = parse(text).workflow
        written = to_yaml(workflow)
        assert parse(written).workflow == workflow
        assert to_yaml(parse(written).workflow) == written


def test_what_is_written_looks_as_a_person_would_write_it() -> None:
    assert (
        to_yaml(parse(FILE).workflow)
        == """\
workflow: Order
url: http://a.example/
inputs:
  size: text
steps:
  - name: Choose the size
    select: get_by_label("Size")
    option: "{{ size }}"
    expect: {value: get_by_label("Size"), is: "{{ size }}"}
  - click: 'get_by_role("button", name="Add: now")'
  - for_each: {topping: [Olives, Capers]}
    steps:
      - check: get_by_label("{{ topping }}")
        expect: [{checked: 'get_by_label("{{ topping }}")'}, {text: on it}]
  - wait: Thank you
    timeout: 5s
"""
    )


TEXTS = [
    *("no", "null", "~", "1e3", "007", "2026-01-01", "", " a ", "a: b", "a # b", "- a", "? a"),
    *("{{ size }}", "[a", "a, b", "'", '"', "\\", "a\nb\n", "\n", "\t", "\u2028", "\x85"),
    *("# a", "@a", "%a", "*a", "&a", "!a", "a:", ": a", "---", "=", "<<", "é 😀", "x" * 300),
]
"""What YAML would take for something else, if it were not in quotes."""


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_can_be_written(text: str) -> None:
    steps = [
        {"fill": 'get_by_label("a")', "text": text},
        {"back": None, "expect": {"not": {"value": 'get_by_label("a")', "is": text}}},
    ]
    workflow = parse(FILE).workflow.model_copy(update={"steps": [step_from(s) for s in steps]})
    assert parse(to_yaml(workflow)).workflow == workflow


def test_a_new_locator_changes_just_that() -> None:
    new = step(
        path=("steps", 0),
        name="Choose the size",
        select='get_by_label("Format", exact=True)',
        option="{{ size }}",
        expect={"value": 'get_by_label("Size")', "is": "{{ size }}"},
    )
    assert changed(FILE, new) == [
        '-    select: get_by_label("Size")   # the list',
        '+    select: get_by_label("Format", exact=True)   # the list',
    ]


def test_a_locator_that_needs_quotes_gets_them() -> None:
    new = step(path=("steps", 1), click='get_by_role("link", name="a # b: c")')
    assert changed(FILE, new) == [
        """-  - click: 'get_by_role("button", name="Add: now")'   # into the basket""",
        """+  - click: 'get_by_role("link", name="a # b: c")'   # into the basket""",
    ]


def test_keys_come_and_go() -> None:
    new = step(path=("steps", 0), select='get_by_label("Size")', option="Large", retry=2)
    assert changed(FILE, new) == [
        "-  - name: Choose the size",
        '-    select: get_by_label("Size")   # the list',
        '-    option: "{{ size }}"',
        "-    # it must stick",
        '-    expect: {value: get_by_label("Size"), is: "{{ size }}"}',
        '+  - select: get_by_label("Size")',
        "+    option: Large",
        "+    retry: 2",
    ]
    kept = step(
        path=("steps", 0),
        name="Choose the size",
        select='get_by_label("Size")',
        option="L",
        retry=2,
    )
    assert changed(FILE, kept) == [
        '-    option: "{{ size }}"',
        "+    option: L",
        '-    expect: {value: get_by_label("Size"), is: "{{ size }}"}',
        "+    retry: 2",
    ]


def test_another_action_in_the_place_of_one() -> None:
    new = step(path=("steps", 1), press="Enter", **{"in": 'get_by_label("Size")'})
    assert changed(FILE, new) == [
        """-  - click: 'get_by_role("button", name="Add: now")'   # into the basket""",
        "+  - press: Enter",
        '+    in: get_by_label("Size")   # into the basket',
    ]


def test_in_a_loop_with_an_indentation_of_its_own() -> None:
    path = ("steps", 2, "steps", 0)
    new = step(
        path=path,
        check='get_by_role("checkbox", name="{{ topping }}")',
        expect={"text": "on it"},
        timeout="3s",
    )
    before = StepPatch(path, before=(step_from({"dialog": "dismiss", "text": "a"}),))
    assert changed(FILE, StepPatch(path, new.step, before.before)) == [
        "+    - dialog: dismiss",
        "+      text: a",
        '-    -   check: get_by_label("{{ topping }}")',
        "-        expect:",
        '-        - checked: get_by_label("{{ topping }}")   # really',
        "-        - text: on it",
        '+    -   check: get_by_role("checkbox", name="{{ topping }}")',
        "+        expect: {text: on it}",
        "+        timeout: 3s",
    ]


def test_a_step_before_goes_above_the_comment_of_the_next() -> None:
    extra = step_from({"click": 'get_by_role("button", name="Fine: with me")'})
    assert changed(FILE, StepPatch(("steps", 0), before=(extra,))) == [
        """+  - click: 'get_by_role("button", name="Fine: with me")'""",
    ]
    text = patched(parse(FILE), [StepPatch(("steps", 0), before=(extra,))])
    assert text.index("Fine: with me") < text.index("# first the size") < text.index("Choose the")


def test_a_step_on_one_line_stays_on_one() -> None:
    new = step(path=("steps", 3), wait="Thanks, Ann", timeout="5s")
    extra = step_from({"back": None})
    assert changed(FILE, StepPatch(("steps", 3), new.step, (extra,))) == [
        "-  - {wait: Thank you, timeout: 5s}   # the end",
        "+  - back:",
        '+  - {wait: "Thanks, Ann", timeout: 5s}   # the end',
    ]
    one_line = "workflow: x\nsteps: [{do: a}, {do: b}]   # all\n"
    new = step(path=("steps", 1), do="c, d")
    assert changed(one_line, StepPatch(("steps", 1), new.step, (extra,))) == [
        "-steps: [{do: a}, {do: b}]   # all",
        '+steps: [{do: a}, {back: null}, {do: "c, d"}]   # all',
    ]


def test_several_patches_at_once_and_texts_of_several_lines() -> None:
    text = (
        "workflow: x\nsteps:\n- do: |\n    one\n    two\n\n- do: >-\n    three\n    four\n- back:\n"
    )
    patches = [step(path=("steps", 0), do="1"), step(path=("steps", 2), forward=None)]
    assert patched(parse(text), patches) == (
        "workflow: x\nsteps:\n- do: '1'\n\n- do: >-\n    three\n    four\n- forward:\n"
    ).replace("'", '"')


def test_windows_line_ends_stay() -> None:
    text = FILE.replace("\n", "\r\n")
    extra = step_from({"dialog": "dismiss", "text": "a"})
    new = step(path=("steps", 1), press="Enter", **{"in": 'get_by_label("Size")'})
    done = patched(parse(text), [StepPatch(("steps", 1), new.step, (extra,))])
    assert done.count("\r\n") == done.count("\n") == FILE.count("\n") + 3


def test_a_layout_that_cannot_be_patched_is_left_alone(tmp_path: Path) -> None:
    text = "workflow: x\nsteps:\n-\n  # odd\n  ? click\n  : get_by_text('a')\n- back:\n"
    file = parse(text, Path("odd.yaml"))
    patch = StepPatch(("steps", 0), step_from({"click": 'get_by_text("b")'}))
    with pytest.raises(PatchFailed, match=r"odd\.yaml:5 .* by hand") as caught:
        patched(file, [patch])
    assert "\n" not in str(caught.value)


def test_a_diff_that_git_could_apply() -> None:
    file: WorkflowFile = parse(FILE, Path("order.yaml"))
    new = step(path=("steps", 1), click='get_by_text("Add")')
    lines = diff(file, patched(file, [new])).splitlines()
    assert lines[:2] == ["--- order.yaml", "+++ order.yaml"]
    assert lines[2].startswith("@@ -")
