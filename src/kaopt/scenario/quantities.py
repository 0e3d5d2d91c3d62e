"""How a person writes an amount and what it means: numbers with scales, units, percentages and fractions.

Every number goes through decimal arithmetic once, so that `440万` and `0.1%` are exactly what they say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from math import inf, isfinite


class Wrong(ValueError):
    """A text that does not mean what is asked: what is expected, and the remedy. `day`: the date that it is."""

    def __init__(self, expected: str, remedy: str = "", *, day: date | None = None) -> None:
        self.expected, self.remedy, self.day = expected, remedy, day
        super().__init__(f"{expected}. {remedy}".strip())


SCALES = {
    "": 1, "十": 10, "百": 100, "千": 10**3, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8,
    "k": 10**3, "K": 10**3, "M": 10**6, "mn": 10**6, "million": 10**6, "bn": 10**9, "billion": 10**9,
}  # fmt: skip
CURRENCIES = ("元", "块", "CNY", "RMB", "USD", "EUR", "GBP", "yuan")
COUNTED = ("箱", "case", "cases", "次", "个")
NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+"
AMOUNT = re.compile(
    rf"(?P<sign>[+-]?)\s*(?P<currency>(?:[¥$€£]|CNY|RMB|USD|EUR|GBP)?)\s*(?P<sign2>[+-]?)"
    rf"(?P<number>{NUMBER})(?P<exponent>[eE][+-]?\d{{1,3}})?(?:\s*/\s*(?P<below>{NUMBER}))?\s*(?P<unit>\D*)"
)


def _units(scales: Mapping[str, float], names: tuple[str, ...] = ()) -> dict[str, Decimal]:
    pairs = {scale: Decimal(str(size)) for scale, size in scales.items()}
    return pairs | {scale + name: size for scale, size in pairs.items() for name in names}


PLAIN = _units(SCALES)
MONEY = _units(SCALES, CURRENCIES)
CASES = _units(SCALES, COUNTED)
SHARE = _units({"": 1, "%": 0.01, "‰": 0.001})
POINTS = _units({"": 1, "%": 0.01, "pp": 0.01, "pt": 0.01, "个百分点": 0.01, "百分点": 0.01})
ONE_DAY = dict.fromkeys(("", "d", "day", "days", "天", "日"), 1)
DAYS = _units(ONE_DAY | dict.fromkeys(("w", "week", "weeks", "周"), 7))
MINUTE = dict.fromkeys(("min", "minute", "minutes", "分", "分钟"), 1)
HOUR = dict.fromkeys(("h", "hour", "hours", "小时"), 60)
MINUTES = _units({"": 1} | MINUTE | HOUR)
SECOND = dict.fromkeys(("", "s", "sec", "second", "seconds", "秒"), 1)
SECONDS = _units(SECOND | {unit: 60 * size for unit, size in (MINUTE | HOUR).items()})


@dataclass(frozen=True)
class Amount:
    """What one kind of amount allows. `low`, `high`: smallest and largest; `above`: must be more than `low`."""

    units: Mapping[str, Decimal]
    what: str  # "a share"
    example: str  # "0.33, 33% or 1/3"
    low: float = -inf
    high: float = inf
    above: bool = False
    whole: bool = False
    fraction: bool = False
    currency: bool = field(default=False, kw_only=True)

    @property
    def bounded(self) -> bool:
        """True where not every number is allowed."""
        return isfinite(self.low) or isfinite(self.high)

    def range(self) -> str:
        """The allowed range in words."""
        if isfinite(self.low) and isfinite(self.high) and not self.above:
            return f"must be between {self.low:g} and {self.high:g}"
        least = f"{'above' if self.above else 'at least'} {self.low:g}" if isfinite(self.low) else ""
        most = f"at most {self.high:g}" if isfinite(self.high) else ""
        return f"must be {' and '.join(filter(None, (least, most)))}"


MANY = 10.0**9  # whole numbers beyond this are slips
AMOUNTS: dict[str, Amount] = {
    "share": Amount(SHARE, "a share", "0.33, 33% or 1/3", 0, 1, fraction=True),
    "rate": Amount(SHARE, "a rate", "0.12, 12% or -3%", -1, 10, above=True, fraction=True),
    "points": Amount(POINTS, "a difference of shares", "0.5pp or 0.005", 0, 1, fraction=True),
    "money": Amount(MONEY, "money", "1200, 1,200.50, ¥1200 or 440万", 0, currency=True),
    "signed_money": Amount(MONEY, "money", "1200, -1,200.50 or 440万", currency=True),
    "cases": Amount(CASES, "a number of cases", "1200, 1,200 or 1.2万", 0),
    "count": Amount(CASES, "a whole number", "12", 0, MANY, whole=True),
    "days": Amount(DAYS, "a whole number of days", "45, 45d or 6w", 0, MANY, whole=True),
    "minutes": Amount(MINUTES, "a whole number of minutes", "90, 90min or 1.5h", 0, MANY, whole=True),
    "seconds": Amount(SECONDS, "a length of time", "300s, 5min or 1.5h", 0, above=True),
    "week": Amount(PLAIN, "the number of a week, 1 = first of the horizon", "12", 1, MANY, whole=True),
    "factor": Amount(MONEY, "a number above 0", "42.5", 0, above=True, currency=True),
    "effect": Amount(PLAIN | SHARE, "a number", "0.4 or 40%", 0, fraction=True),
    "elasticity": Amount(PLAIN, "a number, 0 or less", "-2.5", high=0),
    "number": Amount(PLAIN | SHARE, "a number", "1.5 or -20%", fraction=True),
}  # fmt: skip


def clean(text: str) -> str:
    """The text without surrounding space, full-width signs and digits made ordinary, dashes made minus signs."""
    return unicodedata.normalize("NFKC", text).translate({0x2212: "-", 0x2013: "-", 0x2014: "-"}).strip()


def amount(kind: str, text: str) -> float:
    """The amount that `text` means as a quantity of `kind`; raises Wrong."""
    rule = AMOUNTS[kind]
    shape = f"must be {rule.what}"
    remedy = f"Write it like {rule.example}"
    plain = clean(text)
    if plain.lstrip("+-").lower() in ("nan", "inf", "infinity", ".nan", ".inf", "∞"):
        raise Wrong("must be a finite number", f"{remedy}; leave it out where it does not apply")
    match = AMOUNT.fullmatch(plain)
    if match is None or (match["sign"] and match["sign2"]):
        raise Wrong(shape, _why_not(plain) or remedy)
    if (match["currency"] and not rule.currency) or (match["below"] and not rule.fraction):
        raise Wrong(shape, remedy)
    if match["unit"].strip() not in rule.units:
        raise Wrong(f"{shape}; the unit {match['unit'].strip()!r} does not fit", remedy)
    return _in_range(rule, _value(match, rule), remedy)


def _value(match: re.Match[str], rule: Amount) -> Decimal:
    number = Decimal(match["number"].replace(",", "") + (match["exponent"] or ""))
    if match["below"]:
        below = Decimal(match["below"].replace(",", ""))
        if below == 0:
            raise Wrong(f"must be {rule.what}; nothing can be divided by 0", f"Write it like {rule.example}")
        number /= below
    sign = -1 if "-" in (match["sign"], match["sign2"]) else 1
    return sign * number * rule.units[match["unit"].strip()]


def _in_range(rule: Amount, exact: Decimal, remedy: str) -> float:
    value = float(exact)
    if not isfinite(value):
        raise Wrong("must be a finite number", remedy)
    low_enough = value > rule.low if rule.above else value >= rule.low
    if not (low_enough and value <= rule.high):
        meant = f"Did you mean {exact:f}%? " if rule.units is SHARE and 2 <= exact <= 100 else ""
        raise Wrong(rule.range(), meant + remedy)
    if rule.whole and exact != int(exact):
        raise Wrong(f"must be {rule.what}", remedy)
    return int(exact) if rule.whole else value


def _why_not(text: str) -> str:
    """A hint for the usual slips in numbers."""
    if re.fullmatch(r"[+-]?\d+,\d{1,2}", text) or re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+,\d+", text):
        return "Write the decimal point as '.': 1200.50 or 1,200.50"
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}( .*)?", text):
        return "A spreadsheet has made a date of it: format the cell as a number or as text and write the value again"
    if re.fullmatch(r"\([\d,.]+\)", text):
        return "Write a negative amount with a minus sign: -1200"
    return ""
