"""What goes to a worker: rules as modules, a user's own file as its text, the world without its papers."""

from __future__ import annotations

import pickle
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kaopt import api
from kaopt.allocation.large.shard import shard_of
from kaopt.allocation.large.streams import Told
from kaopt.allocation.large.travel import light, opened, packed, page_of
from kaopt.allocation.rules import RULES, budget
from kaopt.own_rules import with_rules
from tests.worlds import world

ROOT = Path(__file__).parents[3]
NAME = "kaopt_own_tasting_crews"


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """A user's own rule, as docs/own_rule.md has it; what is imported of it is forgotten afterwards."""
    page = (ROOT / "docs" / "own_rule.md").read_text(encoding="utf-8")
    path = tmp_path / "tasting_crews.py"
    path.write_text(re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)[0], encoding="utf-8")
    yield path
    sys.modules.pop(NAME, None)


def test_what_arrives_is_the_same_world_and_the_very_rules() -> None:
    told = Told(world(2, 3, 4), RULES)
    told.shards[0] = told.shard(0)
    there = pickle.loads(pickle.dumps(told))
    assert there.rules == RULES
    assert there.shards == {}
    assert np.array_equal(there.world.base_cases, told.world.base_cases)
    first, second = told.shard(1), there.shard(1)
    assert np.array_equal(first.columns.cost, second.columns.cost)
    assert first.rows.names == second.rows.names


def test_papers_and_own_policies_stay_at_home() -> None:
    here = api.load(ROOT / "scenarios" / "cheese")
    there = light(here)
    assert here.inputs and here.resolved and here.rules
    assert (there.inputs, there.resolved, there.provenance, there.own_policies) == ({}, {}, {}, {})
    assert there.rules == here.rules
    alone, sent = (shard_of(one, None, RULES) for one in (here, there))
    assert np.array_equal(alone.columns.cost, sent.columns.cost)
    assert alone.rows.names == sent.rows.names


def test_a_module_of_the_program_goes_by_its_name() -> None:
    page = page_of(budget)  # type: ignore[arg-type]
    assert (page.name, page.text) == ("kaopt.allocation.rules.budget", "")
    assert pickle.loads(pickle.dumps(page)) is budget


def test_a_rule_that_is_no_module_goes_as_it_is() -> None:
    rule = object()
    assert packed([rule]) == (rule,)  # type: ignore[list-item]


def test_a_users_own_file_arrives_where_it_is_not(file: Path) -> None:
    own = with_rules([file])[-1]
    here = world(1, 2, 3, rules={own.NAME: (own.Settings(crews=2),)})
    sent = pickle.dumps(Told(here, (*RULES, own)))
    del sys.modules[NAME]
    file.unlink()
    there = pickle.loads(sent)
    assert there.rules[-1] is not own
    assert there.rules[-1].NAME == own.NAME == "tasting_crews"
    assert isinstance(there.world.rules[own.NAME][0], there.rules[-1].Settings)
    assert there.shard(0).rows.names == Told(here, (*RULES, own)).shard(0).rows.names
    again = pickle.loads(pickle.dumps(there))  # from a worker it could go on, without the file
    assert again.rules[-1] is there.rules[-1]


def test_a_changed_file_of_the_same_name_is_another_module(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    first = opened(NAME, str(file), text)
    assert opened(NAME, str(file), text) is first
    second = opened(NAME, str(file), text + "\nLATER = True\n")
    assert second is not first and second.LATER


def test_a_file_that_fails_leaves_no_half_module(file: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        opened(NAME, str(file), "BEGUN = True\n1 / 0\n")
    assert NAME not in sys.modules
