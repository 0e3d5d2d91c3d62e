"""Texts of what explains a plan, or that there is none, in both languages."""

from __future__ import annotations

EXPLAIN: dict[str, tuple[str, str]] = {
    # no plan
    "no_plan": ("No plan", "没有可行方案"),
    "cannot_hold": ("The rules cannot all hold.", "这些要求不能同时满足。"),
    "conflicts": ("What cannot hold together", "互相矛盾的要求"),
    "conflicts_note": (
        "Every rule named is needed for the conflict: without any one of them the others can hold.",
        "每条要求都是矛盾的必要部分：去掉其中任何一条，其余的就能同时满足。",
    ),
    "no_conflict_named": ("No single conflict could be named in the time given.", "在限定时间内未能指出具体的矛盾。"),
    "ways_out": ("The cheapest ways out", "代价最小的出路"),
    "ways_out_note": (
        "Each way out was solved again with the limits moved, and a plan that keeps them was found.",
        "每条出路都在调整限额后重新求解，并找到了满足全部要求的方案。",
    ),
    "worth_then": ("the plan then brings", "届时方案带来"),
    "from": ("from", "由"),
    "to": ("to", "改为"),
    "no_way_out": (
        "No way out was found that leaves alone what is signed and what is physically so.",
        "在不动已签事项和物理限制的前提下没有找到出路。",
    ),
    # what money buys
    "buys": ("What 100 of spend buys", "每百元费用买到什么"),
    "buys_note": (
        "Average: cases gained per 100 of spend in the plan. Last and next: what the least useful chosen and the best "
        "other promotion bring per 100, in units of the objective, once every other rule is paid for.",
        "平均：方案中每百元费用的净增箱数。末百元与下一个百元：入选中最弱与落选中最强的促销，"
        "在付清其他约束的代价后，每百元带来的目标值。",
    ),
    "average": ("average", "平均"),
    "last_hundred": ("last 100", "末百元"),
    "next_hundred": ("next 100", "下一个百元"),
    "family": ("by mechanic", "按机制"),
    "treatment": ("by treatment", "按具体机制"),
    "sku": ("by SKU", "按品项"),
    "total": ("in total", "合计"),
    "price_one_more": ("one more is worth", "再多一单位的价值"),
    "dearest": ("What the dearest limits cost", "最贵的限额"),
    "dearest_note": (
        "Worth of one unit more of the limit, in units of the objective; beside it what a unit of the last and of the "
        "next five percent is worth, by solving again.",
        "限额每放宽一单位的价值（按目标值计）；旁边是重新求解得到的末百分之五与下一个百分之五的单位价值。",
    ),
    "last_steps": ("last 5 %", "末 5%"),
    "next_steps": ("next 5 %", "下一个 5%"),
}
