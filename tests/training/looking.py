"""Comparing what the fast path gives with what the eyes see in Chromium."""

from tools.observation import Observation

_PLACE = ("below", "above")


def lines_of(observation: Observation) -> list[str]:
    """The lines without what depends on the layout: what is in view."""
    lines = []
    for element in observation.elements:
        states = tuple(s for s in element.states if s not in _PLACE)
        placed = element.model_copy(update={"states": states})
        lines.append(" " * element.depth + placed.line())
    return lines
