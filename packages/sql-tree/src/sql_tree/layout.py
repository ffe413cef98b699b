"""How a SQL tree is laid out: names that the renderer writes and the compiler reads."""

LAYERS = ("STG", "EDV", "DM", "CAR_DM", "DDL")
MART_LAYERS = ("DM", "CAR_DM")
RUN_TYPES = ("initial", "incremental")
PUBLISHED = {
    "car_dm_stg": "car_dm",
    "car_dm": "car_dm_stg",
}  # a mart is built in the one schema and read from the other

MODEL_FOLDER = "metadata/model"
METADATA_COLUMNS = {
    "stg_tables.csv": ("tbl",),
    "dv_tables.csv": ("etl_dv_tbl_id", "dv_tbl_nm"),
    "dv_tbl_dpnds.csv": ("etl_dv_tbl_id", "rqr_etl_dv_tbl_id"),
    "dm_tables.csv": ("etl_dm_tbl_id", "dm_tbl_nm"),
    "dm_tbl_dpnds.csv": ("etl_dm_tbl_id", "rqr_etl_dm_tbl_id"),
    "external_tables.csv": ("tbl",),
}
OPTIONAL_METADATA = (
    "external_tables.csv",
)  # a tree without it declares nothing; see kind `undeclared-table`
WAIVERS = "metadata/waivers.csv"  # read by the compiler, not released
WAIVER_COLUMNS = ("code", "file", "match", "reason")

INSERT_SCRIPT = "2_DV_INSERT.sql"  # the only script of a hub or link
