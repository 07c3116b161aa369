"""Files that are no workflow at all, or too much of one, and files that call each other."""

import time
from pathlib import Path

import pytest

from tasks.workflow.load import load
from tasks.workflow.problems import WorkflowInvalid
from tests.tasks.workflow.samples import LOGIN, STEPS, problems


def test_a_bomb_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    began = time.process_time()
    assert problems("\n".join(lines))[0].startswith("1:5 anchors and aliases")
    for deep in ("[" * 500_000, "{a: " * 200_000, "- " * 400_000):
        assert "nested more than 40 deep" in problems(deep)[0]
    assert time.process_time() - began < 5, "work grows with what is refused"


def test_a_file_that_is_too_large_is_not_parsed(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_text(STEPS + "- back:\n" * 1_500_000)
    with pytest.raises(WorkflowInvalid, match="is larger than 1 MB, which no workflow is"):
        load(path)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (STEPS.encode() + b"- do: caf\xe9\n", ":3:10: is not UTF-8 here: save it as UTF-8"),
        ((STEPS + "- back:\n").encode("utf-16"), ":1:1: is not UTF-8 here"),
        (b"\x00\x01\x02", ":1:1: a control character"),
    ],
)
def test_a_file_that_is_no_text(tmp_path: Path, raw: bytes, said: str) -> None:
    path = tmp_path / "file.yaml"
    path.write_bytes(raw)
    with pytest.raises(WorkflowInvalid) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}{said}")


def test_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "windows.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + (STEPS + "- do: hello\n").replace("\n", "\r\n").encode())
    assert load(path).workflow.steps[0].said() == "hello"


def folder_of(tmp_path: Path, **texts: str) -> Path:
    for name, text in texts.items():
        path = tmp_path / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_a_called_workflow_brings_its_needs_and_outputs(tmp_path: Path) -> None:
    call = (
        "- call: parts/login.yaml\n  inputs: {user: Ann}\n  as: login\n- do: '{{ login.greeting }}'"
    )
    folder = folder_of(tmp_path, main=f"{STEPS}{call}\nsecrets: [CARD]", parts__login=LOGIN)
    file = load(folder / "main.yaml")
    assert file.secrets == ["CARD", "PASSWORD"]
    assert file.sites == ["login.example"]
    assert file.called["parts/login.yaml"].workflow.workflow == "Log in"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("{call: login.yaml}", "3:10: login.yaml needs the input user"),
        (
            "{call: login.yaml, inputs: {user: a, ag: 3}}",
            "3:40: the called workflow has no input ag",
        ),
        ("{call: login.yaml, inputs: {user: a, age: b}}", "3:45: expected a number, such as 3 or"),
        ("{call: login.yaml, inputs: {user: '{{ x }}'}}", "3:37: x is no input"),
        ("{call: none.yaml}", "3:10: there is no file "),
        ("{call: ../outside.yaml}", "3:10: a workflow may only call files in "),
        ("{call: /etc/passwd}", "3:10: a workflow may only call files in "),
        ("{call: link.yaml}", "3:10: a workflow may only call files in "),
    ],
)
def test_calls_that_cannot_be(tmp_path: Path, call: str, said: str) -> None:
    folder = folder_of(tmp_path / "in", main=f"{STEPS}- {call}\n", login=LOGIN)
    folder_of(tmp_path, outside=LOGIN)
    (folder / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    with pytest.raises(WorkflowInvalid) as caught:
        load(folder / "main.yaml")
    assert str(caught.value).startswith(f"{folder / 'main.yaml'}:{said}")


def test_workflows_that_call_each_other_in_a_circle(tmp_path: Path) -> None:
    call = STEPS + "- back:\n- for_each: {x: [y]}\n  steps: [call: %s]\n"
    folder = folder_of(tmp_path, a=call % "b.yaml", b=call % "sub/c.yaml")
    folder_of(tmp_path, sub__c=call % "../a.yaml", self=call % "self.yaml")
    with pytest.raises(WorkflowInvalid, match=r"circle: self\.yaml calls self\.yaml"):
        load(folder / "self.yaml")
    with pytest.raises(WorkflowInvalid) as caught:
        load(folder / "a.yaml")
    (problem,) = caught.value.problems
    assert "circle: a.yaml calls b.yaml calls c.yaml calls a.yaml" in problem.message
    assert (problem.path, problem.line) == (folder / "sub/c.yaml", 5)


def test_a_long_chain_of_calls(tmp_path: Path) -> None:
    for n in range(20):
        folder_of(tmp_path, **{f"w{n}": f"{STEPS}- call: w{n + 1}.yaml\n"})
    with pytest.raises(WorkflowInvalid, match="more than 8 deep"):
        load(tmp_path / "w0.yaml")
