"""What docs/workflows.md shows is right, and it leaves nothing out."""

import re
from pathlib import Path
from typing import get_args

import pytest

from tasks.reference import DOCS
from tasks.workflow.conditions import CONDITIONS
from tasks.workflow.inputs import AnyInput
from tasks.workflow.load import load
from tasks.workflow.steps import STEPS

TEXT = (DOCS / "workflows.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
LOGIN = """\
workflow: Log in
inputs: {user: text}
steps: [{extract: get_by_role("status"), as: name}]
outputs: {name: }
"""


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n")[0])
def test_what_is_shown_is_right(block: str, tmp_path: Path) -> None:
    whole = block if "workflow:" in block else f"workflow: x\nsecrets: [CARD]\nsteps:\n{block}"
    (tmp_path / "login.yaml").write_text(LOGIN, encoding="utf-8")
    (tmp_path / "shown.yaml").write_text(whole, encoding="utf-8")
    assert load(tmp_path / "shown.yaml").workflow.steps


def test_every_step_condition_and_input_is_told() -> None:
    told = set(re.findall(r"`\{?(\w+)", TEXT))
    types = {declared.model_fields["type"].default for declared in get_args(get_args(AnyInput)[0])}
    assert {*STEPS, *CONDITIONS, *types} <= told
