"""The report's texts about what was delivered and what was not."""

from __future__ import annotations

SERVICE: dict[str, tuple[str, str]] = {
    "fills": ("From order fill to value fill", "从整单满足率到金额满足率"),
    "fills_note": (
        "Points that each cause takes off each definition; a failed order may hold lines that came in full, a failed "
        "line cases that were accepted. A step is the difference between two columns; OTIF: on time and in full.",
        "各原因在每种口径下扣去的百分点；未满足的订单里可有整行到货，未满足的行里可有部分到箱。两列之差即为一步。",
    ),
    "fill_otif": ("OTIF", "准时足量"),
    "fill_order": ("orders", "整单"),
    "fill_line": ("lines", "订单行"),
    "fill_case": ("cases", "箱数"),
    "fill_value": ("value", "金额"),
    "fill_promised": ("delivered in the end", "最终交付"),
    "fill_requested": ("with the delivery asked for", "按要求交付"),
    "clauses": ("Deductions by contract clause", "按合同条款的扣款"),
    "clause_failed_value": ("share of failed value", "按未满足金额扣款"),
    "clause_fill_below": ("fill rate below the agreed level", "满足率低于约定"),
    "clause_late_truck": ("late truck", "车辆迟到"),
    "clause_late_order": ("late order", "订单迟交"),
    "clause_wrong_line": ("wrong line", "错误订单行"),
    "clause_price_difference": ("price difference", "价差"),
    "clause_promotion_discount": ("promotion discount", "促销折扣"),
    "ages": ("How old goods are, share of shelf life", "货龄分布（占保质期）"),
    "ages_stock": ("in the warehouse", "在库"),
    "ages_met": ("on delivery", "到货时"),
    "ages_axis": ("age, % of shelf life", "货龄，占保质期 %"),
    "ages_share": ("share of cases", "箱数占比"),
    "past_limit": ("stock older than the customer accepts", "超出客户验收货龄的库存"),
    "after": ("After delivery", "交付之后"),
    "returned": ("goods that came home refused, a year", "全年拒收退回"),
    "unsold_back": ("goods that customers sent back unsold, a year", "全年客户退回的滞销品"),
    "order_to_cash": ("from order to payment", "从下单到回款"),
    "written_off": ("aged and damaged stock, a year", "全年临期与破损损失"),
}
