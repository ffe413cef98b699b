"""Compares the vault with the expected state after a run; every difference has its key."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from cars_acceptance.main_job import vault
from cars_acceptance.main_job.proof import Proof
from cars_acceptance.main_job.release import Release
from cars_acceptance.main_job.vault_model import VaultModel
from cars_acceptance.source.codes import CodeBook
from cars_acceptance.source.controls import ZERO, Key
from cars_acceptance.source.load import Expected, Load

PLAN_TABLE = "agricultural_production_plan"


@dataclass(frozen=True)
class Difference:
    """One value that differs from the expected one."""

    what: str
    key: str
    expected: str
    found: str


@dataclass(frozen=True)
class Checked:
    """The state of the database after a run, and its differences from the expected state."""

    day: date
    loads: list[vault.TableLoad]
    rows: Mapping[str, int]  # schema.table -> rows
    open_rows: Mapping[str, int]
    acres: Mapping[Key, Decimal]
    totals: int
    references: int
    differences: list[Difference] = field(default_factory=list)

    @property
    def total_acres(self) -> Decimal:
        """All current acres of the vault."""
        return sum(self.acres.values(), ZERO)


def check(
    connection: vault.Connection,
    proof: Proof,
    day: date,
    expected: Expected,
    names: CodeBook,
    *,
    mark: int = 0,
) -> Checked:
    """Compare the database with the generator's state without rounding, as far as `proof` allows.

    `mark` is the last ledger entry before the run.
    """
    model = proof.model
    loads = vault.loads(connection, day, mark)
    wanted = {} if proof.totals_missing else expected.acres
    acres = {} if proof.totals_missing else vault.acres(connection)
    rows = vault.row_counts(connection, sorted(proof.release.targets))
    staged = {name: rows[f"{vault.STAGING}.{name}"] for name in model.staging}
    opened = vault.open_rows(connection, model.satellites)
    differences = [
        *_loads(loads, proof.release),
        *_acres(wanted, acres, names),
        *_counts("staging rows", {name: expected.delivered[model.staging[name]] for name in staged}, staged),
        *_counts(
            "open rows", {item.name: expected.current[item.source] for item in model.satellites}, opened
        ),
        *_none("entities with several open rows", vault.doubled(connection, model.satellites)),
        *_none("rows without parent", _orphans(connection, model)),
    ]
    return Checked(day, loads, rows, opened, acres, len(wanted), len(model.references), differences)


def unchanged(before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    """Tables whose fingerprints differ between two points in time."""
    return [
        Difference(
            "changed by a repeated run", table, before.get(table, "no table"), after.get(table, "no table")
        )
        for table in sorted(before.keys() | after.keys())
        if before.get(table) != after.get(table)
    ]


def late_rows_missing(connection: vault.Connection, load: Load) -> Iterator[Difference]:
    """Late states of a load that are not in the history of their plan."""
    for files in (tables[PLAN_TABLE] for tables in load.late.values()):
        for row in (row for rows in files for row in rows):
            plan, changed = row["agricultural_production_plan_identifier"], row["last_change_date"]
            found = vault.closed_versions(connection, plan, changed)
            if found != 1:
                yield Difference("late row in history", f"plan {plan} of {changed}", "1", str(found))


def _loads(loads: list[vault.TableLoad], release: Release) -> Iterator[Difference]:
    seen = {(load.layer, load.table.upper()): load for load in loads}
    for table in release.tables:
        key = f"{table.layer} {table.name.lower()}"
        load = seen.get((table.layer, table.name))
        if load is None:
            yield Difference("table load", key, "Complete", "not in the ledger")
        elif load.status != "Complete":
            yield Difference("table load", key, "Complete", f"{load.status}: {load.error[:300]}")


def _acres(
    expected: Mapping[Key, Decimal], found: Mapping[Key, Decimal], names: CodeBook
) -> Iterator[Difference]:
    for key in sorted(expected.keys() | found.keys(), key=Key.sortable):
        want, have = expected.get(key), found.get(key)
        if want != have:
            yield Difference("acres", describe(key, names), _number(want), _number(have))


def describe(key: Key, names: CodeBook) -> str:
    """A control total in published names, with its codes."""
    line = key.line
    area = f"{names.name('county', line.state + line.county)}, {names.name('state', line.state)}"
    crop = names.name("crop", line.crop)
    kind = names.name("crop type", line.crop_type) or "no type"
    use = names.name("intended use", line.use)
    return f"{area}: {crop} / {kind} / {use} / {line.irrigation} [{key.text()}]"


def _counts(what: str, expected: Mapping[str, int], found: Mapping[str, int]) -> Iterator[Difference]:
    for table in sorted(expected):
        if expected[table] != found[table]:
            yield Difference(what, table, str(expected[table]), str(found[table]))


def _none(what: str, found: Mapping[str, int]) -> Iterator[Difference]:
    for key, count in found.items():
        if count:
            yield Difference(what, key, "0", str(count))


def _orphans(connection: vault.Connection, model: VaultModel) -> dict[str, int]:
    return {
        f"{item.table}.{'+'.join(item.columns)} in {item.parent}": count
        for item, count in vault.orphans(connection, model.references).items()
    }


def _number(acres: Decimal | None) -> str:
    return "none" if acres is None else f"{acres:f}"
