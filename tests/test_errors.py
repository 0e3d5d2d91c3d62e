"""Every error a user can meet: its words, its exit code, its faults in order."""

from __future__ import annotations

import pytest

from kaopt import errors
from kaopt.errors import Fault, InfeasibleError, InputError, KaoptError


def fault(file="accounts.csv", line=3, column="acceptance_age", found="1.7"):
    return Fault(file, line, column, found, "must be between 0 and 1", "Write a share")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("InputError", 2),
        ("InfeasibleError", 3),
        ("NoPlanError", 4),
        ("EnvironmentFault", 6),
        ("ContradictionError", 7),
    ],
)
def test_exit_codes_are_the_contracts(name, code):
    cls = getattr(errors, name)
    assert issubclass(cls, KaoptError)
    assert cls.exit_code == code


def test_no_two_kinds_share_a_code():
    kinds = KaoptError.__subclasses__()
    assert len({one.exit_code for one in kinds}) == len(kinds) == 5


def test_a_fault_says_where_what_and_how_to_mend_it():
    assert str(fault()) == "accounts.csv:3 acceptance_age = 1.7: must be between 0 and 1. Write a share"


def test_a_fault_of_a_whole_file_has_no_line():
    text = str(Fault("base.csv", None, None, "no such file", "must exist", "Make it"))
    assert text == "base.csv no such file: must exist. Make it"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("nowhere", None, None, "nowhere"), "nowhere: must be y."),
        (("--set budjet.total=3", None, "budjet", "budjet"), "--set budjet.total=3: must be y."),
        (("--set budget.total=abc", None, "budget.total", "abc"), "--set budget.total=abc: must be y."),
        (("scenario.yaml", 3, "budjet", "budjet"), "scenario.yaml:3 budjet: must be y."),
        (("scenario.yaml", 3, None, "scenario.yaml"), "scenario.yaml:3 scenario.yaml: must be y."),
        (("a", None, None, "no run.json"), "a no run.json: must be y."),
    ],
)
def test_nothing_is_said_twice(given, told):
    assert str(Fault(*given, "must be y", "")) == told


def test_a_fault_without_a_remedy_ends_without_a_blank():
    assert str(Fault("a.csv", 1, None, "x", "must be y", "")) == "a.csv:1 x: must be y."


def test_a_fault_as_json_has_the_contracts_names():
    assert fault().as_dict() == {
        "file": "accounts.csv",
        "line": 3,
        "column": "acceptance_age",
        "found": "1.7",
        "expected": "must be between 0 and 1",
        "remedy": "Write a share",
    }


def test_faults_are_told_in_the_order_of_the_files():
    first, second, third = fault("a.csv", None, None), fault("a.csv", 2), fault("b.csv", 1)
    error = InputError([third, second, first])
    assert error.faults == (first, second, third)
    assert str(error).splitlines() == [str(first), str(second), str(third)]


def test_faults_in_one_cell_are_told_by_what_was_found():
    one, two = fault(found="1.7"), fault(found="9")
    assert InputError((two, one)).faults == (one, two)


def test_an_infeasible_error_carries_its_conflicts():
    error = InfeasibleError("cannot hold", (("budget", "locks"),))
    assert str(error) == "cannot hold"
    assert error.conflicts == (("budget", "locks"),)
    assert InfeasibleError("alone").conflicts == ()
