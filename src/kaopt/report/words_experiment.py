"""Every text of an experiment's page in both languages."""

from __future__ import annotations

EXPERIMENT_WORDS: dict[str, tuple[str, str]] = {
    "experiment": ("Policies on the same luck", "同一随机数下的策略试验"),
    "tried": ("{count} policies", "{count} 种策略"),
    "lived": ("{count} simulated years", "共 {count} 次全年仿真"),
    "sure_to": ("intervals hold with {level}", "置信水平 {level}"),
    "until": (
        "each until its difference from the baseline is known to ±{width}",
        "每种策略仿真至与基准之差精确到 ±{width}",
    ),
    "best_sure": (
        "Best: {best}. The choice is right with a probability of at least {promised} if it leads all others by {zone}; "
        "estimated from these years: {estimated}.",
        "最优：{best}。若领先其他全部策略 {zone} 以上，选对的概率不低于 {promised}；按所得年份估计为 {estimated}。",
    ),
    "best_open": (
        "Leading: {best}, with an estimated probability of at least {estimated} of being the best.",
        "领先：{best}，估计其为最优的概率不低于 {estimated}。",
    ),
    "best_found": (
        "{best} does best in {measure}: {figure}, {difference} against the baseline.",
        "{measure}最好的是 {best}：{figure}，相对基准 {difference}。",
    ),
    "nothing_better": (
        "No policy is surely better than the baseline in {measure}.",
        "没有策略在{measure}上确定优于基准。",
    ),
    "against_title": ("Against the baseline", "与基准相比"),
    "against_note": (
        "Paired difference in {measure}, replication by replication on the same luck, with its interval. A line that "
        "does not touch the middle is a difference; filled: still one when all policies are judged together (Holm).",
        "{measure}的配对差及其区间：每次仿真使用同一随机数。区间不触及中线即为差异；"
        "实心点表示经 Holm 校正后对全部策略仍成立。",
    ),
    "trade_title": ("{y} against {x}", "{y} 与 {x}"),
    "trade_note": (
        "Every policy with both intervals; top left is best. Numbers are those of the table.",
        "每种策略及其两个方向的区间；左上为优。编号见下表。",
    ),
    "is_baseline": ("baseline", "基准"),
    "not_dominated": ("not dominated", "未被支配"),
    "dominated_one": ("dominated", "被支配"),
    "table_title": ("Policy by policy", "逐个策略"),
    "table_note": (
        "± half of the interval of the mean year; below it the paired difference from the baseline, bold where it is "
        "sure among all policies together. Dominated: another policy is no worse in any measure and surely better in "
        "one. Shares differ by percentage points (pp).",
        "± 为全年均值区间的一半；其下为与基准的配对差，粗体表示对全部策略同时成立。"
        "被支配：另有策略在各项指标上均不差，且至少一项确定更好。比率之差以百分点（pp）计。",
    ),
    "more_title": ("Risk and what the same luck was worth", "风险与同一随机数的价值"),
    "more_note": (
        "Correlation between the policy and the baseline over the same replications: the closer to 1, the fewer years "
        "a comparison takes. Chance of a year below the contract level with its exact interval.",
        "相关系数为同一次仿真中策略与基准之间的相关：越接近 1，比较所需的年份越少。低于合同水平的概率附精确区间。",
    ),
    "policy": ("policy", "策略"),
    "years": ("years", "次数"),
    "how_ended": ("ended", "结束方式"),
    "correlation": ("correlation, {measure}", "相关系数，{measure}"),
    "p_holm": ("p, all policies", "p 值（全部策略）"),
    "chance_below": ("{measure} below {level}", "{measure}低于 {level}"),
    "by": ("dominated by {name}", "被 {name} 支配"),
    "state_baseline": ("baseline", "基准"),
    "state_narrow": ("narrow enough", "区间已足够窄"),
    "state_most": ("most years", "已达次数上限"),
    "state_best": ("best", "最优"),
    "state_in": ("in the race", "仍在竞争"),
    "state_out": ("out", "已淘汰"),
    "gap_in": ("{measure}, difference in {unit}", "{measure}之差，{unit}"),
    "m_fill": ("value fill", "金额满足率"),
    "m_case_fill": ("case fill", "箱满足率"),
    "m_line_fill": ("line fill", "行满足率"),
    "m_order_fill": ("order fill", "整单满足率"),
    "m_otif": ("on time in full", "准时足额"),
    "m_penalties": ("penalties a year", "年罚款"),
    "m_write_off": ("write-offs a year", "年报废"),
    "m_cost": ("penalties and write-offs a year", "年罚款与报废"),
    "m_lost_shortage": ("lost to shortage", "缺货损失"),
    "m_lost_age": ("lost to age", "货龄拒收"),
    "m_lost_late": ("lost to lateness", "迟到拒收"),
    "m_lost_paper": ("lost to paperwork", "单据差异损失"),
    "m_lost_damage": ("lost to damage", "破损损失"),
    "m_lost_other": ("lost to other causes", "其他损失"),
    "m_stock": ("stock", "库存"),
    "m_stock_age": ("age of stock", "库存货龄"),
    "m_aged_proceeds": ("proceeds of aged stock a year", "临期处理年收入"),
    "m_given_away": ("given away a year", "年捐赠"),
    "m_capacity_used": ("use of plant capacity", "产能利用率"),
    "m_use_pick": ("use of pickers", "拣货利用率"),
    "m_use_dock": ("use of docks", "月台利用率"),
    "m_use_truck": ("use of trucks", "车辆利用率"),
}
