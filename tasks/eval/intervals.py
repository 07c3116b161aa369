"""How far a measured rate, or the difference of two, may be from the true one."""

import math
import random
from collections.abc import Sequence

RESAMPLES = 10_000


def wilson(right: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's score interval of a rate (Wilson 1927, JASA 22:209-212)."""
    if n == 0:
        return 0.0, 1.0
    rate = right / n
    centre = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def mean_interval(differences: Sequence[int]) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of the mean of paired differences."""
    draw, n = random.Random(0), len(differences)
    means = sorted(sum(draw.choices(differences, k=n)) / n for _ in range(RESAMPLES))
    return means[round(RESAMPLES * 0.025)], means[round(RESAMPLES * 0.975) - 1]
