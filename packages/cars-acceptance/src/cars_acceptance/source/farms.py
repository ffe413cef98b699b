"""Makes farms: reports, producers, business parties, tracts and fields of a county."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from cars_acceptance.source import words
from cars_acceptance.source.controls import ZERO, Key
from cars_acceptance.source.errors import SourceError
from cars_acceptance.source.state import Row, Value
from cars_acceptance.source.world import World

Area = tuple[str, str]
FOUR = Decimal("0.0001")  # decimal(18,4), the width of acreage that is not a crop's


def farms_per_area(acres: Mapping[Key, Decimal], farms: int) -> dict[Area, int]:
    """`farms` spread over the counties in proportion to their acres, at least one each."""
    weights: dict[Area, Decimal] = {}
    for key, quantity in sorted(acres.items(), key=lambda item: item[0].sortable()):
        weights[key.line.area] = weights.get(key.line.area, ZERO) + quantity
    if farms < len(weights):
        raise SourceError(
            f"{farms} farms are too few for the {len(weights)} counties of the control totals; "
            f"give --farms {len(weights)} or more"
        )
    whole = sum(weights.values(), ZERO)
    free = farms - len(weights)
    counts = {area: 1 + int(free * weight / whole) for area, weight in weights.items()}
    for area in sorted(counts, key=lambda area: (-weights[area], area))[: farms - sum(counts.values())]:
        counts[area] += 1
    return counts


def add_farm(world: World, area: Area, neighbours: Sequence[Area]) -> int:
    """A farm with its report, one to three parties and one to three tracts; returns the report's identifier."""
    rng = world.rng
    number = f"{len(world.state.tables['acrsi_farm']) + 1001:07d}{rng.choice(('', '', '', 'A'))}"
    place: dict[str, Value] = {
        "program_year": world.program_year,
        "state_fsa_code": area[0],
        "county_fsa_code": area[1],
    }
    spelled = words.noisy(number, rng) if rng.random() < 0.1 else number
    world.insert("acrsi_farm", {**place, "farm_number": spelled})
    report = world.insert("crop_acreage_report", {**place, "farm_number": number, **_report_values(world)})
    for kind in words.TYPES[: rng.randint(1, 3)]:
        add_party(world, report, kind)
    for _ in range(rng.randint(1, 3)):
        add_tract(world, report, rng.choice((area, area, area, *neighbours)))
    return report


def _report_values(world: World) -> dict[str, Value]:
    rng = world.rng
    moment = world.stamps.created()
    total = Decimal(rng.randrange(40_0000, 9_000_0000)) * FOUR
    certified = rng.random() < 0.8
    return {
        "report_date": moment,
        "document_certification_status_code": "C" if certified else None,
        "required_planting_status_completed_indicator": rng.choice(("Y", "N", None)),
        "required_planting_status_completed_date": moment if certified else None,
        "acreage_report_content_indicator": Decimal(1),
        "cropland_total_acreage": total,
        "cropland_total_certified_acreage": total if certified else None,
        "acreage_report_last_modified_date": moment + timedelta(minutes=rng.randrange(60)),
        "farmland_total_acreage": total + Decimal(rng.randrange(1000)) * FOUR,
        "dcp_total_acreage": (total / 2).quantize(FOUR),
        "batch_process_code": rng.choice((None, "A", "B")),
        "file_farm_sequence_number": rng.choice((None, 1, 2)),
        "fsa_578_originator_identifier": rng.randrange(1, 2**40),
        "total_base_acres": (total / 3).quantize(FOUR),
    }


def add_party(world: World, report: int, kind: str) -> int:
    """A business party of a report: a known producer who is not in it yet, or a new one."""
    rng = world.rng
    inside = {row["core_customer_identifier"] for row in parties_of(world, report)}
    known = list(world.state.rows("acrsi_producer")) if rng.random() < 0.3 else []
    chosen = rng.choice(known)["core_customer_identifier"] if known else None
    if chosen is None or chosen in inside:
        chosen = (
            7_000_000
            + 13 * len(world.state.tables["acrsi_producer"])
            + 13 * len(world.state.deleted["acrsi_producer"])
        )
        world.insert(
            "acrsi_producer", {"program_year": world.program_year, "core_customer_identifier": chosen}
        )
    return world.insert(
        "business_party",
        {
            "core_customer_identifier": chosen,
            "crop_acreage_report_identifier": report,
            "business_party_type_code": kind,
        },
    )


def parties_of(world: World, report: Value) -> list[Row]:
    """The current business parties of a report."""
    return world.state.children("business_party", "crop_acreage_report_identifier", report)


def add_tract(world: World, report: int, location: Area) -> int:
    """A tract with one to four fields, and every party of the report in it."""
    rng = world.rng
    cropland = Decimal(rng.randrange(10_0000, 2_000_0000)) * FOUR
    tract = world.insert(
        "tract",
        {
            "tract_number": 500 + len(world.state.tables["tract"]) + len(world.state.deleted["tract"]),
            "crop_acreage_report_identifier": report,
            "farmland_acreage": cropland + Decimal(rng.randrange(50_0000)) * FOUR,
            "cropland_acreage": cropland,
            "tract_description": words.description(rng),
            "location_state_fsa_code": location[0],
            "location_county_fsa_code": location[1],
        },
    )
    for number in range(1, rng.randint(1, 4) + 1):
        add_field(world, tract, number, location)
    for party in parties_of(world, report):
        join_tract(world, tract, party)
    return tract


def add_field(world: World, tract: int, number: int, location: Area) -> int:
    """A field of a tract; field numbers may carry a lower case letter."""
    rng = world.rng
    return world.insert(
        "field",
        {
            "tract_identifier": tract,
            "field_number": f"{number}{rng.choice(('', '', 'a', 'B'))}",
            "clu_identifier": rng.choice((None, rng.randrange(1, 2**50))),
            "clu_acreage": Decimal(rng.randrange(1, 400_0000)) * FOUR,
            "location_state_fsa_code": location[0],
            "location_county_fsa_code": location[1],
            "state_ansi_code": location[0],
            "county_ansi_code": location[1],
            "cropland_indicator": rng.choice(("Y", "Y", "N", None)),
            "native_sod_conversion_date": datetime(1898, 3, 1) if rng.random() < 0.05 else None,  # noqa: DTZ001
        },
    )


def join_tract(world: World, tract: Value, party: Row) -> int:
    """A business party's interest in a tract."""
    return world.insert(
        "tract_business_party",
        {
            "tract_identifier": tract,
            "business_party_identifier": party["business_party_identifier"],
            "business_party_type_code": party["business_party_type_code"],
        },
    )
