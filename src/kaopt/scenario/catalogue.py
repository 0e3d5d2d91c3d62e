"""Which tables there are, by the name of their file, and what tells their rows apart."""

from __future__ import annotations

from kaopt.scenario.network import NETWORK, NETWORK_KEYS
from kaopt.scenario.promises import AgreementTable, CapacityTable
from kaopt.scenario.response_rows import CoefficientTable, ResponseTable
from kaopt.scenario.tables import (
    Accounts,
    BaseTable,
    BudgetTable,
    EligibilityTable,
    LockTable,
    PlanTable,
    SeasonTable,
    Skus,
    Treatments,
)
from kaopt.scenario.terms import FeeTable, RebateTable

TABLES: dict[str, type] = {
    "accounts": Accounts,
    "skus": Skus,
    "mechanics": Treatments,
    "response": ResponseTable,
    "coefficients": CoefficientTable,
    "base": BaseTable,
    "seasons": SeasonTable,
    "eligibility": EligibilityTable,
    "locks": LockTable,
    "budgets": BudgetTable,
    "agreements": AgreementTable,
    "capacity": CapacityTable,
    "fees": FeeTable,
    "rebates": RebateTable,
    **NETWORK,
    "plan": PlanTable,
}
FITTED = ("coefficients", "service")  # tables of models, which no scenario has itself
KEYS: dict[str, tuple[str, ...]] = {
    "accounts": ("account",),
    "skus": ("sku",),
    "mechanics": ("treatment",),
    "response": ("account", "sku"),
    "coefficients": ("account", "sku", "term"),
    "base": ("account", "sku", "week"),
    "seasons": ("season", "week"),
    "locks": ("account", "sku", "week", "lock"),
    "budgets": ("account", "quarter"),
    "rebates": ("account", "measure", "kind", "threshold"),
    **NETWORK_KEYS,
}
