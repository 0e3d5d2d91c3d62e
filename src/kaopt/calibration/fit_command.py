"""`kaopt fit deliveries`: service measured, lateness and shortness fitted, a model's folder written."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from kaopt import runs
from kaopt.deliveries.card import Source, write_service
from kaopt.deliveries.fit import fitted
from kaopt.deliveries.held_out import checks
from kaopt.deliveries.measure import measured
from kaopt.deliveries.records import read_records
from kaopt.pipeline import Outcome

SERVICE = Path("models/service")


def fit_deliveries(records_file: Path, mapping: Path | None, out: Path | None, *, as_json: bool) -> Outcome:
    """Measure service from delivery records and fit lateness and shortness by account; leave a model's folder."""
    records = read_records(records_file, mapping)
    seen, fit, held = measured(records), fitted(records), checks(records)
    folder = out or SERVICE / records_file.stem
    command = f"kaopt fit deliveries {records_file.name}" + (f" --mapping {mapping.name}" if mapping else "")
    today = datetime.now(UTC).date().isoformat()
    source = Source(folder.name, records_file.name, runs.sha256(records_file), today, command)
    write_service(folder, source, records, fit, (seen, held))
    lines = [f"{records.lines:,} lines, {int(records.order.max()) + 1:,} orders, {len(records.accounts)} accounts"]
    for name, one in (("line", seen.line), ("order", seen.order)):
        shares = {"on time": one.on_time, "in full": one.in_full, "otif": one.otif}
        said = ", ".join(f"{what} {'-' if share is None else f'{share:.4f}'}" for what, share in shares.items())
        lines.append(f"{name:<6} {said}")
    payload = {"model": str(folder), **seen.as_dict()}
    return Outcome(0, "\n".join([*lines, f"wrote {folder}"]), payload, as_json)
