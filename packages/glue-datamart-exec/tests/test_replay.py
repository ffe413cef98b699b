"""What a replay would load differently is refused in every spelling, and ordinary texts are not."""

from __future__ import annotations

import pytest

from datamart_exec.errors import DatamartError
from datamart_exec.statements import split

CLOCK = "the wall clock"
RANDOM = "gives other values in a replay"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'now'", CLOCK),
        ("'NOW'", CLOCK),
        ("' now '", CLOCK),
        ("'now!'", CLOCK),
        ("E'now'", CLOCK),
        (r"E'n\157w'", CLOCK),
        ("$$now$$", CLOCK),
        ("$tag$today$tag$", CLOCK),
        ("U&'now'", CLOCK),
        ("N'now'", CLOCK),
        ("'yesterday 12:00'", CLOCK),
        ("'12:00 tomorrow'", CLOCK),
        ("'today 3:30 PM America/Chicago'", CLOCK),
        ("'today allballs'", CLOCK),
        ("'now'::timestamp", CLOCK),
        ("timestamptz 'now'", CLOCK),
        ("('now')::date", CLOCK),
        ("'now'::text::timestamp", CLOCK),
        ("CAST('tomorrow' AS time)", CLOCK),
        ("date('today')", CLOCK),
        ("coalesce(load_dt, 'now')", CLOCK),
        ("CASE WHEN load_dt < 'today' THEN 1 END", CLOCK),
        ("now()", "NOW is the wall clock"),
        ("pg_catalog.now()", CLOCK),
        ('"now"()', CLOCK),
        ("pg_catalog . clock_timestamp ()", CLOCK),
        ("statement_timestamp()", CLOCK),
        ("timeofday()", CLOCK),
        ("CURRENT_DATE", CLOCK),
        ("current_timestamp(3)", CLOCK),
        ("LOCALTIME", CLOCK),
        ("localtimestamp", CLOCK),
        ("age(load_dt)", CLOCK),
        ("random()", "RANDOM gives other values in a replay"),
        ("random(1, 10)", RANDOM),
        ("gen_random_uuid()", RANDOM),
        ("uuidv7()", RANDOM),
        ("uuidv7(interval '1 day')", RANDOM),
        ("uuid_generate_v4()", RANDOM),
        ("public.uuid_generate_v1()", RANDOM),
        ("nextval('edv.s')", "NEXTVAL counts on in a replay"),
        ("txid_current()", "TXID_CURRENT depends on session or transaction"),
        ("pg_backend_pid()", "depends on session"),
        ("current_user", "depends on session"),
        ("session_user", "depends on session"),
        ("inet_server_port()", "depends on session"),
    ],
)
def test_what_differs_in_a_replay_is_refused(expression: str, expected: str) -> None:
    for statement in (
        f"INSERT INTO edv.t SELECT a, {expression} FROM cars_stg.farm",
        f"WITH x AS (SELECT {expression} AS a FROM cars_stg.farm) INSERT INTO edv.t SELECT a FROM x",
        f"UPDATE edv.t SET a = {expression} WHERE b = 1",
        f"DELETE FROM edv.t WHERE a = {expression}",
    ):
        with pytest.raises(DatamartError, match=r"^S, statement 1 \(line 1\): ") as caught:
            split("S", statement)
        assert expected in str(caught.value)


def test_a_sample_of_a_table_is_refused() -> None:
    with pytest.raises(DatamartError, match="TABLESAMPLE takes other rows in a replay"):
        split("S", "INSERT INTO edv.t SELECT a FROM cars_stg.farm TABLESAMPLE SYSTEM (10)")


def test_the_way_out_of_a_text_that_means_itself_is_named_and_accepted() -> None:
    with pytest.raises(DatamartError, match="or write 'today'::text"):
        split("S", "INSERT INTO edv.t VALUES ('today')")
    split("S", "INSERT INTO edv.t VALUES ('today'::text, CAST('now' AS varchar(3)))")


@pytest.mark.parametrize(
    "expression",
    [
        "'infinity'::timestamp",
        "'-infinity'",
        "'epoch'",
        "'2025-03-01'",
        "'now and then'",
        "'not today, thanks'",
        "'known'",
        "'N'",
        "age(load_dt, edt_dt)",
        '"now"',
        "t.today",
        "md5('a' || b)",
        "randomized(a)",
    ],
)
def test_what_is_the_same_in_a_replay_is_accepted(expression: str) -> None:
    split("S", f"INSERT INTO edv.t SELECT a, {expression} FROM cars_stg.farm t")


def test_a_table_named_like_a_function_is_no_call() -> None:
    split("S", "INSERT INTO edv.random (a) SELECT b FROM (VALUES (1)) AS random(b)")


def test_ddl_may_have_defaults_that_differ() -> None:
    split("S", "CREATE TABLE edv.t (id uuid DEFAULT gen_random_uuid(), at timestamp DEFAULT now())", ddl=True)


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO edv.a (x) SELECT l.x FROM s.t CROSS JOIN LATERAL (SELECT t.x) AS l ON CONFLICT DO NOTHING",
        "INSERT INTO edv.a (x) SELECT x FROM s.t NATURAL LEFT OUTER JOIN s.u ON CONFLICT (x) DO UPDATE SET x = EXCLUDED.x",
        "INSERT INTO edv.a (x) OVERRIDING SYSTEM VALUE SELECT x FROM s.t",
    ],
)
def test_clauses_that_the_parser_does_not_read_are_sent_as_written(text: str) -> None:
    assert [statement.text for statement in split("1_A.sql", f"{text};")] == [text]


def test_the_clock_is_found_beside_clauses_that_the_parser_does_not_read() -> None:
    with pytest.raises(DatamartError, match=CLOCK):
        split("1_A.sql", "INSERT INTO edv.a (x) SELECT now() FROM s.t CROSS JOIN s.u ON CONFLICT DO NOTHING")
