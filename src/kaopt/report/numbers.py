"""Numbers as people of each language write them: k and M in English, 万 and 亿 in Chinese."""

from __future__ import annotations

from math import floor, isnan, log10

SCALES = {
    "en": ((1e9, "\u00a0bn"), (1e6, "\u00a0M"), (1e3, "\u00a0k")),  # a space that does not break
    "zh": ((1e8, "亿"), (1e4, "万")),
}
NOTHING = "–"


def amount(value: float, lang: str) -> str:
    """Money or cases to three digits: `1.24 M`, `124万`."""
    if isnan(value):
        return NOTHING
    rounded = three_digits(value)
    for size, unit in SCALES[lang]:
        if abs(rounded) >= size:
            return signed(rounded / size) + unit
    return signed(rounded)


def three_digits(value: float) -> float:
    """Rounded to three significant digits, so that 999 900 is a million in every unit."""
    return 0.0 if value == 0 else round(value, 2 - floor(log10(abs(value))))


def signed(value: float) -> str:
    """Three digits with a true minus sign and no needless zeros."""
    size = abs(value)
    decimals = 0 if size >= 100 else 1 if size >= 10 else 2
    text = f"{size:,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"−{text}" if value < 0 and text != "0" else text


def whole(value: float) -> str:
    """Every digit before the point, for figures that stand to be compared."""
    return NOTHING if isnan(value) else f"{value:,.0f}".replace("-", "−")


def percent(value: float, decimals: int = 1) -> str:
    """A share of 1 in percent; what is there but rounds to nothing says so."""
    if isnan(value):
        return NOTHING
    smallest = 10.0**-decimals
    if 0 < abs(value) * 100 < smallest / 2:
        return f"<{smallest:g}\u00a0%"
    text = f"{abs(value) * 100:,.{decimals}f}\u00a0%"
    return f"−{text}" if value < 0 else text


def asked(share: float) -> str:
    """A share of 1 that somebody asked for, in percent with as many digits as it takes: 99.6 is not 100."""
    return f"{100 * share:,.6g}".replace("-", "−")


def index(value: float) -> str:
    """An index around 1."""
    return NOTHING if isnan(value) else f"{value:.3f}"
