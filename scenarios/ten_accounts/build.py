"""Write the tables of the ten accounts: `python scenarios/ten_accounts/build.py [FOLDER]` (seeded; same bytes always).

A small made-up world, so that each story of key-account management is solved in seconds: 10 accounts, 5 drinks,
52 weeks. Only the habit of last year is written here as a plan; what is better than the habit, kaopt finds.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from kaopt.allocation.rules import rule_settings
from kaopt.demand import live
from kaopt.plan import Plan
from kaopt.scenario.load import load
from kaopt.scenario.model import Scenario

HERE = Path(__file__).resolve().parent
SEED, WEEKS = 20270104, 52
PLAIN = "kaopt: 1\nhorizon: {start: 2027-01-04, weeks: 52}\n"
HABIT = ("cut15", 2, (4, 14, 24, 34, 44))  # treatment, weeks, first weeks of the first account
KEPT_UP = 1.01  # growth index of the habit: to repeat last year's promotions just wins share
# fees of the agreement (listing, shelf, festivals, promoters, the account team) as a share of what the habit leaves
# before them; above 1 the account loses money
DRAWN = (1.07, 1.04, 1.10, 0.80, 1.05, 1.03, 0.74, 1.12, 0.86, 1.09)

ACCOUNTS = """\
account,name,name_zh,channel,region,size,notice_days,customer_growth,compliance,compliance_se,window,order_days
weilan,Weilan Hypermarkets,蔚岚大卖场,hypermarket,East,2.4,14,0.021,0.84,0.03,06:00-12:00,1|3|5
yuelai,Yuelai Hypermarkets,悦莱大卖场,hypermarket,East,1.8,60,0.034,0.88,0.02,08:00-12:00,2|4|6
hengfeng,Hengfeng Mart,恒沣量贩,hypermarket,North,1.5,45,0.018,0.80,0.03,07:00-12:00,1|4
baicheng,Baicheng Supermarkets,百澄超市,supermarket,South,1.2,45,0.042,0.91,0.02,06:30-11:30,1|3|5
jinhe,Jinhe Living,锦禾生活超市,supermarket,West,1.0,10,0.027,0.78,0.04,08:00-13:00,2|5
luyuan,Luyuan Fresh,麓园鲜生,supermarket,Central,0.9,60,0.055,0.90,0.02,06:00-11:00,1|3|5
tianjie,Tianjie Select,天阶精品超市,supermarket,East,0.7,45,0.048,0.93,0.02,07:00-12:00,2|4
haoduo,Haoduo Club,好朵会员店,club,East,1.1,45,0.031,0.86,0.03,06:00-11:00,2|5
minle,Minle Convenience,珉乐便利,convenience,East,0.8,60,0.062,0.89,0.02,09:00-17:00,1|3|5
qingmu,Qingmu Community,青牧社区,community,Central,0.6,14,0.015,0.76,0.04,09:00-18:00,3|6
"""
SKUS = """\
sku,name,name_zh,brand,category,cluster,list_price,unit_cost,high_margin,shelf_life,lot_cases,volume,season
water,Yunxiu water 24 x 550 ml,云岫饮用水 24×550毫升,Yunxiu,water,,25.2,13.6,no,365,2500,560,summer
tea,Helu green tea 15 x 500 ml,禾露绿茶 15×500毫升,Helu,tea,tea,43.5,23.2,no,270,1500,330,summer
oolong,Helu oolong 15 x 500 ml,禾露无糖乌龙 15×500毫升,Helu,tea,tea,52.0,20.6,yes,270,900,150,flat
juice,Langqin juice 12 x 1 l,朗沁果汁 12×1升,Langqin,juice,,58.5,31.4,no,240,1000,190,festival
coffee,Langqin coffee 15 x 268 ml,朗沁即饮咖啡 15×268毫升,Langqin,coffee,,74.0,28.9,yes,270,700,110,flat
"""
MECHANICS = """\
treatment,name,name_zh,family,depth,pass_through,display,feature,gift,lengths,lead_time,fixed_cost,weekly_cost,unit_cost,slots
cut10,10 % off,九折,price,10%,1.1,0,0,0,2,7,300,0,0,0
cut15,15 % off,八五折,price,15%,1.1,0,0,0,2,7,300,0,0,0
stack,Floor stack,堆头,display,0%,1,0.7,0,0,2,21,300,2000,0,1
endcap-cut10,End cap with 10 % off,端架加九折,display,10%,1.1,0.5,0,0,2,21,300,1200,0,1
gift,Gift with purchase,买赠,gift,0%,1,0,0,1,2,45,1500,0,2.80,0
gift-stack,Gift on a floor stack,买赠加堆头,gift,0%,1,0.7,0,1,2,45,1800,2000,2.80,1
"""
MEAN = {"water": (-2.9, 0.65), "tea": (-2.9, 0.7), "oolong": (-2.2, 0.6), "juice": (-2.6, 0.7), "coffee": (-2.1, 0.55)}


def main(folder: Path = HERE) -> None:
    """Draw the world, live through last year's habit, and write last year's sales and the fees that follow from it."""
    folder.mkdir(parents=True, exist_ok=True)
    if folder.resolve() != HERE:
        shutil.copy(HERE / "scenario.yaml", folder / "scenario.yaml")
    for name, table in agree(draw()).items():
        place = folder / ("plans" if name == "habit" else "tables") / f"{name}.csv"
        place.parent.mkdir(parents=True, exist_ok=True)
        table.to_csv(place, index=False, lineterminator="\n", encoding="utf-8")


def draw() -> dict[str, pd.DataFrame]:
    """Who the accounts are, what sells there and how promotions work; still without last year and fees."""
    rng = np.random.default_rng(SEED)
    accounts, skus = draw_accounts(rng), pd.read_csv(StringIO(SKUS))
    tables = {"accounts": accounts, "mechanics": pd.read_csv(StringIO(MECHANICS), dtype=str), "seasons": seasons()}
    tables["base"] = draw_base(rng, accounts, skus)
    tables["response"] = draw_response(rng, tables["base"])
    tables["eligibility"] = eligibility(accounts)
    skus["lot_cover_weeks"], skus["safety_weeks"], skus["demand_cv"] = 1.5, 0.3, 0.2
    return tables | {"skus": skus.drop(columns=["volume", "season"])}


def draw_accounts(rng: np.random.Generator) -> pd.DataFrame:
    """Terms: the larger the account, the larger its discount and rebate."""
    table = pd.read_csv(StringIO(ACCOUNTS))
    count, power = len(table), table["size"].rank(pct=True)
    table["segment"] = np.where(table["size"] >= 1.5, "A", np.where(table["size"] >= 0.8, "B", "C"))
    table["team"] = [f"{region} KA team" for region in table["region"]]
    table["on_invoice"] = (0.02 + 0.03 * power).round(3)
    table["rebate"] = (0.04 + 0.04 * power).round(3)
    table["logistics"] = rng.uniform(1.2, 2.4, count).round(2)
    table["retail_markup"], table["vat"] = rng.uniform(0.24, 0.36, count).round(2), 0.13
    table["display_slots"] = np.where(table["size"] >= 1.0, 2, 1)
    table["payment_days"] = rng.choice([45, 60, 75, 90], count)
    table[["window_open", "window_close"]] = table["window"].str.split("-", expand=True)
    table["grace_minutes"], table["travel_minutes"] = 30, rng.choice([60, 75, 90, 120], count)
    table["dock_count"], table["unload_minutes"] = np.where(table["size"] >= 1.5, 3, 2), 30
    table["acceptance_age"], table["fill_target"] = "1/2", 0.92
    table["penalty_rate"], table["mismatch"] = 0.02, rng.uniform(0.001, 0.004, count).round(4)
    return table.drop(columns="window")


def draw_base(rng: np.random.Generator, accounts: pd.DataFrame, skus: pd.DataFrame) -> pd.DataFrame:
    """Weekly mean: volume of the SKU x size of the account x lognormal taste."""
    rows = []
    for account in accounts.itertuples():
        for sku in skus.itertuples():
            cases = round(sku.volume * account.size * np.exp(rng.normal(0, 0.25)), 1)
            price = round(sku.list_price * (1 + account.retail_markup) * 1.13, 1)
            rows.append((account.account, sku.sku, cases, price, sku.season))
    return pd.DataFrame(rows, columns=["account", "sku", "cases", "price", "season"])


def draw_response(rng: np.random.Generator, base: pd.DataFrame) -> pd.DataFrame:
    """Effects around the mean of the SKU; shoppers stock up on what is cut and buy less the week after."""
    rows = []
    for account, sku in base[["account", "sku"]].itertuples(index=False):
        elasticity, display = MEAN[sku]
        row = {"account": account, "sku": sku, "elasticity": elasticity + rng.normal(0, 0.2)}
        row |= {"display": display + rng.normal(0, 0.08), "gift": rng.normal(0.36, 0.05)}
        row |= {"fatigue": rng.uniform(0.1, 0.2), "dip": rng.uniform(0.12, 0.25), "dip_weeks": 2}
        row |= {"cross": rng.uniform(0.04, 0.1), "elasticity_se": 0.25, "display_se": 0.1}
        rows.append({name: round(value, 3) if isinstance(value, float) else value for name, value in row.items()})
    return pd.DataFrame(rows)


def seasons() -> pd.DataFrame:
    """Index by week, 1 on average: hot months for water and tea, the two festivals for juice."""
    week = np.arange(1, WEEKS + 1)
    festival = np.isin(week, (2, 3, 4, 5, 6)) * 0.7 + np.isin(week, (36, 37, 38, 39)) * 0.35
    shapes = {"summer": 1 + 0.3 * np.cos(2 * np.pi * (week - 30) / WEEKS), "festival": 1 + festival}
    shapes["flat"] = np.ones(WEEKS)
    rows = [(name, w, round(v, 4)) for name, s in shapes.items() for w, v in zip(week, s / s.mean(), strict=True)]
    return pd.DataFrame(rows, columns=["season", "week", "index"])


def eligibility(accounts: pd.DataFrame) -> pd.DataFrame:
    """Small formats have no floor for stacks."""
    small = accounts.loc[accounts["channel"].isin(("convenience", "community")), "account"]
    rows = [(one, "*", kind, "", "no", "no floor space") for one in small for kind in ("stack", "gift-stack")]
    return pd.DataFrame(rows, columns=["account", "sku", "treatment", "weeks", "allowed", "because"])


def agree(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Last year's sales, fees and promises: all follow from the habit, none from any better plan."""
    world = read(tables)
    plan = habit_plan(world)
    year, accounts = live(world, plan), tables["accounts"].drop(columns="size")
    revenue, growth = year.net_revenue.sum((1, 2)), 1 + accounts["customer_growth"].to_numpy()
    accounts["last_year_revenue"] = (revenue / growth / KEPT_UP).round(-3).astype(int)
    accounts["sales_target"] = (accounts["last_year_revenue"] * growth).round(-4).astype(int)
    accounts["last_year_cases"] = (year.cases.sum((1, 2)) / growth / KEPT_UP).round(-1).astype(int)
    accounts["category_revenue"] = (accounts["last_year_revenue"] * 1.45 / 0.18).round(-4).astype(int)
    accounts["retailer_profit_last_year"] = (year.retailer.sum((1, 2)) / growth / KEPT_UP).round(-3).astype(int)
    accounts["contract_fee"] = (np.array(DRAWN) * year.contribution.sum((1, 2))).round(-3).astype(int)
    accounts["promotions_due"] = np.where(world.accounts.display_slots > 1, 12, 10)
    return tables | {"accounts": accounts, "habit": as_table(world, plan)}


