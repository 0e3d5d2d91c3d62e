"""What the table of an experiment says, in English and Chinese."""

from __future__ import annotations

STATES: dict[str, tuple[str, str]] = {
    "baseline": ("baseline", "基准"),
    "narrow": ("", ""),
    "most": ("most years", "已达次数上限"),
    "best": ("best", "最优"),
    "in": ("in the race", "仍在竞争"),
    "out": ("out", "已淘汰"),
}
SAYS: dict[str, tuple[str, str]] = {
    "policy": ("policy", "策略"),
    "difference": ("{measure} against baseline", "{measure}相对基准"),
    "all": ("all at once", "同时区间"),
    "years": ("years", "次数"),
    "intervals": (
        "± half of the {level} interval; differences are paired (same luck) and in points for shares; "
        "! sure among all policies together (Holm); all at once: ± of intervals that hold for all policies (Dunnett)",
        "± 为 {level} 置信区间的一半；差值为同一随机数下的配对差（比率以百分点计）；"
        "! 表示经 Holm 校正后对全部策略仍显著；同时区间：对全部策略同时成立的 ±（Dunnett）",
    ),
    "dominated": (
        "* another policy is no worse in any measure and surely better in one",
        "* 另有策略在各项指标上均不差，且至少一项确定更好",
    ),
    "chosen": (
        "best: {best}; correct with a probability of at least {promised} if it is better than all by {zone}, and "
        "within {zone} of the best if not (Kim-Nelson); estimated from these years: {estimated}",
        "最优：{best}；若其领先全部其他策略 {zone} 以上，选对的概率不低于 {promised}，否则与最优相差在 {zone} 之内"
        "（Kim-Nelson）；按所得年份估计：{estimated}",
    ),
    "leading": (
        "leading: {best}; estimated probability that it is the best: at least {estimated}",
        "领先：{best}；估计其为最优的概率不低于 {estimated}",
    ),
}
