"""Every text of a review, in English and Chinese."""

from __future__ import annotations

PROBLEMS: dict[str, tuple[str, str]] = {  # what was wrong: what was done
    "no_column": ("no such column: taken as planned", "没有此列：按计划计"),
    "unknown_account": ("account not in the scenario: row left out", "情景中没有该客户：略去该行"),
    "unknown_sku": ("SKU not in the scenario: row left out", "情景中没有该品项：略去该行"),
    "not_listed": (
        "the account does not sell the SKU in the scenario: row left out",
        "情景中该客户不售该品项：略去该行",
    ),
    "outside": ("week outside the plan's horizon: row left out", "不在计划期内的周：略去该行"),
    "same_again": ("the same row again: counted once", "重复行：只计一次"),
    "unlike": ("two rows for one week that differ: neither is believed", "同一周两行不一致：均不采信"),
    "no_units": ("no units: counts as a week without sales", "没有销量：按缺周处理"),
    "negative": ("units below zero: counts as a week without sales", "销量为负：按缺周处理"),
    "zero": ("no sales at all: counted, but nothing is learned from it", "销量为零：计入对比，但不用于学习"),
    "absurd_price": (
        "price below a third or above three times the regular one: taken as planned, nothing is learned from the week",
        "价格低于正常价三分之一或高于三倍：按计划计，该周不用于学习",
    ),
    "other_price": (
        "most prices differ from the scenario's regular price: the usual price of the year is taken as regular",
        "多数价格与情景正常价不同：以全年通常价格为正常价",
    ),
    "missing": ("weeks without sales (per account-SKU): nothing learned there", "缺周（按客户-品项）：不用于学习"),
    "never_seen": ("sold in the plan, no sales seen: beliefs stay", "计划中在售但无销售数据：信念不变"),
    "no_sales": ("promotion without any sales: not compared, not in the totals", "促销无销售数据：不对比、不计入合计"),
    "part_seen": (
        "promotion with weeks without sales: these are taken to have sold as believed",
        "促销部分周缺数据：缺周按原信念计",
    ),
    "no_spend": (
        "promotion that nobody planned and no spend booked: its spend counts as nothing",
        "计划外促销且无入账费用：费用按零计",
    ),
    "no_error": (
        "no standard error in the scenario: taken as 30 % of the value",
        "情景未给标准误：取数值的 30 %",
    ),
    "said_not": (
        "said not executed, yet price or display show a promotion: price and display are believed",
        "标记未执行但价格或陈列显示有促销：以价格和陈列为准",
    ),
}

STATUS: dict[str, tuple[str, str]] = {
    "as_planned": ("as planned", "按计划"),
    "otherwise": ("price or display differ", "价格或陈列不同"),
    "longer": ("ran longer", "超期"),
    "partly": ("ran in part", "部分执行"),
    "moved": ("moved", "改期"),
    "not_run": ("did not run", "未执行"),
    "unplanned": ("nobody planned it", "计划外"),
    "no_sales": ("no sales seen", "无数据"),
}

VERDICTS: dict[str, tuple[str, str]] = {
    "stop": ("stop", "停止"),
    "more": ("do more", "加大"),
    "doubtful": ("doubtful", "存疑"),
}

TERM_WORDS: dict[str, tuple[str, str]] = {
    "elasticity": ("price elasticity", "价格弹性"),
    "display": ("display", "陈列"),
    "feature": ("feature", "海报"),
    "gift": ("gift", "赠品"),
    "price_display": ("price cut with display", "降价加陈列"),
    "price_feature": ("price cut with feature", "降价加海报"),
    "display_feature": ("display with feature", "陈列加海报"),
}

