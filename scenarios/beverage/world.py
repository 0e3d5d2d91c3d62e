"""Who the accounts are, what sells there and how promotions work: drawn once from a fixed seed."""

from __future__ import annotations

from io import StringIO

import numpy as np
import pandas as pd

SEED = 20270104
WEEKS = 52
SPRING_FESTIVAL = (4, 5, 6)  # weeks of the Chinese New Year rush; the day is 6 February 2027
NATIONAL_DAY = (39, 40)

# size: 1 is an average account; notice in days; accepted age as a share of shelf life
ACCOUNTS = """\
account,name,name_zh,channel,region,size,notice_days,acceptance_age,window,order_days
weilan,Weilan Hypermarkets,蔚岚大卖场,hypermarket,East,2.6,14,1/3,08:30-10:30,Mon|Wed|Fri
yuelai,Yuelai Hypermarkets,悦莱大卖场,hypermarket,East,1.9,60,1/2,08:00-12:00,Tue|Thu|Sat
hengfeng,Hengfeng Mart,恒沣量贩,hypermarket,North,1.6,45,1/2,07:00-11:00,Mon|Thu
baicheng,Baicheng Supermarkets,百澄超市,supermarket,South,1.2,45,1/2,06:30-10:30,Mon|Wed|Fri
jinhe,Jinhe Living,锦禾生活超市,supermarket,West,1.0,10,1/2,08:00-12:00,Tue|Fri
luyuan,Luyuan Fresh,麓园鲜生,supermarket,Central,0.9,60,1/3,05:30-08:30,Mon|Wed|Fri
tianjie,Tianjie Select,天阶精品超市,supermarket,East,0.6,30,1/3,07:00-10:00,Tue|Thu
minle,Minle Convenience,珉乐便利,convenience,East,0.8,60,1/3,21:00-23:59,Mon|Wed|Fri
chenguang,Chenguang 24,宸光便利,convenience,South,0.7,7,1/2,20:00-23:00,Tue|Thu|Sat
haoduo,Haoduo Club,好朵会员店,club,East,1.1,45,1/2,06:00-09:00,Tue|Fri
qingmu,Qingmu Community,青牧社区,community,Central,0.5,10,2/3,13:00-18:00,Wed|Sat
yunji,Yunji Home Delivery,云蓟到家,online,North,0.8,30,2/3,09:00-17:00,Mon|Thu
"""
# category, zh, SKUs, season, shelf life (days), usual list price (money/case), packs
CATEGORIES = [
    ("water", "饮用水", 5, "summer", 365, 26, ("24 x 550 ml", "12 x 1.5 L", "12 x 330 ml")),
    ("tea", "茶饮料", 8, "summer", 270, 42, ("15 x 500 ml", "15 x 550 ml", "12 x 1 L")),
    ("juice", "果汁", 7, "festival", 180, 50, ("15 x 450 ml", "6 x 1.25 L", "12 x 300 ml")),
    ("soda", "汽水", 6, "summer", 270, 38, ("24 x 330 ml", "12 x 500 ml", "6 x 2 L")),
    ("sports", "运动饮料", 5, "summer", 270, 54, ("15 x 500 ml", "12 x 600 ml", "24 x 250 ml")),
    ("coffee", "即饮咖啡", 4, "flat", 270, 72, ("15 x 268 ml", "12 x 300 ml", "24 x 180 ml")),
    ("plant milk", "植物蛋白", 5, "festival", 210, 56, ("24 x 240 ml", "12 x 1 L", "16 x 250 ml")),
]
BRANDS = {"Yunxiu": "云岫", "Helu": "禾露", "Langqin": "朗沁"}
# the rank of a SKU in its category decides its class: the first are fast, the last are small and slow
CLASSES = {"fast": (165.0, 0.45, 1.0, 0.20), "core": (70.0, 0.5, 2.0, 0.25), "slow": (13.0, 0.5, 12.0, 0.45)}

