"""How long to wait before the next try, and when to stop trying."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
"""HTTP statuses that may be gone at the next try."""


@dataclass(frozen=True)
class Patience:
    """Tries and pauses: seconds, doubling from `first` to at most `longest`, plus up to a
    quarter by chance. A server's own Retry-After counts instead, up to `retry_after`."""

    tries: int = 5
    first: float = 0.5
    longest: float = 20
    retry_after: float = 60

    def pause(self, failures: int, asked: float | None) -> float:
        """Seconds to wait after so many failures; `asked` is what the server asked for."""
        if asked is not None:
            return min(max(0.0, asked), self.retry_after)
        usual: float = min(self.longest, self.first * 2 ** (failures - 1))
        return usual * random.uniform(1, 1.25)


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that a Retry-After header asks for, given in seconds or as a date."""
    text = headers.get("retry-after", "").strip()
    try:
        return float(text)
    except ValueError:
        pass
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, IndexError):
        return None
    aware = date if date.tzinfo else date.replace(tzinfo=UTC)
    return (aware - (now or datetime.now(UTC))).total_seconds()
