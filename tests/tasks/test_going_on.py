"""The command that goes on with a run, as people copy it."""

from pathlib import Path

import pytest

from tasks.going_on import how_to_go_on


def test_home_is_said_where_it_is_not_the_usual_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SECONDLOOK_HOME", raising=False)
    folder = tmp_path / "my runs" / "runs" / "r-x7"
    said = f"secondlook resume r-x7 --home '{tmp_path}/my runs'"
    assert how_to_go_on("r-x7", folder) == said
    assert how_to_go_on("r-x7", None) == "secondlook resume r-x7"
    monkeypatch.setenv("SECONDLOOK_HOME", str(tmp_path / "my runs"))
    assert how_to_go_on("r-x7", str(folder)) == "secondlook resume r-x7"
