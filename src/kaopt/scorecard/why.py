"""Why a figure does not apply, in Chinese; the English reason is the key, word for word."""

from __future__ import annotations

WHY: dict[str, str] = {
    "no simulation of this plan": "方案未经仿真",
    "not simulated": "未经仿真",
    "one SKU only: no mix of products": "只有一个品项，无结构可言",
    "no SKU is marked as high-margin": "没有标为高毛利的品项",
    "no sales of last year in the scenario": "情景中没有去年销售额",
    "no growth of the customer in the scenario": "情景中没有客户增长率",
    "no category revenue of the customer in the scenario": "情景中没有客户的品类销售额",
    "nothing promised": "协议无承诺",
    "no promotion, so no spend to earn on": "没有促销，也就没有费用可言",
    "no cost of capital in the scenario": "情景中没有资金成本",
    "no retail price in the scenario": "情景中没有零售价",
    "no sales": "没有销售",
    "no orders": "没有订单",
    "nothing was invoiced": "没有开票",
}
