"""Which tables of a release can be compared with the generated source, and why others cannot."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from cars_acceptance.main_job.release import Release, Table
from cars_acceptance.main_job.vault_model import VaultModel

Columns = Mapping[str, frozenset[str]]  # schema.table -> its columns
PLANS, PLAN_HUB = "edv.ag_prod_plan_hs", "edv.ag_prod_plan_h"
_OPEN = ("load_end_dt", "data_eff_end_dt")
_TOTALS = {
    PLANS: (
        *("st_fsa_cd", "cnty_fsa_cd", "fsa_crop_cd", "fsa_crop_type_cd", "intn_use_cd", "irr_prac_cd"),
        *("plnt_prim_stat_cd", "crop_fld_rpt_qty", "ag_prod_plan_h_id", *_OPEN),
    ),
    PLAN_HUB: ("ag_prod_plan_h_id",),
}
_LATE = {PLANS: ("ag_prod_plan_id", "src_last_chg_dt", *_OPEN)}


@dataclass(frozen=True)
class Proof:
    """A release with the part of the CARS model that it can be compared with.

    `totals_missing` and `late_missing` say why control totals or late rows are not compared; '' when they are.
    """

    release: Release
    model: VaultModel
    totals_missing: str = ""
    late_missing: str = ""

    @property
    def compared(self) -> list[Table]:
        """Tables whose rows are compared with the source."""
        names = {f"cars_stg.{name}" for name in self.model.staging}
        names |= {f"edv.{item.name}" for item in self.model.satellites}
        names |= {f"edv.{name}" for item in self.model.references for name in (item.table, item.parent)}
        return [table for table in self.release.tables if names & set(table.targets)]

    @property
    def only_loaded(self) -> list[Table]:
        """Tables of which only the loads are checked: complete, and unchanged by a repeated run."""
        compared = set(self.compared)
        return [table for table in self.release.tables if table not in compared]

    def as_dict(self) -> dict[str, object]:
        """What was compared and what was not, for the report."""
        return {
            "tables": len(self.release.tables),
            "compared": len(self.compared),
            "only_loaded": [table.folder for table in self.only_loaded],
            "control_totals_missing": self.totals_missing,
            "late_rows_missing": self.late_missing,
        }

    def lines(self) -> Iterator[str]:
        """The same as sentences."""
        yield f"rows of {len(self.compared)} of {len(self.release.tables)} tables compared with the generated source"
        if self.only_loaded:
            names = ", ".join(table.folder for table in self.only_loaded)
            yield f"only loaded, and loaded again without a change (the source says nothing of their rows): {names}"
        if self.totals_missing:
            yield f"control totals not compared: {self.totals_missing}"
        if self.late_missing:
            yield f"late rows not compared: {self.late_missing}"


def proof_of(release: Release, model: VaultModel, columns: Columns) -> Proof:
    """The proof of a release; `columns` are those of the tables in the database."""
    has = {target: columns.get(target, frozenset()) for target in release.targets}

    def fits(table: str, *wanted: str) -> bool:
        return table in has and has[table].issuperset(wanted)

    return Proof(
        release,
        replace(
            model,
            tables=tuple(name for name in model.tables if fits(f"edv.{name}")),
            staging={name: source for name, source in model.staging.items() if fits(f"cars_stg.{name}")},
            satellites=tuple(
                item for item in model.satellites if fits(f"edv.{item.name}", item.entity, *_OPEN)
            ),
            references=tuple(
                item
                for item in model.references
                if fits(f"edv.{item.table}", *item.columns)
                and fits(f"edv.{item.parent}", *item.parent_columns)
            ),
        ),
        _lacking(has, _TOTALS),
        _lacking(has, _LATE),
    )


def _lacking(has: Columns, wanted: Mapping[str, tuple[str, ...]]) -> str:
    """Why the wanted columns are not all there; '' when they are."""
    reasons = []
    for table, columns in wanted.items():
        missing = [column for column in columns if column not in has.get(table, ())]
        if table not in has:
            reasons.append(f"the tree has no {table}")
        elif missing:
            reasons.append(f"{table} has no {', '.join(missing)}")
    return "; ".join(reasons)
