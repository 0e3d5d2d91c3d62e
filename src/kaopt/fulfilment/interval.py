"""How sure a simulated figure is: t-intervals, alone and in pairs (see `kaopt.statistics`)."""

from kaopt.statistics.interval import Interval, interval, paired

__all__ = ["Interval", "interval", "paired"]
