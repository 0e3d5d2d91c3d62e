"""How a person writes a value and what it means: one parser per kind of quantity. (Being built.)"""

from __future__ import annotations

Money = SignedMoney = Share = Effect = Points = Seconds = float
Clock = Count = Days = Minutes = int
