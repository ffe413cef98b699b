"""Changes of a day that concern people and papers: parties, shares, elections, reports, reference tables."""

from decimal import Decimal

from cars_acceptance.source.cropping import few
from cars_acceptance.source.planting import PLAN, SHARE, SPLITS, add_compliance, add_election
from cars_acceptance.source.schema import KEYS
from cars_acceptance.source.state import Row, Value, acres, number
from cars_acceptance.source.world import World

ELECTION = "continuous_plan_certification_election"
COMPLIANCE = "compliance_detail_history"
PARTY = "business_party"
INTEREST = "tract_business_party"
REPORT = "crop_acreage_report"


def reshare(world: World) -> None:
    """The parties of a plan agree on other shares, which add up to 100 again."""
    for plan in world.pick(PLAN, few(world, 0.01)):
        shares = world.state.children(SHARE, KEYS[PLAN], plan[KEYS[PLAN]])
        if shares and all(world.untouched(SHARE, row) for row in shares):
            percents = world.rng.choice(SPLITS[len(shares)])
            for share, percent in zip(shares, percents, strict=True):
                world.update(SHARE, share[KEYS[SHARE]], {"crop_share_percent": Decimal(percent)})


def part_company(world: World) -> None:
    """A party leaves a farm: its shares go to the others, then interests, elections and the party are deleted."""
    for party in world.pick(PARTY, 30, lambda row: _can_leave(world, row))[:1]:
        identifier = party[KEYS[PARTY]]
        for share in world.state.children(SHARE, KEYS[PARTY], identifier):
            _hand_over(world, share)
        for table in (INTEREST, ELECTION):
            for row in world.state.children(table, KEYS[PARTY], identifier):
                world.delete(table, row[KEYS[table]])
        world.delete(PARTY, identifier)


def _can_leave(world: World, party: Row) -> bool:
    """Whether the report and every plan keep another party, and no row of the party was changed today."""
    state, identifier = world.state, party[KEYS[PARTY]]
    shares = state.children(SHARE, KEYS[PARTY], identifier)
    rows = [
        (table, row)
        for table in (SHARE, INTEREST, ELECTION)
        for row in state.children(table, KEYS[PARTY], identifier)
    ]
    others = [state.children(SHARE, KEYS[PLAN], share[KEYS[PLAN]]) for share in shares]
    return (
        len(state.children(PARTY, KEYS[REPORT], party[KEYS[REPORT]])) > 1
        and all(len(owners) > 1 for owners in others)
        and all(world.untouched(table, row) for table, row in rows)
        and all(world.untouched(SHARE, row) for owners in others for row in owners)
    )


def _hand_over(world: World, share: Row) -> None:
    """Give the percentage of a share to another of the plan, and delete it."""
    owners = world.state.children(SHARE, KEYS[PLAN], share[KEYS[PLAN]])
    heir = next(row for row in owners if row[KEYS[SHARE]] != share[KEYS[SHARE]])
    both = acres(heir["crop_share_percent"]) + acres(share["crop_share_percent"])
    world.delete(SHARE, share[KEYS[SHARE]])
    world.update(SHARE, heir[KEYS[SHARE]], {"crop_share_percent": both})


def elect(world: World) -> None:
    """Elections are made, ended and withdrawn."""
    types = list(world.state.tables["crop_type"])
    for party in world.pick(
        PARTY, 3, lambda row: not world.state.children(ELECTION, KEYS[PARTY], row[KEYS[PARTY]])
    ):
        add_election(world, party, world.rng.choice(types))
    for election in world.pick(ELECTION, 3):
        ended: dict[str, Value] = {
            "election_terminated_date": world.clock.tick(),
            "termination_letter_generated_indicator": "Y",
        }
        world.update(ELECTION, election[KEYS[ELECTION]], ended)
    for election in world.pick(ELECTION, 1):
        world.delete(ELECTION, election[KEYS[ELECTION]])


def inspect(world: World) -> None:
    """Compliance rows are added, changed and deleted."""
    for plan in world.pick(PLAN, 4):
        add_compliance(world, number(plan[KEYS[PLAN]]))
    for row in world.pick(COMPLIANCE, 5):
        world.update(
            COMPLIANCE, row[KEYS[COMPLIANCE]], {"crop_status_code": world.rng.choice(("G", "P", None))}
        )
    for row in world.pick(COMPLIANCE, 2):
        world.delete(COMPLIANCE, row[KEYS[COMPLIANCE]])


def certify(world: World) -> None:
    """Reports are certified, one of them twice a day; parties and producers change their status."""
    for report in world.pick(REPORT, 5):
        world.update(REPORT, report[KEYS[REPORT]], {"document_certification_status_code": "C"})
    for report in world.pick(REPORT, 1):
        for code in ("N", "C"):
            world.update(REPORT, report[KEYS[REPORT]], {"document_certification_status_code": code})
    for party in world.pick(PARTY, 3):
        world.update(PARTY, party[KEYS[PARTY]], {"data_status_code": world.rng.choice(("A", "I"))})
    for producer in world.pick("acrsi_producer", 3):
        world.update("acrsi_producer", producer[KEYS["acrsi_producer"]], {"data_status_code": "I"})
    for interest in world.pick(INTEREST, 2):
        world.update(INTEREST, interest[KEYS[INTEREST]], {"data_inactive_date": world.clock.tick()})


def keep_references(world: World) -> None:
    """Reference tables change: crop types on odd days, the program year on even days."""
    if world.day.toordinal() % 2:
        for row in world.pick("crop_type", 2):
            world.update(
                "crop_type",
                row[KEYS["crop_type"]],
                {"cars_crop_classification_code": world.rng.choice("ABC")},
            )
    else:
        for row in world.pick("program_year", 1):
            world.update("program_year", row["program_year"], {"default_program_year_indicator": "Y"})
