"""The generated documents are those that the code would write now."""

import pytest

from tasks.reference import DOCS, cli_markdown, events_markdown


@pytest.mark.parametrize(
    ("name", "text"), [("cli.md", cli_markdown()), ("events.md", events_markdown())]
)
def test_documents_are_up_to_date(name: str, text: str) -> None:
    stored = (DOCS / name).read_text(encoding="utf-8")
    assert stored == text, "run `python -m tasks.reference`"
