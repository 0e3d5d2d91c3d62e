"""How large the scenarios are: accounts x SKUs x weeks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """A size by name; five treatments of one or two weeks everywhere."""

    name: str
    accounts: int
    skus: int
    weeks: int = 52

    @property
    def slots(self) -> int:
        """Displays that an account has room for in a week: about 6 % of its SKUs."""
        return max(1, round(0.06 * self.skus))


SIZES = {
    one.name: one
    for one in (Size("S1", 3, 5), Size("S2", 10, 20), Size("S3", 30, 60), Size("S4", 50, 200), Size("S5", 100, 500))
}


def named(text: str) -> Size:
    """A size by name, or by its accounts and SKUs: `10x2000`. Raises ValueError."""
    if text in SIZES:
        return SIZES[text]
    accounts, _, skus = text.partition("x")
    if not (accounts.isdecimal() and skus.isdecimal() and int(accounts) > 0 and int(skus) > 0):
        raise ValueError(f"{text}: neither one of {', '.join(SIZES)} nor accounts x SKUs as in 10x2000")
    return Size(text, int(accounts), int(skus))
