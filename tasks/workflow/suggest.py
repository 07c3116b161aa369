"""Which of the known words a mistyped one was meant to be."""

from collections.abc import Iterable
from difflib import get_close_matches


def meant(said: str, known: Iterable[str]) -> str:
    """`, did you mean click?` to end a sentence with, or nothing when no known word is near."""
    close = get_close_matches(said, list(known), n=1, cutoff=0.6)
    return f", did you mean {close[0]}?" if close else ""
