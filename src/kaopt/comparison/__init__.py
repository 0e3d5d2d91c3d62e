"""Plans side by side: KPIs, money, what each gives up, and which promotions differ."""

from kaopt.comparison.compare import compared
from kaopt.comparison.nouns import Comparison, Side

__all__ = ["Comparison", "Side", "compared"]
