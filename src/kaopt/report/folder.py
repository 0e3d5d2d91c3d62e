"""Everything of one run into its folder, file by file as the contract names them; the manifest comes last."""

from __future__ import annotations

from pathlib import Path

from kaopt import runs
from kaopt.report import tables
from kaopt.report.binding import constraints_frame
from kaopt.report.by_week import by_sku_frame, by_week_frame, long_csv
from kaopt.report.excel import results_workbook
from kaopt.report.page import write_report
from kaopt.report.result import RunResult
from kaopt.report.supply_view import figures_frame
from kaopt.scenario.model import Scenario
from kaopt.service import Service


def write_result(folder: Path, result: RunResult) -> None:
    """Write the parts that the run made; call `kaopt.runs.finish` afterwards."""
    world, ledger = result.world, result.ledger
    plan = tables.plan_frame(world, ledger)
    runs.write_csv(folder / "plan.csv", plan)
    runs.write_parquet(folder / "plan.parquet", plan)
    runs.write_parquet(folder / "weekly.parquet", tables.weekly_frame(world, ledger))
    runs.write_json(folder / "scorecard.json", result.card.as_dict())
    runs.write_csv(folder / "scorecard.csv", tables.scorecard_frame(result.card))
    if result.offers is not None:
        runs.write_parquet(folder / "offers.parquet", tables.offers_frame(world, result.offers))
    if result.certificate is not None:
        runs.write_json(folder / "certificate.json", tables.certificate_dict(result.certificate))
    if result.outlook is not None:
        runs.write_json(folder / "risk.json", result.outlook.as_dict())
    constraints = None if result.chosen is None else constraints_frame(result.rules, result.chosen, result.explanation)
    if constraints is not None:
        runs.write_csv(folder / "constraints.csv", constraints)
    if result.service is not None:
        runs.write_parquet(folder / "service.parquet", tables.service_frame(world, result.service))
        write_service(folder, world, result.service)
    write_report(folder / "report.html", result)
    runs.write_bytes(folder / "results.xlsx", results_workbook(result, plan, constraints))


def write_service(folder: Path, world: Scenario, service: Service) -> None:
    """What was delivered by account, SKU and week, and what plants, warehouses and the aged-stock ladder did."""
    runs.write_csv(folder / "fulfilment_figures.csv", figures_frame(world, service))
    if service.by_week is None:
        return
    runs.write_bytes(folder / "fulfilment_by_week.csv", long_csv(by_week_frame(world, service.by_week)))
    if len(service.by_week.ordered) < len(world.accounts.account):  # too many for one table: two take its place
        runs.write_bytes(folder / "fulfilment_by_sku.csv", long_csv(by_sku_frame(world, service)))
