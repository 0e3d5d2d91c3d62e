"""The words of the workbooks beside those of the page, in both languages."""

from __future__ import annotations

from kaopt.report.words import FAMILIES, RULES, WORDS

SAYS: dict[str, tuple[str, str]] = {
    "kpi": ("KPI", "指标"),
    "measure": ("measure", "口径"),
    "low": ("low", "下限"),
    "high": ("high", "上限"),
    "why_not": ("note", "说明"),
    "made_in": ("{weeks} weeks from {start} · money in {currency}", "自 {start} 起 {weeks} 周 · 金额单位 {currency}"),
    "of_the_plan": ("The plan in figures", "方案概要"),
    "spend_alone": ("promotion spend, each event alone", "促销费用（单场核算）"),
    "gain_alone": ("contribution gained, each event alone", "净增贡献（单场核算）"),
    "how_to_lock": (
        "To settle an event, choose a word in the column lock of the sheet plan, save, and run "
        "kaopt allocate SCENARIO --locks results.xlsx. To try a change by hand, edit the rows of the sheet plan and "
        "run kaopt evaluate SCENARIO --plan results.xlsx.",
        "要锁定某档促销：在 plan 表的 lock 列选择一个词并保存，然后运行 kaopt allocate SCENARIO --locks results.xlsx。"
        "要手工改方案：直接修改 plan 表各行，再运行 kaopt evaluate SCENARIO --plan results.xlsx。",
    ),
    "lock_note": (
        "keep: this very event is settled\nmust: the SKU is promoted so in each of these weeks\n"
        "forbidden: not in these weeks with this mechanic\nempty: free to change",
        "keep：这一档保持不变\nmust：这些周内必须做该促销\nforbidden：这些周内不得做该促销\n空白：可以调整",
    ),
    "total": ("total", "合计"),
    "quarter": ("quarter {number}", "第 {number} 季度"),
    "in_quarters": ("promotions, each event alone", "促销费用（单场核算）"),
    "all_kinds": ("all kinds", "全部费用"),
    "ordered": ("ordered", "订货金额"),
    "accepted": ("accepted", "收货金额"),
    "loss": ("lost: {cause}", "损失：{cause}"),
    "more_rows": (
        "{count} further rows, with more room to their limits, are in constraints.csv.",
        "另有 {count} 行余量更大的约束，见 constraints.csv。",
    ),
    "setting": ("setting", "设置"),
    "place": ("comes from", "出处"),
    "file": ("file", "文件"),
    "name": ("name", "名称"),
    "first_day": ("first day", "开始日期"),
    "kpis": ("KPIs met", "达成指标数"),
}


def say(key: str, lang: str, **values: object) -> str:
    """A word in one language; `values` fill its braces."""
    pair = SAYS.get(key) or WORDS.get(key) or RULES.get(key) or FAMILIES.get(key) or (key, key)
    return pair[lang == "zh"].format(**values)


def family_name(name: str, lang: str) -> str:
    """A mechanic family as it is called; one that nobody knows, as the user wrote it."""
    return FAMILIES.get(name, (name, name))[lang == "zh"]
