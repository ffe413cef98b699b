"""Names of the built-in `local` environment, as CONTRACTS and the deployer's environment fix them."""

ENVIRONMENT = "local"
DATA_SOURCE = "CARS"
APP = "cars"
DATABASE = "EDV"
FINAL_BUCKET = "fsa-local-cars-final"
BUCKETS = ("fsa-local-cars-landing", "fsa-local-cars-clean", FINAL_BUCKET, "fsa-local-cars-artifacts")
SECRET = "fsa-local/cars/postgres"  # noqa: S105 the name of a secret
CONNECTION = "FSA-LOCAL-PG-DART114"
# Schemas in the order of creation: the ledger first, because every Glue run writes to it.
SCHEMAS = ("DART_PROCESS_CONTROL", "CARS_STG", "EDV")
