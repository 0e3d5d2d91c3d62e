"""What a comparison says on a terminal, in English and Chinese."""

from __future__ import annotations

MEASURE: dict[str, tuple[str, str]] = {
    "net_revenue": ("sales: net revenue", "销售收入：净销售额"),
    "high_margin_share": ("sales: high-margin share", "销售收入：高毛利占比"),
    "growth_index": ("share: growth index", "市场份额：增长指数"),
    "category_share": ("share: of the customers' category", "市场份额：占客户品类"),
    "promotions": ("execution: promotions", "门店执行：促销次数"),
    "displays": ("execution: display-weeks", "门店执行：陈列周数"),
    "contribution": ("profit: contribution", "经营利润：贡献"),
    "incremental_contribution": ("profit: gained by promotions", "经营利润：促销净增贡献"),
    "incremental_cases": ("profit: cases gained, net", "经营利润：净增箱数"),
    "return_on_spend": ("profit: net return on spend", "经营利润：费用净回报率"),
    "cases_per_100": ("profit: cases per 100 money", "经营利润：每百元净增箱数"),
    "value": ("order fill rate: by value", "订单满足率：按金额"),
    "otif": ("order fill rate: on time in full", "订单满足率：准时足额"),
    "trade_spend": ("trade spend, all kinds", "费用合计"),
    "in_promotions": ("of it promotions", "其中促销"),
    "rebate": ("of it rebates", "其中返利"),
    "fees": ("of it agreement fees", "其中合同费用"),
    "trade_rate": ("spend over gross sales", "费用率（占牌价销售额）"),
    "penalties": ("penalties a year", "年违约金"),
}
SAYS: dict[str, tuple[str, str]] = {
    "planned": ("planned", "计划"),
    "delivered": ("delivered", "兑现"),
    "expected": ("expected", "预计"),
    "simulated": ("simulated", "仿真"),
    "gives_up": ("gives up", "让出"),
    "best": ("* the best of these plans in this KPI", "* 该指标最优的方案"),
    "dominated": (
        "{name} is dominated: no KPI is better than in {by}, and one is worse",
        "{name} 被支配：没有一项指标优于 {by}，且至少一项更差",
    ),
}
CALENDAR = (
    "{first} -> {second}: promotions that stay {same}, moved by a week {moved}, with another mechanic or length "
    "{changed}, only in {first} {only_first}, only in {second} {only_second}",
    "{first} -> {second}：{same} 场不变，{moved} 场前后移一周，{changed} 场更换机制或时长，"
    "仅 {first} 有 {only_first} 场，仅 {second} 有 {only_second} 场",
)
