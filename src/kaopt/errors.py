"""Every error that a user can meet, each with the exit code that the command line gives."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong with an input: where, what was found, what is expected, and the remedy."""

    file: str
    line: int | None
    column: str | None
    found: str
    expected: str
    remedy: str
    cell: str = ""  # address in a workbook, such as C7

    def __str__(self) -> str:
        """`accounts.csv:3 acceptance_age = 1.7: must be between 0 and 1. Remedy`; `inputs.xlsx!accounts:C3 …`."""
        place = self.file if self.line is None else f"{self.file}:{self.cell or self.line}"
        what = self.found if self.column in (None, self.found) else f"{self.column} = {self.found}"
        # the command line and the name of a folder say themselves what was found there
        where = place if self.line is None and what.replace(" ", "") in place.replace(" ", "") else f"{place} {what}"
        return f"{where.rstrip()}: {self.expected}. {self.remedy}".rstrip()

    def as_dict(self) -> dict[str, object]:
        """The fault as the contract's JSON object, with the cell's address where it is in a workbook."""
        return {key: value for key, value in asdict(self).items() if key != "cell" or value}


class KaoptError(Exception):
    """The root of every error that is meant for a user; `exit_code` is the contract's."""

    exit_code = 6


class InputError(KaoptError):
    """Bad input: every fault of it at once."""

    exit_code = 2

    def __init__(self, faults: list[Fault] | tuple[Fault, ...]) -> None:
        self.faults = tuple(sorted(faults, key=lambda f: (f.file, f.line or 0, f.column or "", f.found)))
        super().__init__(self.faults)  # so that it can be copied to another process

    def __str__(self) -> str:
        """A line for each fault."""
        return "\n".join(str(f) for f in self.faults)


@dataclass(frozen=True)
class Change:
    """A limit of a rule that would have to move: where, from what, to what, in the rule's natural unit."""

    rule: str
    scope: str
    before: float
    after: float
    unit: str

    def __str__(self) -> str:
        """`budget total: 900 -> 1,000 money`."""
        return f"{self.rule} {self.scope}: {self.before:,.6g} -> {self.after:,.6g} {self.unit}"

    def as_dict(self) -> dict[str, object]:
        """The change as the contract's JSON object."""
        return {"rule": self.rule, "scope": self.scope, "from": self.before, "to": self.after, "unit": self.unit}


@dataclass(frozen=True)
class Repair:
    """Changes of limits with which a plan exists, and what the best plan found is worth then, from doing nothing."""

    changes: tuple[Change, ...]
    objective: float

    def as_dict(self) -> dict[str, object]:
        """The repair as the contract's JSON object."""
        return {"changes": [one.as_dict() for one in self.changes], "objective": self.objective}


class InfeasibleError(KaoptError):
    """The rules cannot all hold."""

    exit_code = 3

    def __init__(
        self, message: str, conflicts: tuple[tuple[str, ...], ...] = (), repairs: tuple[Repair, ...] = ()
    ) -> None:
        self.conflicts, self.repairs = conflicts, repairs
        self.report = ""  # path of the report, where one was written
        super().__init__(message)

    def as_dict(self) -> dict[str, object]:
        """The contract's JSON object."""
        return {"conflicts": [list(one) for one in self.conflicts], "repairs": [one.as_dict() for one in self.repairs]}

    def __str__(self) -> str:
        """The conflict, each way out in a few lines, and where to read on."""
        lines = [super().__str__()]
        for n, repair in enumerate(self.repairs):
            lines.append(f"way out {n + 1} (objective {repair.objective:,.6g}):")
            lines += [f"  {one}" for one in repair.changes]
        return "\n".join([*lines, *([f"report: {self.report}"] if self.report else [])])


class NoPlanError(KaoptError):
    """A limit stopped the search before any plan was found."""

    exit_code = 4


class EnvironmentFault(KaoptError):
    """Disk, memory, permission, lock or a missing extra."""

    exit_code = 6


class ContradictionError(KaoptError):
    """The solver contradicted itself or a check; nothing is claimed."""

    exit_code = 7
