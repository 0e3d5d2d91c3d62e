"""The starter scenario with its 1 826 offers: the frontier, a comparison, a repaired plan and alternatives, as sold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import kaopt as ka
from tests.test_cli import kaopt

ROOT = Path(__file__).parents[2]
STARTER = ROOT / "scenarios" / "starter"
pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def world():
    return ka.load(STARTER, overrides=["solve.time_limit=30s"])


def test_three_plans_and_eleven_points(tmp_path):
    over = ("--over", "budget.total=50%:150%:10%", "--time-limit", "30s")
    said = kaopt("frontier", STARTER, *over, "--out", tmp_path / "f", "--json", cwd=tmp_path)
    assert said.code in (0, 5), said.err
    points = said.json["points"]
    assert len(points) == 11 and all("objective" in one for one in points)
    objectives = [one["objective"] for one in points]
    assert objectives == sorted(objectives)
    folder = Path(said.json["run"])
    names = [folder / f"point_{n:03d}" for n in (1, 6, 11)]
    compared = kaopt("compare", *names, "--out", tmp_path / "c", "--json", cwd=tmp_path)
    assert compared.code == 0, compared.err
    for n, name in zip((1, 6, 11), [one["name"] for one in compared.json["plans"]], strict=True):
        total = json.loads((folder / f"point_{n:03d}" / "scorecard.json").read_text(encoding="utf-8"))["total"]
        assert points[n - 1]["kpis"] == {kpi: total[kpi] for kpi in points[n - 1]["kpis"]}
        cells = {(one["kpi"], one["measure"]): one["cells"][name] for one in compared.json["measures"]}
        assert cells["sales", "net_revenue"]["planned"]["value"] == total["sales"]["planned"]["net_revenue"]
        assert cells["profit", "contribution"]["planned"]["value"] == total["profit"]["planned"]["contribution"]


def test_last_years_plan_is_repaired_with_eleven_changes_proven_fewest(world):
    """Three broken rules; the curve rises from there to the best plan, each point a certified plan."""
    made = ka.near(world, ka.load_plan(world, STARTER / "tables" / "plan.csv"))
    assert made.given_breaches == 3
    assert made.chosen.changes == made.proven == 11
    objectives = [point.objective for point in made.points]
    assert objectives == sorted(objectives)
    assert all(point.plan.certificate.gap < 0.03 for point in made.points)


def test_three_alternatives_within_one_percent(world):
    found = ka.alternatives(world, 3, within=0.01)
    best = found.best.certificate.objective
    assert len(found.alternatives) == 3
    for one in found.alternatives:
        judged = ka.evaluate(world, one.plan)
        assert not judged.breaches
        assert judged.objective >= 0.99 * best * (1 - 1e-9)
        assert 0 < one.distance <= one.most
