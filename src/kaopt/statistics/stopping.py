"""When it has been repeated often enough: the interval is as narrow as asked, or it has been tried often enough."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, isfinite

from kaopt.statistics.interval import CONFIDENCE, Values, interval


@dataclass(frozen=True)
class Enough:
    """Stop at `half_width` of the mean (of a paired difference: give the differences), between `least` and `most`.

    A stop that looks at the data covers a little less often than it says while `least` is small (Law 2015, 9.4.1);
    from 20 on the loss is below one point.
    """

    half_width: float
    least: int = 20
    most: int = 200
    confidence: float = CONFIDENCE

    def reached(self, values: Values) -> bool:
        """True where the interval is narrow enough, after the least number of replications."""
        return len(values) >= self.least and interval(values, self.confidence).half_width <= self.half_width

    def done(self, values: Values) -> bool:
        """True where it is narrow enough or no more may be spent."""
        return len(values) >= self.most or self.reached(values)

    def expected(self, values: Values) -> int:
        """How many replications it is likely to take: the interval narrows with the root of their number."""
        now = interval(values, self.confidence).half_width
        if not isfinite(now) or self.half_width <= 0:
            return self.least if not isfinite(now) else self.most
        need = ceil(len(values) * (now / self.half_width) ** 2)
        return min(max(need, self.least), self.most)