MECHANICS = """\
treatment,name,name_zh,family,depth,pass_through,display,feature,gift,lengths,lead_time,fixed_cost,weekly_cost,unit_cost,slots
cut10,10 % off,九折,price,10%,1.2,0,0,0,1|2,7,200,0,0,0
cut15,15 % off,八五折,price,15%,1.2,0,0,0,1|2,7,200,0,0,0
cut20,20 % off,八折,price,20%,1.2,0,0,0,1,7,200,0,0,0
stack,Floor stack,堆头,display,0%,1.0,0.6,0,0,2,21,0,800,0,1
endcap-cut10,End cap with 10 % off,端架加九折,display,10%,1.0,0.5,0,0,2,21,200,800,0,1
leaflet-cut15,Leaflet with 15 % off,海报加八五折,feature,15%,1.0,0,1,0,2,30,1500,0,0,0
gift,Gift with purchase,买赠,gift,0%,1.0,0,0,1,2,45,800,0,2.20,0
gift-stack,Gift on a floor stack,买赠加堆头,gift,0%,1.0,0.6,0,1,2,45,800,1000,2.20,1
tasting,Tasting,试饮,gift,0%,1.0,0.3,0,0.8,1,45,2500,0,0.50,1
"""


def draw() -> dict[str, pd.DataFrame]:
    """Every table but the budgets; the accounts still without targets, fees and last year."""
    rng = np.random.default_rng(SEED)
    accounts, skus = draw_accounts(rng), draw_skus(rng)
    base = draw_base(rng, accounts, skus)
    tables = {"accounts": accounts, "skus": skus.drop(columns=["class", "volume"]), "mechanics": mechanics()}
    tables |= {"base": base, "seasons": seasons(), "response": draw_response(rng, base, skus)}
    return tables | {"eligibility": eligibility(accounts, skus), "locks": locks()}


def draw_accounts(rng: np.random.Generator) -> pd.DataFrame:
    """Terms: rebate 4-9 % of list, on-invoice 2-6 %, 45-90 days to pay; big hypermarkets ask for the most."""
    table = pd.read_csv(StringIO(ACCOUNTS))
    count, power = len(table), table["size"].rank(pct=True)
    table["segment"] = np.where(table["size"] >= 1.5, "A", np.where(table["size"] >= 0.8, "B", "C"))
    table["team"] = [f"{region} KA team" for region in table["region"]]
    table["customer_growth"] = rng.uniform(0.01, 0.09, count).round(3)
    table["on_invoice"] = (0.02 + 0.04 * power).round(3)
    table["rebate"] = (0.04 + 0.05 * power + rng.uniform(-0.01, 0.01, count)).round(3)
    table["logistics"] = rng.uniform(1.2, 2.8, count).round(2)
    table["retail_markup"] = rng.uniform(0.22, 0.38, count).round(2)
    table["compliance"] = rng.uniform(0.75, 0.96, count).round(2)
    slots = {"hypermarket": 4, "supermarket": 3, "club": 3}
    table["display_slots"] = [slots.get(channel, 2) for channel in table["channel"]]
    table["payment_days"] = rng.choice([45, 60, 75, 90], count)
    table[["window_open", "window_close"]] = table["window"].str.split("-", expand=True)
    table["grace_minutes"] = rng.choice([0, 15, 30], count)
    table["travel_minutes"] = rng.choice([60, 75, 90, 120, 150], count)
    table["dock_count"] = np.where(table["size"] >= 1.5, 3, 2)
    table["unload_minutes"] = rng.choice([30, 40, 50], count)
    table["penalty_rate"] = np.where(table["size"] >= 1.5, 0.03, 0.02)
    table["mismatch"] = rng.uniform(0.01, 0.04, count).round(3)
    table["fill_target"] = np.where(table["size"] >= 0.8, 0.95, 0.92)
    return table.drop(columns=["window"])


