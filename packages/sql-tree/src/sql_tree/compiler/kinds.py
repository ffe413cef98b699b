# ruff: noqa: E501 - one kind is one line
"""Every kind of finding: its stable code, how serious it is, why it matters and what to write instead.

Codes are part of the interface: waivers, SARIF files and JSON readers name them. Add codes, never rename one.
"""

from dataclasses import dataclass

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, slots=True)
class Kind:
    """`waivable` kinds can be accepted in the waiver file; the others leave the compiler without a release."""

    code: str
    title: str
    why: str
    instead: str
    severity: str = ERROR
    waivable: bool = False


def _kinds(*kinds: Kind) -> dict[str, Kind]:
    return {kind.code: kind for kind in kinds}


KINDS = _kinds(
    # files
    Kind("no-directory", "the tree is not a directory", "there is nothing to compile", "give the folder that holds STG/, EDV/ and metadata/"),
    Kind("misplaced-file", "a file has no place in a release", "nothing would ever run it", "move it to its place or delete it"),
    Kind("doubled-ending", "a file name ends twice", "nothing reads a file of that name", "rename it: one ending"),
    Kind("link", "a file is a link", "it would carry a file from outside the tree into the release", "put the file itself there"),
    Kind("bad-text", "a file is not plain UTF-8 text", "the job could not read it", "save it as UTF-8"),
    Kind("empty-script", "a script holds no statement", "its table would count as loaded", "write the statement or delete the file"),
    Kind("script-order", "two scripts of a table have one place", "their order would be a matter of chance", "give each script its own number and each table one folder"),
    Kind("script-name", "a staging script is not called like its table", "the job looks for it under the table's name", "rename it"),
    # metadata
    Kind("csv-missing", "a metadata file is missing", "the plan of a run is made from it", "write it, with its header alone when it lists nothing"),
    Kind("csv-format", "a metadata file is malformed", "its rows would be read wrongly", "write pipe-delimited rows below the header"),
    Kind("csv-content", "a metadata file has the content of another", "the plan would be made from the wrong list", "put the right rows back"),
    Kind("csv-unknown", "a CSV is read by nothing", "whoever wrote it expects an effect", "rename it or take it out"),
    Kind("duplicate-entry", "a metadata row says something again", "one of the two rows has no effect", "delete one of them"),
    Kind("bad-entry", "a metadata row has a wrong value", "the row would be ignored", "correct the value"),
    Kind("dead-id", "a dependency belongs to an id that no table has", "the row has no effect", "correct the id or delete the rows"),
    Kind("outside-id", "a dependency requires an id that no table here has", "the run takes it as loaded", "correct the id, delete the rows, or waive it when it is a table of another source", WARNING, True),
    Kind("cycle", "tables require each other in a cycle", "no order can load them", "take one requirement out"),
    Kind("listed-without-scripts", "a listed table has no scripts", "each run would fail on it", "write its scripts or take it off the list"),
    Kind("unlisted-scripts", "scripts belong to a table that is not listed", "no run would load it", "list the table or delete its scripts"),
    Kind("mart-in-no-plan", "a mart is in no plan", "no run would load it", "list it in metadata/dm_tables.csv or delete its scripts"),
    Kind("missing-run-type", "a staging table lacks a run type", "runs of that type would fail", "write the missing script"),
    # statements
    Kind("unknown-token", "a token is unknown", "no run binds it", "use a known token"),
    Kind("unclosed-quote", "a quote is not closed", "the rest of the script is read as text", "close the quote, or delete it when it is left over"),
    Kind("postgres-syntax", "a statement is no Postgres SQL", "the database refuses it", "write it as Postgres does"),
    Kind("spark-syntax", "a statement is no Spark SQL", "the job refuses it", "write it as Spark does"),
    Kind("not-understood", "a statement is not understood", "what it reads and writes is not known", "write it with INSERT, UPDATE, DELETE or MERGE"),
    Kind("transaction", "a script controls the transaction", "all scripts of a table are one transaction", "delete the statement"),
    Kind("not-a-load", "a statement does not belong in a load", "it changes no table, or more than the table", "move it to DDL or leave it out"),
    Kind("clock", "a script reads the clock", "a replay, or a run past midnight, loads something else", "use a token such as {ETL_START_TIMESTAMP}"),
    Kind("bad-literal", "no type can hold a literal", "the run fails on it", "use a literal or token of the type, such as DATE '{ETL_START_DATE}'"),
    # tables
    Kind("no-schema", "a table has no schema", "which table is meant depends on the session", "write schema.table"),
    Kind("unknown-table", "a script reads a table that nothing here produces", "the run fails when it does not exist", "correct the name, or list the table in metadata/external_tables.csv"),
    Kind("undeclared-table", "a script reads a table of others that is not declared", "a misspelt name is found only when a run fails", "list the tables of others in metadata/external_tables.csv", WARNING, True),
    Kind("one-environment", "a staging script names the databases of one environment", "the run fails in every other environment", "name fsa-{env}-cars or fsa-{env}-cars-cdc", ERROR, True),
    Kind("foreign-write", "a script writes another table than its own", "the order of loads and the ledger know only its own table", "move the statement to the scripts of that table"),
    Kind("two-writers", "two tables of the tree write one database table", "each run of one undoes or doubles the other", "delete one of them", ERROR, True),
    Kind("copied-layer", "two layers hold the same tables", "one of them is a copy that goes stale and is run by mistake", "delete the layer that no run uses", ERROR, True),
    Kind("no-effect", "no script of a table changes a table", "a run would report it as loaded", "write the statement that changes it"),
    Kind("missing-requirement", "a table reads another one that it does not require", "it may be loaded before the other one", "add the requirement to the metadata"),
    # columns
    Kind("staging-shape", "a staging script is not one SELECT", "the job runs exactly one SELECT", "write one SELECT"),
    Kind("no-ddl", "no DDL creates a table", "the load has no target", "add its CREATE TABLE to DDL/"),
    Kind("staging-columns", "staging selects other columns than its table has", "the job refuses the rows", "select exactly the columns of the DDL"),
    Kind("unknown-column", "a script names a column that the DDL lacks", "the statement fails", "correct the name or add the column to the DDL"),
    Kind("value-count", "an INSERT has another number of values than columns", "the statement fails", "select one value for each column"),
    Kind("staging-refused", "the Glue job refuses a staging script", "the load fails before it reads a row", "write it with constructs of the job's list"),
    # meaning
    Kind("null-hash", "a hash is NULL as soon as a column is", "the row loses its identity: it is loaded again each time, or not at all", "wrap each column: UPPER(COALESCE(TRIM(x),'--')) or COALESCE(x::varchar(32),'-1')", ERROR, True),
    Kind("null-key", "the hash of one column is NULL when it is", "the row has no key", "wrap the column: UPPER(COALESCE(TRIM(x),'--')) or COALESCE(x::varchar(32),'-1')", WARNING, True),
    Kind("unmapped-operation", "an operation code is not mapped", "change capture sends I, U, D; staging holds I, UN, D", "CASE WHEN op = 'U' THEN 'UN' ELSE COALESCE(op, 'I') END AS cdc_oper_cd; compare with 'UN'", ERROR, True),
    Kind("swapped-dates", "initial and incremental fill a date from different things", "the history of a table depends on how it was loaded", "load_dt is the run's time, cdc_dt the row's dart_filedate, in both", WARNING, True),
    Kind("not-idempotent", "an INSERT adds its rows again when it runs again", "a replay doubles the rows, as far as can be seen", "add ON CONFLICT DO NOTHING or NOT EXISTS against the target, or delete the run's rows first", WARNING, True),
    # waivers
    Kind("stale-waiver", "a waiver waives nothing", "it would hide the next finding of that kind", "delete its row"),
    Kind("bad-waiver", "a waiver is not valid", "it waives nothing", "code|file|match|reason, with the code of a kind that can be waived and a reason"),
)  # fmt: skip
