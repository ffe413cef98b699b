-- The landing's memory: every object of the landing zone that a run took, left out or could not read.
CREATE TABLE IF NOT EXISTS dart_process_control.landing_obj (
    app_nm varchar(100) NOT NULL,
    obj_key varchar(1024) NOT NULL,
    tbl_nm varchar(200) NOT NULL,
    etag varchar(100) NOT NULL,
    size_byte_ct bigint NOT NULL CHECK (size_byte_ct >= 0),
    outcome_nm varchar(20) NOT NULL
        CHECK (outcome_nm IN ('Loaded', 'Repeated', 'Quarantined', 'Withdrawn', 'Archived', 'Legacy')),
    first_day_dt date,
    load_day_dt date,
    rcd_ct bigint CHECK (rcd_ct >= 0),
    rjct_ct bigint CHECK (rjct_ct >= 0),
    reason_txt text,
    job_run_id varchar(255) NOT NULL,
    cre_dt timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_chg_dt timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (app_nm, obj_key)
);

CREATE INDEX IF NOT EXISTS landing_obj_table_ix ON dart_process_control.landing_obj (app_nm, tbl_nm);
