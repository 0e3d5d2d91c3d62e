"""The five KPIs of a plan, in total and for each account, against their targets."""

from kaopt.scorecard.figures import Absent, Check, Interval, Kpi, Scorecard, Scores
from kaopt.scorecard.score import score

__all__ = ["Absent", "Check", "Interval", "Kpi", "Scorecard", "Scores", "score"]
