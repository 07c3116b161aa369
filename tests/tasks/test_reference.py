"""The generated documents are those that the code would write now."""

import pytest

from tasks.reference import DOCS, GENERATED


@pytest.mark.parametrize("name", GENERATED)
def test_documents_are_up_to_date(name: str) -> None:
    stored = (DOCS / name).read_text(encoding="utf-8")
    assert stored == GENERATED[name](), "run `python -m tasks.reference`"