WORDS: dict[str, tuple[str, str]] = {
    "review": ("Planned against happened", "计划与实际对比"),
    "head": (
        "{compared} of {all} promotions compared; money in {currency}",
        "已对比 {compared} / {all} 场促销；金额单位 {currency}",
    ),
    "planned": ("planned", "计划"),
    "happened": ("happened", "实际"),
    "base": ("base demand", "基础需求"),
    "execution": ("execution", "执行"),
    "response": ("response", "消费者响应"),
    "paid": ("booked spend", "入账费用"),
    "difference": ("difference", "差异"),
    "uplift": ("uplift, cases", "增量，箱"),
    "contribution": ("contribution", "贡献"),
    "spend": ("spend", "费用"),
    "total": ("total", "合计"),
    "account": ("account", "客户"),
    "sku": ("SKU", "品项"),
    "treatment": ("mechanic", "促销机制"),
    "weeks": ("weeks", "周"),
    "status": ("what became of it", "执行情况"),
    "again": ("the same again", "照做一次的贡献"),
    "loss": ("chance of a loss", "亏损概率"),
    "verdict": ("verdict", "判断"),
    "mechanics": ("Which mechanics to stop, which to do more", "哪些机制该停、哪些该加大"),
    "mechanics_note": (
        "Contribution if this year's promotions of the mechanic were done again as planned, with what is believed now "
        "(80 % interval). Stop: at least 80 % likely to lose money. Do more: at most 10 %.",
        "按现有信念、照原计划再做一次该机制的全部促销所得的贡献（80 % 区间）。"
        "亏损概率不低于 80 %：停止；不高于 10 %：加大。",
    ),
    "both": ("By account and mechanic", "按客户与机制"),
    "show": ("show {count} rows", "展开 {count} 行"),
    "accounts": ("By account", "按客户"),
    "accounts_note": (
        "Base: the weeks would have sold more or less anyway. Execution: price, display or weeks were not as planned. "
        "Response: consumers responded otherwise than believed, the luck of the weeks included. Booked spend: more or "
        "less was paid than the terms say. The parts add up to the difference.",
        "基础需求：不做促销也会多卖或少卖；执行：价格、陈列或周次与计划不同；消费者响应：与原信念不同（含偶然波动）；"
        "入账费用：与条款计算不同。各部分之和等于差异。",
    ),
    "executed": ("Who executes", "执行情况"),
    "executed_note": (
        "Kept: ran in all of its weeks with the price and display planned. Named: at least 90 % likely to keep less "
        "than the plan counted on.",
        "按约执行：在全部计划周内按计划价格与陈列执行。点名：执行率低于计划假定的概率不低于 90 %。",
    ),
    "kept": ("kept", "按约执行"),
    "ran": ("ran at all", "有执行"),
    "cut": ("price cuts made", "实际降价/计划"),
    "shown": ("displays built", "实际陈列/计划"),
    "believed": ("believed", "原信念"),
    "now": ("now", "现信念"),
    "term": ("what", "项目"),
    "does_not": ("does not execute", "执行不力"),
    "all_execute": ("every account executes as was believed", "各客户执行与假定相符"),
    "beliefs": ("What to believe now", "现在应当相信什么"),
    "beliefs_note": (
        "Mean over SKUs of what promotions do to ln cases, with its standard error. Written as a response model: name "
        "it in next year's scenario with `response: {model}`.",
        "促销对 ln 箱数影响的品项平均值及标准误。已写成响应模型：在明年的情景中以 `response: {model}` 引用。",
    ),
    "base_now": ("base now/plan", "现基础销量/计划"),
    "problems": ("What was wrong with the sales, and what was done", "数据问题及处理"),
    "none_wrong": ("nothing was wrong with the sales", "数据无问题"),
    "promotions": ("Promotion by promotion", "逐场促销"),
    "promotions_note": (
        "The {count} largest differences in contribution; all of them are in review.csv.",
        "贡献差异最大的 {count} 场；全部见 review.csv。",
    ),
    "gap_of": (
        "Contribution of promotions: {happened} instead of {planned} planned.",
        "促销贡献：实际 {happened}，计划 {planned}。",
    ),
    "luck": (
        "Luck alone moves the uplift by about ± {luck} cases (one standard deviation; in the response).",
        "仅偶然波动就会使增量变动约 ± {luck} 箱（一个标准差，含在消费者响应中）。",
    ),
    "largest": ("The largest reason: {reason} ({money}).", "最大原因：{reason}（{money}）。"),
    "wrote": ("wrote", "写入"),
    "more_places": ("and {count} more", "另有 {count} 处"),
}