def draw_skus(rng: np.random.Generator) -> pd.DataFrame:
    """SKUs by category: two fast, some core, the last slow; cost 52-58 % of list, high-margin SKUs 36-42 %."""
    rows = []
    for category, zh, many, _, life, price, packs in CATEGORIES:
        for rank in range(many):
            kind = "fast" if rank < 2 and category != "coffee" else "slow" if rank >= many - 2 else "core"
            brand, brand_zh = list(BRANDS.items())[rank % 3]
            pack = packs[rank % len(packs)]
            rich = (rank % 3 == 1) if kind != "slow" else rank % 2 == 0
            volume, _, cover, cv = CLASSES[kind]
            list_price = round(price * rng.uniform(0.85, 1.2) * (1.25 if kind == "slow" else 1), 1)
            row = {"sku": f"{category.replace(' ', '-')}-{rank + 1}", "class": kind, "volume": volume}
            row |= {"name": f"{brand} {category} {rank + 1}, {pack}", "name_zh": f"{brand_zh}{zh}{rank + 1}号 {pack}"}
            row |= {"brand": brand, "category": category, "cluster": f"{category.replace(' ', '-')}-{rank // 3 + 1}"}
            share = rng.uniform(0.36, 0.42) if rich else rng.uniform(0.52, 0.58)
            row |= {"list_price": list_price, "unit_cost": round(list_price * share, 1)}
            row |= {"high_margin": "yes" if rich else "no", "shelf_life": life}
            row |= {"lot_cases": {"fast": 2500, "core": 900, "slow": 500}[kind], "lot_cover_weeks": cover}
            row |= {"safety_weeks": {"fast": 0.0, "core": 0.1, "slow": 0.3}[kind], "demand_cv": cv}
            rows.append(row)
    return pd.DataFrame(rows)


def draw_base(rng: np.random.Generator, accounts: pd.DataFrame, skus: pd.DataFrame) -> pd.DataFrame:
    """Weekly mean by account and SKU: class volume x account size x lognormal taste; slow SKUs are often not listed."""
    season = {category: profile for category, _, _, profile, *_ in CATEGORIES}
    listing = {"fast": 1.0, "core": 0.85, "slow": 0.5}
    rows = []
    for account in accounts.itertuples():
        for _, sku in skus.iterrows():
            taste, listed = np.exp(rng.normal(0, CLASSES[sku["class"]][1])), rng.random()
            if listed < listing[sku["class"]]:
                cases = round(sku["volume"] * account.size * taste, 1)
                price = round(sku["list_price"] * (1 + account.retail_markup), 1)
                rows.append((account.account, sku["sku"], cases, price, season[sku["category"]]))
    return pd.DataFrame(rows, columns=["account", "sku", "cases", "price", "season"])


def draw_response(rng: np.random.Generator, base: pd.DataFrame, skus: pd.DataFrame) -> pd.DataFrame:
    """Effects by account and SKU around the mean of the SKU's class: fast SKUs draw price shoppers, slow ones few."""
    kind = skus.set_index("sku")["class"]
    mean = {"fast": (-3.3, 0.85), "core": (-2.9, 0.75), "slow": (-1.9, 0.5)}
    rows = []
    for account, sku in base[["account", "sku"]].itertuples(index=False):
        elasticity, display = mean[kind[sku]]
        row = {"account": account, "sku": sku, "elasticity": min(elasticity + rng.normal(0, 0.45), -0.4)}
        row |= {"display": max(display + rng.normal(0, 0.18), 0.05), "feature": max(rng.normal(0.4, 0.1), 0.0)}
        row |= {"gift": max(rng.normal(0.55, 0.12), 0.05), "fatigue": rng.uniform(0.08, 0.25)}
        row |= {"dip": rng.uniform(0.1, 0.35), "dip_weeks": int(rng.integers(1, 3)), "cross": rng.uniform(0.03, 0.1)}
        row |= {"elasticity_se": rng.uniform(0.15, 0.45), "display_se": rng.uniform(0.08, 0.2)}
        rows.append({name: round(value, 3) if isinstance(value, float) else value for name, value in row.items()})
    return pd.DataFrame(rows)


