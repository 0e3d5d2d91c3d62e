"""A world invented in memory, written to files in many ways, must come back as it was invented.

The writer below is the reader's twin: it shares nothing with it but the declarations.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaopt.scenario.catalogue import TABLES
from kaopt.scenario.columns import columns_of
from kaopt.scenario.model import Scenario
from tests.scenario.files import read, write

NAMES = ("W", "沃尔玛", "00123", "NA", "null", "a b", "x,y", 'quo"te', "true", "1-4", "é", "O'Hara")


@dataclass
class Invented:
    """What the files will say."""

    accounts: list[str]
    skus: list[str]
    weeks: int
    cases: np.ndarray  # [A, S, W]
    listed: np.ndarray  # [A, S]
    share: list[float]
    money: list[float]
    minute: list[int]
    days: list[tuple[int, ...]]
    flag: list[bool]
    order: random.Random = field(default_factory=lambda: random.Random(0))


@st.composite
def inventions(draw: st.DrawFn) -> Invented:
    accounts = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    skus = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    weeks = draw(st.integers(1, 5))
    luck = random.Random(draw(st.integers(0, 10**6)))
    shape = (len(accounts), len(skus), weeks)
    cases = np.array([round(luck.uniform(0, 9999), 2) for _ in range(int(np.prod(shape)))]).reshape(shape)
    listed = np.array([luck.random() < 0.7 for _ in range(shape[0] * shape[1])]).reshape(shape[:2])
    return Invented(
        accounts,
        skus,
        weeks,
        cases * listed[:, :, None],
        listed,
        [luck.randint(0, 1000) / 1000 for _ in accounts],
        [float(luck.randint(0, 10**7)) for _ in accounts],
        [luck.randint(1, 1440) for _ in accounts],
        [tuple(sorted(luck.sample(range(1, 8), luck.randint(1, 7)))) for _ in accounts],
        [luck.random() < 0.5 for _ in skus],
        luck,
    )


def a_share(value: float, luck: random.Random) -> str:
    return luck.choice([repr(value), f"{value * 100:.1f}%", f"{round(value * 1000)}/1000", f"{value * 100:.1f}％"])


def an_amount(value: float, luck: random.Random) -> str:
    return luck.choice([f"{value:.0f}", f"{value:,.0f}", f"¥{value:,.2f}", f"{value / 10_000:.4f}万", f"{value:.0f}元"])


def a_clock(minute: int, luck: random.Random) -> str:
    return luck.choice([f"{minute // 60:02d}:{minute % 60:02d}", f"{minute // 60}:{minute % 60:02d}"])


def some_days(days: Sequence[int], luck: random.Random) -> str:
    english = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    styles: list[Callable[[int], str]] = [str, lambda d: english[d - 1], lambda d: "周" + "一二三四五六日"[d - 1]]
    return "|".join(luck.choice(styles)(day) for day in days)


def header(table: str, column: str, luck: random.Random) -> str:
    return luck.choice([column, column.upper(), column.replace("_", " "), *dict(columns_of(TABLES[table]))[column].zh])


def as_bytes(table: str, rows: list[dict[str, str]], luck: random.Random) -> bytes:
    """The rows with their columns in any order, under any header, with any separator, in any encoding."""
    columns = list(rows[0])
    luck.shuffle(columns)
    out = io.StringIO()
    writer = csv.writer(
        out, delimiter=luck.choice(",;\t"), lineterminator=luck.choice(["\n", "\r\n"]), quoting=luck.choice([0, 1])
    )
    writer.writerow([header(table, one, luck) for one in columns])
    for row in rows:
        writer.writerow([row[one] for one in columns])
    return out.getvalue().encode(luck.choice(["utf-8", "utf-8-sig", "gb18030"]))


def base_rows(one: Invented) -> list[dict[str, str]]:
    """By week, in any order; an account-SKU that is the same in all weeks as one row."""
    rows = []
    for a, s in np.argwhere(one.listed):
        cases = one.cases[a, s]
        names = {"account": one.accounts[a], "sku": one.skus[s]}
        if len(set(cases)) == 1 and one.order.random() < 0.5:
            rows.append(names | {"week": "", "cases": repr(float(cases[0]))})
        else:
            rows += [names | {"week": str(w + 1), "cases": repr(float(c))} for w, c in enumerate(cases)]
    one.order.shuffle(rows)
    return rows


def files_of(one: Invented) -> dict[str, Any]:
    luck = one.order
    accounts = [
        {
            "account": name,
            "acceptance_age": a_share(one.share[i], luck),
            "contract_fee": an_amount(one.money[i], luck),
            "window_close": a_clock(one.minute[i], luck),
            "order_days": some_days(one.days[i], luck),
        }
        for i, name in enumerate(one.accounts)
    ]
    skus = [
        {
            "sku": name,
            "list_price": "10",
            "unit_cost": "4",
            "high_margin": luck.choice(["yes", "是", "TRUE", "1"] if flag else ["no", "否", "0"]),
        }
        for name, flag in zip(one.skus, one.flag, strict=True)
    ]
    return {
        "scenario": f"kaopt: 1\nhorizon: {{start: 4 Jan 2027, weeks: {one.weeks}}}\n",
        "accounts": as_bytes("accounts", accounts, luck),
        "skus": as_bytes("skus", skus, luck),
        "base": as_bytes("base", base_rows(one), luck),
    }


@settings(max_examples=40, deadline=None)
@given(inventions().filter(lambda one: one.listed.any()))
def test_what_was_invented_comes_back(one: Invented) -> None:
    with TemporaryDirectory() as place:
        world = read(write(Path(place), **files_of(one)))
    assert world.accounts.account == tuple(one.accounts)
    assert world.skus.sku == tuple(one.skus)
    assert np.array_equal(world.listed, one.listed)
    assert np.array_equal(world.base_cases, one.cases)
    assert world.accounts.acceptance_age.tolist() == pytest.approx(one.share, abs=1e-15)
    assert world.accounts.contract_fee.tolist() == pytest.approx(one.money, rel=1e-12)
    assert world.accounts.window_close.tolist() == one.minute
    assert world.accounts.order_days == tuple(one.days)
    assert world.skus.high_margin.tolist() == one.flag


@settings(max_examples=25, deadline=None)
@given(inventions().filter(lambda one: one.listed.any()))
def test_an_overlay_that_says_nothing_new_changes_nothing(one: Invented) -> None:
    """Any rows of the base, said again by an overlay in any order, leave the world as it was."""
    with TemporaryDirectory() as place:
        root = Path(place)
        files = files_of(one)
        plain = read(write(root, "base", **files))
        again = base_rows(one)
        kept = again[: one.order.randint(1, len(again))]
        weekly = {(row["account"], row["sku"]) for row in again if row["week"]}
        same_form = [row for row in kept if bool(row["week"]) == ((row["account"], row["sku"]) in weekly)]
        folder = root / "scenarios" / "over"
        (folder / "tables").mkdir(parents=True)
        (folder / "scenario.yaml").write_text("extends: ../base\n", encoding="utf-8")
        if same_form and not_mixed(files["base"], same_form):
            (folder / "tables" / "base.csv").write_bytes(as_bytes("base", same_form, one.order))
        over = read(folder)
    assert np.array_equal(plain.base_cases, over.base_cases)
    assert np.array_equal(plain.listed, over.listed)


def not_mixed(content: bytes, rows: list[dict[str, str]]) -> bool:
    """True where the file and the rows write no account-SKU in two forms: by week there, for all weeks here."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=text.splitlines()[0].count)))
    spellings = {c: {c, c.upper(), *dict(columns_of(TABLES["base"]))[c].zh} for c in ("account", "sku", "week")}
    at = {c: next(i for i, h in enumerate(lines[0]) if h in names) for c, names in spellings.items()}
    forms = {(line[at["account"]], line[at["sku"]], bool(line[at["week"]])) for line in lines[1:]}
    mine = {(row["account"], row["sku"], bool(row["week"])) for row in rows}
    return not any((a, s, not form) in forms for a, s, form in mine)


def test_two_readings_are_the_same(tmp_path: Path) -> None:
    folder = write(tmp_path)
    one, other = read(folder), read(folder)
    assert one.resolved == other.resolved
    assert one.provenance == other.provenance
    assert np.array_equal(one.base_price, other.base_price)


def same_world(one: Scenario, other: Scenario) -> bool:
    arrays = ("listed", "base_cases", "base_price", "eligible")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays) and one.locks == other.locks


def test_the_order_of_rows_and_columns_does_not_matter_where_keys_rule(tmp_path: Path) -> None:
    one = read(write(tmp_path, "a"))
    turned = read(
        write(
            tmp_path,
            "b",
            accounts="retail_markup,account,acceptance_age,channel\n25%,W,1/3,hyper\n10%,Z,2/3,trade\n",
            base="cases,sku,account\n80,cola,Z\n50,tea,W\n100,cola,W\n",
        )
    )
    assert same_world(one, turned)
