"""Words of the page of a fit, English and Chinese."""

# ruff: noqa: E501 - one text, one line

WORDS: dict[str, tuple[str, str]] = {
    "fit": ("Response model", "促销响应模型"),
    "head": ("{rows} rows, {series} account-SKUs, {fewest}–{most} weeks each", "{rows} 行，{series} 个客户单品，每个 {fewest}–{most} 周"),
    "verdict": (
        "On weeks that it never saw the model is {error} wrong (wMAPE); the best of the simpler methods, {rival}, {other}.",
        "在未见过的各周，模型的误差为 {error}（wMAPE）；较简单方法中最好的是{rival}，{other}。",
    ),
    "held_out": ("Weeks held out", "留出的各周"),
    "held_note": (
        "Given their real prices and promotions. The 80 % interval held {cover} of them; mean volume was off by {bias}.",
        "已知实际价格与促销。80 % 区间覆盖了 {cover}；平均销量偏差 {bias}。",
    ),
    "method": ("method", "方法"),
    "wmape": ("wMAPE", "wMAPE"),
    "own_mean": ("own mean", "自身均值"),
    "last_periods": ("last weeks", "最近几周"),
    "common_slopes": ("common slopes", "共同斜率"),
    "least_squares": ("least squares each", "各自最小二乘"),
    "partial_pooling": ("this model", "本模型"),
    "actual": ("sold", "实际"),
    "mean": ("forecast", "预测"),
    "volume": ("units a week, held out", "每周销量（留出）"),
    "errors": ("ln(sold / median), standard deviations", "ln(实际/中位数)，以标准差计"),
    "errors_by": ("How far off, by the size of the forecast", "偏差与预测大小"),
    "errors_note": (
        "Each point is a held-out week of an account-SKU; 80 % shall lie between the lines.",
        "每个点是一个客户单品的一个留出周；80 % 应在两线之间。",
    ),
    "forecast_units": ("forecast units (median)", "预测销量（中位数）"),
    "volume_proportional": ("the same cut everywhere (no model)", "处处同一折扣（无模型）"),
    "plan_value": ("What a plan on it is worth", "据此做计划值多少"),
    "plan_note": (
        "Price cuts of 10, 15, 20 or 30 % chosen with what each method learned from one half of the history, valued by models fitted on the "
        "other half: extra margin for each 100 of discount budget, mean of four pairs of halves. Dips, neighbours and displays are left out.",
        "用一半历史所学选择九折至七折的促销，由另一半历史拟合的模型评价：每 100 折扣预算带来的额外毛利，四对半数的平均。未计透支、替代与陈列。",
    ),
    "plan_by": ("plan made with", "计划依据"),
    "by_pooling": ("judged by this model", "以本模型评价"),
    "by_least": ("judged by least squares each", "以各自最小二乘评价"),
    "coefficients": ("What was learned", "学到了什么"),
    "coefficients_note": (
        "Mean over all account-SKUs, its standard error, and how much they differ. A dip is the part of the last week's "
        "effect that turns negative the week after; cross is the part that neighbours lose.",
        "所有客户单品的均值、标准误及差异。dip 为促销结束后一周转负的部分；cross 为同类单品失去的部分。",
    ),
    "term": ("term", "项"),
    "value": ("mean", "均值"),
    "se": ("standard error", "标准误"),
    "between": ("between series", "序列间"),
    "spread_of": ("{term} by account-SKU", "{term}，按客户单品"),
    "pooled": ("this model", "本模型"),
    "alone": ("each alone", "各自"),
    "count": ("account-SKUs", "客户单品数"),
    "problems": ("Problems of the data", "数据问题"),
    "problems_note": ("Every one is listed in problems.csv.", "全部列于 problems.csv。"),
    "kind": ("problem", "问题"),
    "times": ("times", "次数"),
    "done": ("what was done", "处理"),
    "none": ("none", "无"),
    "week_ahead": ("week since the fit ended", "拟合结束后第几周"),
}
