"""Makes production plans with the acres of a control total, their shares, compliance rows and elections."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from cars_acceptance.source.acres import split
from cars_acceptance.source.codes import Status
from cars_acceptance.source.controls import Key, Line
from cars_acceptance.source.farms import parties_of
from cars_acceptance.source.state import Row, Value, number
from cars_acceptance.source.world import World

PLAN = "agricultural_production_plan"
SHARE = "business_party_share"
HUNDRED = Decimal("100.0000")
# Shares of parties in a crop; each adds up to 100 with four decimals.
SPLITS: dict[int, tuple[tuple[str, ...], ...]] = {
    1: (("100.0000",),),
    2: (("50.0000", "50.0000"), ("66.6667", "33.3333"), ("87.5000", "12.5000"), ("99.9999", "0.0001")),
    3: (("33.3333", "33.3333", "33.3334"), ("50.0000", "25.0000", "25.0000")),
}


def plant(world: World, key: Key, total: Decimal, tracts: Sequence[Row]) -> list[int]:
    """Plans with together `total` acres of a control total, on a random part of the tracts."""
    rng = world.rng
    wanted = max(1, round(len(tracts) * rng.uniform(0.08, 0.35)))
    amounts = split(total, wanted, rng)
    places = (
        rng.sample(tracts, len(amounts))
        if len(amounts) <= len(tracts)
        else rng.choices(tracts, k=len(amounts))
    )
    return [add_plan(world, key, acres, tract) for acres, tract in zip(amounts, places, strict=True)]


def add_plan(world: World, key: Key, acres: Decimal, tract: Row) -> int:
    """A plan of `acres` on a field of `tract`, with shares and perhaps compliance rows; books nothing."""
    rng = world.rng
    identifier = number(tract["tract_identifier"])
    fields = world.state.children("field", "tract_identifier", identifier)
    field = rng.choice(fields) if fields else {"field_number": None, "clu_identifier": None}
    values = {**_codes(key), **_acreage(acres, rng), **_field(field, rng), **_details(world, key)}
    plan = world.insert(PLAN, {**values, "tract_identifier": identifier})
    add_shares(world, plan)
    for _ in range(rng.choice((0, 0, 0, 0, 0, 0, 1, 1, 2))):
        add_compliance(world, plan)
    return plan


def _codes(key: Key) -> dict[str, Value]:
    line: Line = key.line
    return {
        "fsa_crop_code": line.crop,
        "fsa_crop_type_code": line.crop_type,
        "crop_intended_use_code": line.use,
        "irrigation_practice_code": line.irrigation,
        "planting_primary_status_code": key.status,
    }


def _acreage(acres: Decimal, rng: Random) -> dict[str, Value]:
    return {
        "crop_field_reported_quantity": acres,
        "crop_field_determined_quantity": acres if rng.random() < 0.2 else None,
        "original_reported_acreage": acres if rng.random() < 0.5 else None,
        "crop_reporting_unit_code": "A",
    }


def _field(field: Row, rng: Random) -> dict[str, Value]:
    return {
        "field_number": field["field_number"],
        "clu_identifier": field["clu_identifier"],
        "field_identification": rng.choice((None, "", " Blk 7", "é-12")),
        "subfield_number": rng.choice((None, None, "A", "b ")),
        "cropland_indicator": rng.choice(("Y", "N")),
    }


def _details(world: World, key: Key) -> dict[str, Value]:
    rng = world.rng
    planted = _planted(world) if key.status in (Status.PLANTED.value, Status.FAILED.value) else None
    tree = key.line.crop in ("0048", "0060", "7506")
    return {
        "planting_secondary_status_code": rng.choice((None, "R", "E")),
        "planting_multiple_crop_code": rng.choice((None, "I", "D")),
        "planting_period_code": rng.choice(("01", "02", None)),
        "crop_planted_date": planted,
        "original_planted_date": planted,
        "certification_date": planted + timedelta(days=40) if planted and rng.random() < 0.7 else None,
        "skip_row_width": Decimal("30.0000") if rng.random() < 0.1 else None,
        "crop_row_width": rng.choice((None, Decimal("30.0000"), Decimal("7.5000"))),
        "crop_row_count": rng.choice((None, 2, 4)),
        "tree_age": rng.randrange(1, 60) if tree else None,
        "tree_unit_count": rng.randrange(1, 9000) if tree else None,
        "tree_separation_length": Decimal("12.5000") if tree else None,
        "determined_acreage_indicator": Decimal(0),
        "nap_unit_number": rng.choice((None, rng.randrange(1, 9999))),
        "land_use_code": rng.choice((None, "CR", "GL")),
        "crop_planted_percent": rng.choice((None, Decimal("100.0000"), Decimal("62.5000"))),
        "organic_practice_type_code": rng.choice((None, None, "C", "T")),
        "geospatial_agriculture_production_plan_identifier": rng.choice((None, rng.randrange(2**33))),
        "crop_late_filing_indicator": rng.choice(("N", "N", "Y")),
    }


def _planted(world: World) -> datetime:
    spring = datetime(world.program_year, 3, 1)  # noqa: DTZ001 the source has no zones
    return spring + timedelta(days=world.rng.randrange(100))


def add_shares(world: World, plan: int) -> None:
    """Divide a plan among the parties of its tract's report; the percentages add up to 100."""
    tract = world.state.row(PLAN, plan)["tract_identifier"]
    parties = parties_of(world, world.report_of(tract)["crop_acreage_report_identifier"])
    chosen = world.rng.sample(parties, min(len(parties), world.rng.randint(1, 3)))
    if not chosen:
        return
    interests = {
        row["business_party_identifier"]: row["tract_business_party_identifier"]
        for row in world.state.children("tract_business_party", "tract_identifier", tract)
    }
    for party, percent in zip(chosen, world.rng.choice(SPLITS[len(chosen)]), strict=True):
        world.insert(
            SHARE,
            {
                "business_party_identifier": party["business_party_identifier"],
                "agricultural_production_plan_identifier": plan,
                "crop_share_percent": Decimal(percent),
                "land_unit_rma_number": world.rng.choice((None, world.rng.randrange(1, 999))),
                "business_party_type_code": party["business_party_type_code"],
                "tract_business_party_identifier": interests.get(party["business_party_identifier"]),
                "tract_identifier": tract,
                "hemp_license_number": None,
            },
        )


