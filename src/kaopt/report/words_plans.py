"""Every text of the pages that show several plans, in both languages."""

from __future__ import annotations

from kaopt.report.words_experiment import EXPERIMENT_WORDS

PLAN_WORDS: dict[str, tuple[str, str]] = {
    **EXPERIMENT_WORDS,
    "money_in": ("money in {currency}", "金额单位 {currency}"),
    "objective": ("objective", "目标值"),
    "bound": ("no plan exceeds", "任何方案都不会超过"),
    "gap": ("proven gap", "已证明差距"),
    "found": ("plans found", "找到的方案"),
    "gained": ("gained by promotions", "促销净增贡献"),
    "gained_in": ("gained by promotions, {unit}", "促销净增贡献，{unit}"),
    "objective_in": ("objective, {unit}", "目标值，{unit}"),
    "cases": ("cases gained, net", "净增箱数"),
    "spend": ("promotion spend", "促销费用"),
    "events": ("promotions", "促销场次"),
    "sku": ("SKU", "品项"),
    # frontier
    "frontier": ("What more, or less, buys", "增减一项设置能换来什么"),
    "points": ("{made} of {all} points have a plan", "{all} 个点中 {made} 个有方案"),
    "own_value": ("the scenario's own value: {value}", "情景自身的取值：{value}"),
    "worth": (
        "From {at} on, {more} more of it bring {worth} {unit} (for the best plans between {least} and {most}).",
        "从 {at} 起，每增加 {more} 带来 {worth} {unit}（最优方案必在 {least} 与 {most} 之间）。",
    ),
    "no_worth": (
        "Between these points no price of a unit can be named.",
        "这些点之间无法给出单位价格。",
    ),
    "chart_title": ("The curve", "曲线"),
    "chart_note": (
        "Blue: plans found. The light band reaches to what is proven that no plan exceeds.",
        "蓝线为找到的方案；浅色带的上沿是已证明任何方案都不会超过的值。",
    ),
    "own_marked": ("The dashed line is the scenario's own value.", "虚线为情景自身的取值。"),
    "no_plan_here": ("no plan keeps every rule here", "此处没有方案能守住全部规则"),
    "points_title": ("Point by point", "逐点"),
    "points_note": (
        "Every point is a certified plan of its own, in a folder beside this page. Figures as planned. The last "
        "column: what more of the setting brings up to the next plan; below it, its range for the best plans.",
        "每个点都是一份有证明的方案，存放在本页旁边的文件夹中；数字为计划值。"
        "最后一列：到下一方案为止，增加该设置所带来的目标值；其下为最优方案之间必然所在的范围。",
    ),
    "setting": ("setting", "设置"),
    "growth_index": ("growth index", "增长指数"),
    "next_unit": ("next {more}", "再加 {more}"),
    "infeasible": ("the rules cannot all hold", "规则不能同时满足"),
    "no_plan": ("no plan within the limit", "在限制内没有方案"),
    "dominated_short": ("dominated", "被支配"),
    # near
    "near": ("A plan repaired with few changes", "以最少改动修补方案"),
    "given_plan": (
        "the given plan: objective {objective}, rules broken: {breaches}",
        "原方案：目标值 {objective}，违反 {breaches} 条规则",
    ),
    "fewest": ("at least {proven} changes are needed (proven)", "至少需要 {proven} 处改动（已证明）"),
    "chosen_plan": (
        "This run's plan makes {changes} changes: {dropped} promotions dropped, {added} added.",
        "本次方案共 {changes} 处改动：去掉 {dropped} 场，新增 {added} 场。",
    ),
    "near_chart": ("What further changes bring", "更多改动能带来什么"),
    "near_chart_note": (
        "The dashed line is this run's plan. The light band reaches to what no plan of so many changes exceeds.",
        "虚线为本次方案；浅色带的上沿是同样改动数的任何方案都不会超过的值。",
    ),
    "near_table": ("Plan by plan", "逐个方案"),
    "near_note": (
        "A change is a promotion of the given plan that is not kept, or one that it does not have. Every plan keeps "
        "all rules.",
        "一处改动指原方案中未保留的一场促销，或原方案没有的一场促销；每个方案都守住全部规则。",
    ),
    "changes": ("changes", "改动"),
    "dropped": ("dropped", "去掉"),
    "added": ("added", "新增"),
    "any_number": ("any number of changes", "不限改动"),
    "this_run": ("this run's plan", "本次方案"),
    # compare
    "compare": ("Plans side by side", "方案对比"),
    "kpis": ("Five KPIs", "五项指标"),
    "kpis_note": (
        "Every figure is the one in the plan's own scorecard. Green: no plan is better. Below: what the plan gives up "
        "against the best, and its target.",
        "所有数字均取自各方案自己的记分卡。绿色为最优；下方为相对最优所让出的部分以及目标。",
    ),
    "dominated": ("dominated", "被支配"),
    "none_dominated": (
        "No plan is dominated: each is better than every other in some KPI.",
        "没有方案被支配：任意两个方案各有所长。",
    ),
    "is_dominated": (
        "{name} is dominated by {by}: better in no KPI, worse in at least one.",
        "{name} 被 {by} 支配：没有一项指标更好，且至少一项更差。",
    ),
    "events_in": ("{count} promotions", "{count} 场促销"),
    "proven_gap": ("proven gap {gap}", "已证明差距 {gap}"),
    "calendar": ("Promotions: {a} against {b}", "促销日历：{a} 对比 {b}"),
    "calendar_counts": (
        "Promotions that stay: {same}; moved by a week: {moved}; with another mechanic or length: {changed}; only in "
        "{a}: {first}; only in {b}: {second}.",
        "{same} 场不变，{moved} 场前后移一周，{changed} 场更换机制或时长，"
        "仅 {a} 有 {first} 场，仅 {b} 有 {second} 场。",
    ),
    "more_in_csv": ("{count} more are in calendar.csv", "另有 {count} 项见 calendar.csv"),
    "what": ("difference", "差异"),
    "show": ("show {count} promotions", "显示 {count} 场促销"),
    "gives_up": ("gives up {much}", "让出 {much}"),
    "is_more": ("{much} more", "多 {much}"),
    "event_moved": ("moved", "移动"),
    "event_changed": ("changed", "更换"),
    "event_only": ("only in one", "仅一方有"),
    "in_weeks": ("week {weeks}, {treatment}", "第 {weeks} 周，{treatment}"),
}
