"""Every text about plans against sampled worlds, in both languages."""

from __future__ import annotations

RISK_WORDS: dict[str, tuple[str, str]] = {
    "risk": ("If responses are not as estimated", "如果促销反应与估计不同"),
    "certain": (
        "The response has no standard errors: nothing was sampled, and planned figures have no range.",
        "反应系数没有标准误：未做抽样，计划数没有区间。",
    ),
    "range_note": (
        "± of planned figures: {level} of {worlds} worlds whose responses are drawn from their standard errors.",
        "计划数的 ±：按反应系数的标准误抽样 {worlds} 个世界，{level} 落在其中。",
    ),
    "fresh": (
        "The plan was made for {samples} sampled worlds, with {weight} of the weight on the worst {worst} of them. "
        "Here it stands in {fresh} others, which no plan was made for, with 95 % intervals; {unit}.",
        "方案针对抽样的 {samples} 个世界制定，其中最差的 {worst} 占权重 {weight}。下表为另外 {fresh} 个世界中的表现"
        "（没有方案针对它们制定），附 95 % 区间；单位：{unit}。",
    ),
    "cases": ("cases of the objective", "目标值（箱）"),
    "plan": ("plan made for", "方案的制定依据"),
    "mean": ("mean", "平均"),
    "tail": ("worst {worst}", "最差的 {worst}"),
    "tenth": ("worst tenth", "最差的十分之一"),
    "for_estimates": ("the estimates, as if certain", "估计值（视为确定）"),
    "for_mean": ("the mean over sampled worlds", "抽样世界的平均"),
    "for_risk": ("this plan", "本方案"),
    "less_estimates": ("this plan less the one for the estimates", "本方案减去按估计值的方案"),
    "less_mean": ("this plan less the one for the mean", "本方案减去按平均的方案"),
    "knowing": (
        "Not knowing the responses costs {found} (±{half}): the best plan of a world, made for it alone, less this "
        "plan there, over {worlds} worlds; no more than {most} by what is proven (to a gap of {gap}).",
        "不知道真实反应的代价为 {found}（±{half}）：每个世界各自的最优方案减去本方案，取 {worlds} 个世界的平均；"
        "按已证明的上界不超过 {most}（差距 {gap}）。",
    ),
    "knowing_one": (
        "Not knowing the responses costs {found} in the one world that was looked at; no more than {most} by what is "
        "proven (to a gap of {gap}).",
        "在所考察的一个世界中，不知道真实反应的代价为 {found}；按已证明的上界不超过 {most}（差距 {gap}）。",
    ),
}
