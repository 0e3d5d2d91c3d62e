"""The tables of a scenario: one frozen class each, one declaration per column.

Each field is an array (or tuple of texts) with one entry per row of the file. Optional cells that were left
empty hold the declared default; NaN means "does not apply".
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan

from kaopt.scenario.columns import Bools, Floats, Ints, Texts, column


@dataclass(frozen=True, eq=False)
class Accounts:
    """The key accounts; [A] entries."""

    account: Texts = column("id", "the account's id", zh=("客户", "重点客户", "客户编码"))
    name: Texts = column("text", "name to show", zh=("客户名称",), default="")
    name_zh: Texts = column("text", "Chinese name to show", zh=("客户中文名",), default="")
    segment: Texts = column("text", "segment to group by", zh=("客户类型", "细分"), default="")
    channel: Texts = column("text", "channel, a node of the budget tree", zh=("渠道",), default="")
    region: Texts = column("text", "region, a node of the budget tree", zh=("区域", "大区"), default="")
    team: Texts = column("text", "account manager or team", zh=("团队", "客户经理"), default="")
    last_year_revenue: Floats = column(
        "money", "our net sales value at the account last year", unit="money/year", zh=("去年销售额", "去年收入"), default=nan
    )
    last_year_cases: Floats = column("cases", "our volume last year", unit="case/year", zh=("去年销量",), default=nan)
    sales_target: Floats = column(
        "money", "net sales value promised for the horizon", unit="money", zh=("销售目标", "收入目标"), default=nan
    )
    customer_growth: Floats = column(
        "rate", "growth of the customer's own category sales over last year", unit="share of 1", zh=("客户增长", "客户增长率"), default=nan
    )
    category_revenue: Floats = column(
        "money", "the customer's category retail sales last year, without value-added tax", unit="money/year", zh=("客户品类销售额",), default=nan
    )
    notice_days: Ints = column(
        "days", "how long before its start a promotion is agreed with this account", unit="day", zh=("提前期", "促销提前天数"), default=60
    )
    on_invoice: Floats = column(
        "share", "standing on-invoice discount, share of list price", unit="share of 1", zh=("票面折扣",), default=0.0
    )
    rebate: Floats = column(
        "share", "flat unconditional rebate, share of list price", unit="share of 1", zh=("返利", "返利率"), default=0.0
    )
    contract_fee: Floats = column(
        "money", "threshold and listing fees of the agreement, paid whatever happens", unit="money", zh=("门槛费", "合同费用"), default=0.0
    )
    logistics: Floats = column("money", "cost to serve", unit="money/case", zh=("物流成本",), default=0.0)
    retail_markup: Floats = column(
        "share", "retail price over list price less one, where the base table gives no price", unit="share of 1", zh=("加价率",), default=0.25
    )
    vat: Floats = column("share", "value-added tax inside retail prices, share of the price without it", unit="share of 1", zh=("增值税率", "税率"), default=0.0)
    retailer_profit_last_year: Floats = column(
        "signed_money", "the account's own profit on our products last year", unit="money/year", zh=("客户去年毛利", "客户去年利润"), default=nan
    )
    compliance: Floats = column(
        "share", "share of planned promotions and displays that really happen", unit="share of 1", zh=("执行率", "执行达成率"), default=1.0
    )
    compliance_se: Floats = column("share", "standard error of that share, from the store visits that measured it", unit="share of 1", zh=("执行率标准误",), default=0.0)
    display_slots: Ints = column("count", "displays that fit in one week", unit="display", zh=("陈列位", "陈列数量上限"), default=10**6)
    promotions_due: Ints = column("count", "promotions promised in the agreement", unit="event", zh=("协议促销次数",), default=0)
    displays_due: Ints = column("count", "display-weeks promised in the agreement", unit="display-week", zh=("协议陈列数",), default=0)
    payment_days: Ints = column("days", "payment term", unit="day", zh=("账期",), default=0)
    credit_limit: Floats = column("money", "most that may be invoiced and not yet paid", unit="money", zh=("信用额度",), default=inf)
    acceptance_age: Floats = column(
        "share", "maximum age at receipt as a share of shelf life", unit="share of 1", zh=("允收期",), default=1.0
    )
    order_days: tuple[tuple[int, ...], ...] = column(
        "weekdays", "days on which the account's orders are due for delivery (Mon = 1)", zh=("订货日", "送货日"), default=(1, 3, 5)
    )
    window_open: Ints = column("clock", "delivery window opens", unit="minute of the day", zh=("送货窗口开始",), default=0)
    window_close: Ints = column("clock", "delivery window closes", unit="minute of the day", zh=("送货窗口结束",), default=24 * 60)
    grace_minutes: Ints = column("minutes", "lateness that is still accepted", unit="minute", zh=("宽限",), default=0)
    travel_minutes: Ints = column("minutes", "mean trip from the warehouse", unit="minute", zh=("运输时间",), default=60)
    dock_count: Ints = column("count", "docks of the customer's receiving point", unit="dock", zh=("收货口",), default=2)
    unload_minutes: Ints = column("minutes", "unloading time of one truck", unit="minute", zh=("卸货时间",), default=30)
    penalty_rate: Floats = column(
        "share", "order penalty as a share of the value that failed", unit="share of 1", zh=("违约金率", "订单违约金率"), default=0.0
    )
    mismatch: Floats = column(
        "share", "chance that an order line is refused for price or paperwork", unit="share of 1", zh=("价格差异率",), default=0.0
    )
    tier: Ints = column("count", "freshness tier, 1 the strictest; where no account has one, by acceptance age", unit="tier", zh=("保鲜等级", "新鲜度等级"), default=0)
    fill_target: Floats = column("share", "order fill rate that the customer demands", unit="share of 1", zh=("订单满足率目标",), default=nan)
    warehouse: Texts = column("id", "warehouse that delivers to it; empty: the first", zh=("发货仓",), default="", refers="warehouses")
    call_offs: Floats = column("effect", "call-offs a week that come at random (Poisson) instead of orders for the order days, each for the demand between two; 0: none", unit="order/week", zh=("每周随机要货次数",), default=0.0)
    call_off_lead: Ints = column("minutes", "from a call-off to the moment for which it is wanted", unit="minute", zh=("要货提前时间",), default=24 * 60)


@dataclass(frozen=True, eq=False)
class Skus:
    """What we sell; [S] entries."""

    sku: Texts = column("id", "the SKU's id", zh=("品项", "单品", "产品编码"))
    name: Texts = column("text", "name to show", zh=("品名", "产品名称"), default="")
    name_zh: Texts = column("text", "Chinese name to show", zh=("产品中文名",), default="")
    brand: Texts = column("text", "brand", zh=("品牌",), default="")
    category: Texts = column("text", "category", zh=("品类",), default="")
    cluster: Texts = column(
        "text", "SKUs of one cluster take sales from each other; empty: from none", zh=("替代组",), default=""
    )
    list_price: Floats = column("factor", "list price", unit="money/case", zh=("价格", "出厂价", "牌价"))
    unit_cost: Floats = column("money", "cost of goods", unit="money/case", zh=("成本", "单位成本"))
    high_margin: Bools = column("flag", "counts as a high-margin product", zh=("高毛利",), default=False)
    shelf_life: Ints = column("days", "shelf life", unit="day", zh=("保质期",), default=365)
    lot_cases: Floats = column("cases", "smallest production lot", unit="case", zh=("最小批量", "批量"), default=0.0)
    lot_cover_weeks: Floats = column(
        "factor", "a lot covers at least this many weeks of expected demand", unit="week", zh=("批量周数",), default=1.0
    )
    safety_weeks: Floats = column("number", "safety stock in weeks of expected demand", unit="week", zh=("安全库存周数",), default=0.5)
    stop_age: Floats = column("share", "key accounts are sent nothing older at receipt", unit="share of shelf life", zh=("停发货龄", "禁发货龄"), default=1.0)
    scrap_age: Floats = column("share", "older stock is scrapped", unit="share of shelf life", zh=("报废货龄",), default=1.0)
    demand_cv: Floats = column("effect", "coefficient of variation of weekly base demand", unit="share of 1", zh=("需求变异",), default=0.2)
    opening_cases: Floats = column(
        "cases", "free stock when the horizon begins, produced in the week before", unit="case", zh=("期初库存",), default=0.0
    )
    plant: Texts = column("id", "plant that makes it; empty: the first", zh=("生产工厂",), default="", refers="plants")
    lot_multiple: Floats = column("cases", "lots are a multiple of this", unit="case", zh=("批量倍数",), default=0.0)
    pallet_cases: Ints = column("count", "cases on a pallet", unit="case", zh=("每托箱数",), default=60)
    level_cases: Floats = column(
        "cases", "every warehouse is kept at this level (min or order-up-to), whatever the forecast; empty: by forecast and safety", unit="case", zh=("固定目标库存",), default=nan
    )
    intake_cases: Floats = column(
        "cases", "comes in whatever is planned, as milk does: mean of a Poisson number", unit="case/week", zh=("被动进货",), default=0.0
    )


@dataclass(frozen=True, eq=False)
class Treatments:
    """What a promotion may be: a mechanic with its depth and display (file: mechanics); [K] entries."""

    treatment: Texts = column("id", "the treatment's id", zh=("促销机制", "机制"))
    name: Texts = column("text", "name to show", zh=("机制名称",), default="")
    name_zh: Texts = column("text", "Chinese name to show", zh=("机制中文名",), default="")
    family: Texts = column("text", "mechanic family: price, display, feature, gift; a node of the budget tree", zh=("类型", "费用类型"))
    depth: Floats = column("share", "trade discount, share of list price", unit="share of 1", zh=("折扣", "折扣深度"), default=0.0)
    pass_through: Floats = column("effect", "retail discount over trade discount", unit="share of 1", zh=("传导率",), default=1.0)
    display: Floats = column("effect", "display strength (1 = every store)", unit="share of 1", zh=("陈列", "陈列强度"), default=0.0)
    feature: Floats = column("effect", "feature strength (1 = every store)", unit="share of 1", zh=("海报",), default=0.0)
    gift: Floats = column("effect", "gift strength (1 = every store)", unit="share of 1", zh=("赠品",), default=0.0)
    lengths: tuple[tuple[int, ...], ...] = column("lengths", "weeks that one event may last", unit="week", zh=("档期周数",), default=(1,))
    lead_time: Ints = column("days", "notice that the mechanic needs", unit="day", zh=("所需提前期", "准备天数"), default=0)
    fixed_cost: Floats = column("money", "lump sum per event", unit="money/event", zh=("固定费用",), default=0.0)
    weekly_cost: Floats = column("money", "fee per active week", unit="money/week", zh=("每周费用", "陈列费"), default=0.0)
    unit_cost: Floats = column("money", "further cost per case sold in the event (gift, coupon)", unit="money/case", zh=("单箱费用",), default=0.0)
    settled: Texts = column(
        "text", "on what the trade discount is paid: sell_in (cases invoiced) or sell_out (cases scanned at the till)", zh=("结算方式",), default="sell_in"
    )
    slots: Ints = column("count", "display slots taken per active week", unit="display", zh=("占用陈列位",), default=0)


@dataclass(frozen=True, eq=False)
class BaseTable:
    """Expected sales with no promotion: by week, or (week empty) a weekly mean times a season profile."""

    account: Texts = column("id", "account", zh=("客户",), refers="accounts")
    sku: Texts = column("id", "SKU", zh=("品项",), refers="skus")
    week: Ints = column("week", "week of the horizon; empty: every week, shaped by `season`", zh=("周",), default=0)
    cases: Floats = column("cases", "base volume", unit="case/week", zh=("基础销量", "销量"))
    price: Floats = column("factor", "base retail price", unit="money/case", zh=("零售价",), default=nan)
    season: Texts = column("text", "season profile", zh=("季节",), default="", refers="seasons")


@dataclass(frozen=True, eq=False)
class SeasonTable:
    """Season profiles: the index of a week, 1 on average."""

    season: Texts = column("id", "profile", zh=("季节",))
    week: Ints = column("week", "week of the horizon", zh=("周",))
    index: Floats = column("effect", "factor on the weekly mean", zh=("指数",))


@dataclass(frozen=True, eq=False)
class EligibilityTable:
    """Where a treatment may be used. No table: everywhere. A later row overrides an earlier one; `*` is every one.

    A table whose first row closes (allowed = no) closes parts of an open world; one whose first row opens, opens
    parts of a closed one.
    """

    account: Texts = column("id", "account or *", zh=("客户",), refers="accounts", default="*")
    sku: Texts = column("id", "SKU or *", zh=("品项",), refers="skus", default="*")
    treatment: Texts = column("id", "treatment or *", zh=("机制",), refers="mechanics", default="*")
    weeks: tuple[tuple[int, ...], ...] = column("weeks", "weeks; empty: all", zh=("周",), default=())
    allowed: Bools = column("flag", "no = closed (blackout)", zh=("允许",), default=True)
    because: Texts = column("text", "reason to show", zh=("原因",), default="")


@dataclass(frozen=True, eq=False)
class LockTable:
    """What is settled before the plan is made."""

    account: Texts = column("id", "account", zh=("客户",), refers="accounts")
    sku: Texts = column("id", "SKU", zh=("品项",), refers="skus")
    week: Ints = column("week", "first week", zh=("周",))
    weeks: Ints = column("count", "number of weeks", zh=("周数",), default=1)
    treatment: Texts = column("id", "treatment; empty: any", zh=("机制",), default="", refers="mechanics")
    lock: Texts = column("text", "must (promoted in each of these weeks), forbidden (not promoted) or committed (this very event)", zh=("锁定",))
    because: Texts = column("text", "reason to show", zh=("原因",), default="")


@dataclass(frozen=True, eq=False)
class BudgetTable:
    """Spend limits by account, referred to by `budget: {by_account: tables/budgets.csv}`."""

    account: Texts = column("id", "account", zh=("客户",), refers="accounts")
    quarter: Ints = column("count", "quarter of the horizon from 1; empty: the whole horizon", zh=("季度",), default=0)
    max: Floats = column("money", "most that may be spent", unit="money", zh=("上限", "预算"), default=inf)
    min: Floats = column("money", "least that must be spent", unit="money", zh=("下限",), default=0.0)


@dataclass(frozen=True, eq=False)
class PlanTable:
    """A plan as people keep it; further columns of plan.csv are read over."""

    account: Texts = column("id", "account", zh=("客户",), refers="accounts")
    sku: Texts = column("id", "SKU", zh=("品项",), refers="skus")
    week: Ints = column("week", "first week", zh=("周",))
    weeks: Ints = column("count", "number of weeks", zh=("周数",), default=1)
    treatment: Texts = column("id", "treatment", zh=("机制",), refers="mechanics")
    reason: Texts = column("text", "why it is there", zh=("原因",), default="")