def add_compliance(world: World, plan: int) -> int:
    """A row of a plan's compliance history."""
    rng = world.rng
    quarter = rng.randrange(4)
    return world.insert(
        "compliance_detail_history",
        {
            "agricultural_production_plan_identifier": plan,
            "subfield_number": rng.choice((None, "A")),
            "field_visit_measurement_indicator": rng.choice(("Y", "N", None)),
            "workload_first_quarter_indicator": "Y" if quarter == 0 else "N",
            "workload_second_quarter_indicator": "Y" if quarter == 1 else "N",
            "workload_third_quarter_indicator": "Y" if quarter == 2 else "N",
            "workload_fourth_quarter_indicator": "Y" if quarter == 3 else "N",
            "land_use_source_indicator": rng.choice((None, "F")),
            "crop_status_code": rng.choice(("G", "F", None)),
            "crop_field_determined_date": rng.choice((None, _planted(world))),
        },
    )


def add_elections(world: World) -> None:
    """Elections of some parties for a crop of the year, each party and crop type at most once."""
    types = list(world.state.tables["crop_type"])
    for party in list(world.state.rows("business_party")):
        if world.rng.random() < 0.2:
            add_election(world, party, world.rng.choice(types))


def add_election(world: World, party: Row, crop_type: int) -> int:
    """A continuous certification election of a party for a crop type."""
    terminated = world.rng.random() < 0.1
    moment = world.stamps.created()
    return world.insert(
        "continuous_plan_certification_election",
        {
            "crop_type_identifier": crop_type,
            "business_party_identifier": party["business_party_identifier"],
            "election_date": moment,
            "election_terminated_date": moment if terminated else None,
            "election_terminated_reason_description": "owner's request; sold" if terminated else None,
            "termination_letter_generated_indicator": "Y" if terminated else None,
        },
    )
