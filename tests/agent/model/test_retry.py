"""How long one waits, and what a server may ask for."""

from datetime import UTC, datetime

import pytest

from agent.model.retry import Patience, retry_after

NOW = datetime(2026, 11, 24, 1, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("1.5", 1.5),
        ("Tue, 24 Nov 2026 01:00:30 GMT", 30),
        ("Tue, 24 Nov 2026 00:59:30 GMT", -30),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": header}, NOW) == seconds


def test_pauses_double_and_have_an_end() -> None:
    patience = Patience(first=1, longest=5)
    pauses = [patience.pause(n, None) for n in (1, 2, 3, 4, 9)]
    for pause, usual in zip(pauses, (1, 2, 4, 5, 5), strict=True):
        assert usual <= pause <= usual * 1.25


def test_what_the_server_asks_for_counts_up_to_a_limit() -> None:
    patience = Patience(retry_after=60)
    assert patience.pause(1, 7) == 7
    assert patience.pause(1, 86400) == 60
    assert patience.pause(1, -30) == 0
