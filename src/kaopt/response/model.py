r"""What a promotion event does to demand (SCAN*PRO form: multiplicative, so additive in logarithms).

For an event of treatment k on SKU s at account a, in week j = 0, 1, … of its run, the effect on ln cases is

    e_j = (elasticity · p + display · display_k + feature · feature_k + gift · gift_k + price_display · p · display_k
           + price_feature · p · feature_k + display_feature · display_k · feature_k) · (1 − fatigue)^j

with p = ln(1 − depth · pass_through).

Active weeks sell base · exp(e_j). In lag l = 1 … L after the run (L = dip_weeks) the SKU sells
base · exp(−dip · e_last · (L + 1 − l) / L). In each active week every cluster mate of s sells its volume times
exp(−cross · e_j), with the promoted SKU's `cross`. Effects of several events multiply.

That is what consumers buy (sell-out). The account orders (sell-in) more in the last active week, at the deal's price,
by ahead = forward_buy · depth · base of that week, and ahead / F less in each of the F = forward_weeks weeks after.
What would fall beyond the horizon, or below nothing in a week, is not bought ahead; so over the horizon sell-in and
sell-out are the same. The discount is due on sell-in or sell-out as the mechanic is `settled`; gifts follow sell-out.
Source of forward buying: Blattberg, Eppen, Lieberman (1981), J. of Marketing 45; Neslin (2002), Sales Promotion, ch. 3.
Source: Wittink et al., SCAN*PRO (1988); Leeflang et al., Building Models for Marketing Decisions (2000), ch. 9.
"""

from __future__ import annotations

import numpy as np

from kaopt.scenario.columns import Floats
from kaopt.scenario.model import Scenario


def strength(world: Scenario, accounts: slice = slice(None)) -> Floats:
    """[A, S, K] effect on ln cases in the first week of an event, at these accounts."""
    how, what = world.response, world.treatments
    price = np.log1p(-what.depth * what.pass_through)
    return (
        how.elasticity[accounts, :, None] * price
        + how.display[accounts, :, None] * what.display
        + how.feature[accounts, :, None] * what.feature
        + how.gift[accounts, :, None] * what.gift
        + how.price_display[accounts, :, None] * price * what.display
        + how.price_feature[accounts, :, None] * price * what.feature
        + how.display_feature[accounts, :, None] * what.display * what.feature
    )
