"""What promotions do to demand, as tables: by hand, or as a fitted model writes it; declared as in `tables`."""

# ruff: noqa: E501, RUF009 - one declaration, one line

from __future__ import annotations

from dataclasses import dataclass

from kaopt.scenario.columns import Floats, Ints, Texts, column


@dataclass(frozen=True, eq=False)
class ResponseTable:
    """What promotions do to demand; one row per account-SKU (`*` = every one). In `Scenario` as [A, S] arrays."""

    account: Texts = column("id", "account", zh=("客户",), refers="accounts")
    sku: Texts = column("id", "SKU", zh=("品项",), refers="skus")
    elasticity: Floats = column("elasticity", "own price elasticity", zh=("价格弹性",), default=0.0)
    display: Floats = column("effect", "effect of full display on ln cases", zh=("陈列系数",), default=0.0)
    feature: Floats = column("effect", "effect of full feature on ln cases", zh=("海报系数",), default=0.0)
    gift: Floats = column("effect", "effect of a gift on ln cases", zh=("赠品系数",), default=0.0)
    fatigue: Floats = column("share", "part of the effect on ln cases lost with each further week of a run", zh=("疲劳",), default=0.0)
    dip: Floats = column("effect", "post-promotion dip: part of the last week's effect on ln cases that turns negative the week after", zh=("透支",), default=0.0)
    dip_weeks: Ints = column("count", "weeks that the dip lasts, fading linearly", unit="week", zh=("透支周数",), default=0)
    cross: Floats = column("effect", "part of the effect on ln cases that cluster mates lose", zh=("替代系数",), default=0.0)
    forward_buy: Floats = column("effect", "weeks of base volume that the account buys ahead in the last week of a deal, per unit of trade discount depth", unit="week", zh=("囤货系数",), default=0.0)
    forward_weeks: Ints = column("count", "weeks after the deal over which what was bought ahead is taken back from orders, evenly", unit="week", zh=("囤货消化周数",), default=0)
    price_display: Floats = column("number", "what price cut and full display do together beyond each alone: effect on ln cases per ln of the price ratio", zh=("价格陈列交互",), default=0.0)
    price_feature: Floats = column("number", "the same of price cut and full feature", zh=("价格海报交互",), default=0.0)
    display_feature: Floats = column("number", "what full display and full feature do together beyond each alone: effect on ln cases", zh=("陈列海报交互",), default=0.0)
    elasticity_se: Floats = column("effect", "standard error", zh=("弹性标准误",), default=0.0)
    display_se: Floats = column("effect", "standard error", zh=("陈列标准误",), default=0.0)
    feature_se: Floats = column("effect", "standard error", zh=("海报标准误",), default=0.0)
    price_display_se: Floats = column("effect", "standard error", zh=("价格陈列交互标准误",), default=0.0)
    price_feature_se: Floats = column("effect", "standard error", zh=("价格海报交互标准误",), default=0.0)
    display_feature_se: Floats = column("effect", "standard error", zh=("陈列海报交互标准误",), default=0.0)
    dip_se: Floats = column("effect", "standard error", zh=("透支标准误",), default=0.0)
    cross_se: Floats = column("effect", "standard error", zh=("替代标准误",), default=0.0)


@dataclass(frozen=True, eq=False)
class CoefficientTable:
    """A fitted response model (models/response/NAME/coefficients.csv): one row per account-SKU and term."""

    account: Texts = column("id", "account; accounts that the scenario does not have are read over", zh=("客户",))
    sku: Texts = column("id", "SKU", zh=("品项",))
    term: Texts = column("text", "a column of the table response: elasticity, display, …", zh=("项",))
    value: Floats = column("number", "estimate", zh=("系数",))
    se: Floats = column("effect", "standard error", zh=("标准误",), default=0.0)