def read(tables: dict[str, pd.DataFrame]) -> Scenario:
    """The world without any rule, as kaopt reads it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "tables").mkdir()
        (folder / "scenario.yaml").write_text(PLAIN, encoding="utf-8")
        for table, rows in tables.items():
            rows.drop(columns="size", errors="ignore").to_csv(folder / "tables" / f"{table}.csv", index=False)
        return load(folder, rule_settings=rule_settings())


def habit_plan(world: Scenario) -> Plan:
    """The same price cut on every SKU five times a year, a week later from account to account."""
    name, weeks, starts = HABIT
    k, (accounts, skus, _) = world.treatments.treatment.index(name), world.shape
    rows = [(a, s, week - 1 + a % 5, weeks, k) for a in range(accounts) for s in range(skus) for week in starts]
    return Plan(*np.array(rows, dtype=np.int64).T)


def as_table(world: Scenario, plan: Plan) -> pd.DataFrame:
    """The plan with names, weeks from 1."""
    return pd.DataFrame(
        {
            "account": [world.accounts.account[a] for a in plan.account],
            "sku": [world.skus.sku[s] for s in plan.sku],
            "week": plan.week + 1,
            "weeks": plan.weeks,
            "treatment": [world.treatments.treatment[k] for k in plan.treatment],
        }
    )


if __name__ == "__main__":
    main(*(Path(folder) for folder in sys.argv[1:]))