def seasons() -> pd.DataFrame:
    """Index by week, 1 on average: hot months for water and tea, festivals for juice and plant milk."""
    week = np.arange(1, WEEKS + 1)
    festival = np.isin(week, (2, 3, *SPRING_FESTIVAL)) * 0.8 + np.isin(week, (36, 37, *NATIONAL_DAY)) * 0.35
    summer = 1 + 0.35 * np.cos(2 * np.pi * (week - 30) / WEEKS) + 0.2 * festival
    rows = []
    for name, shape in {"summer": summer, "festival": 1 + festival, "flat": np.ones(WEEKS)}.items():
        rows += [(name, w, round(v, 4)) for w, v in zip(week, shape / shape.mean(), strict=True)]
    return pd.DataFrame(rows, columns=["season", "week", "index"])


def mechanics() -> pd.DataFrame:
    """The nine treatments."""
    return pd.read_csv(StringIO(MECHANICS), dtype=str)


def eligibility(accounts: pd.DataFrame, skus: pd.DataFrame) -> pd.DataFrame:
    """Where mechanics make no sense or are closed; later rows override earlier ones."""
    space = ("stack", "endcap-cut10", "gift-stack", "tasting")
    rows = []
    for sku, kind in skus[["sku", "class"]].itertuples(index=False):
        closed = {"fast": (), "core": ("tasting",), "slow": ("cut10", "cut20", *space, "leaflet-cut15")}[kind]
        rows += [("*", sku, treatment, "", "small SKU without a place for it") for treatment in closed]
    for sku in skus.loc[skus["high_margin"] == "yes", "sku"]:
        rows.append(("*", sku, "cut20", "", "price floor of the brand"))
    for account, channel in accounts[["account", "channel"]].itertuples(index=False):
        if channel in ("convenience", "online", "community"):
            rows += [(account, "*", t, "", "no floor space") for t in ("stack", "gift-stack", "tasting")]
    weeks = f"{SPRING_FESTIVAL[0]}-{SPRING_FESTIVAL[-1]}"
    rows += [("*", "*", t, weeks, "floor space goes to gift boxes before the Spring Festival") for t in space]
    rows += [("*", "*", "tasting", f"{NATIONAL_DAY[0]}-{NATIONAL_DAY[1]}", "no staff over the National Day holiday")]
    rows += [("weilan", "*", "*", "26", "stocktaking"), ("haoduo", "*", "*", "1", "membership campaign of the club")]
    table = pd.DataFrame(rows, columns=["account", "sku", "treatment", "weeks", "because"]).drop_duplicates()
    table.insert(4, "allowed", "no")
    return table


def locks() -> pd.DataFrame:
    """What is already signed, promised or excluded."""
    rows = [
        ("weilan", "tea-1", 2, 2, "cut10", "committed", "signed for the New Year rush"),
        ("yuelai", "juice-1", 2, 2, "gift", "committed", "signed for the New Year rush"),
        ("hengfeng", "soda-1", 8, 2, "stack", "committed", "floor space is paid"),
        ("baicheng", "water-1", 22, 2, "", "must", "anniversary of the chain"),
        ("minle", "sports-1", 27, 1, "", "must", "summer games"),
        ("luyuan", "juice-2", 36, 2, "", "must", "Mid-Autumn leaflet"),
        ("haoduo", "tea-2", 30, 4, "", "forbidden", "exclusive pack of a competitor"),
        ("tianjie", "coffee-1", 10, 3, "", "forbidden", "relaunch"),
        ("chenguang", "water-2", 18, 2, "", "forbidden", "shelves are rebuilt"),
    ]
    return pd.DataFrame(rows, columns=["account", "sku", "week", "weeks", "treatment", "lock", "because"])
