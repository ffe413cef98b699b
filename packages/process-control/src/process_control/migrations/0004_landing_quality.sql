-- What the landing found in the rows of each day: one row for a column of the changes, or of the full load, of a day.
CREATE TABLE IF NOT EXISTS dart_process_control.landing_quality (
    app_nm varchar(100) NOT NULL,
    tbl_nm varchar(200) NOT NULL,
    file_dt date NOT NULL,
    load_ind boolean NOT NULL,
    batch_cd varchar(64) NOT NULL,
    col_nm varchar(200) NOT NULL,
    rcd_ct bigint NOT NULL CHECK (rcd_ct >= 0),
    null_ct bigint NOT NULL CHECK (null_ct >= 0),
    min_txt text,
    max_txt text,
    distinct_ct bigint NOT NULL,
    value_ct jsonb,
    job_run_id varchar(255) NOT NULL,
    cre_dt timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (app_nm, tbl_nm, file_dt, load_ind, batch_cd, col_nm)
);
