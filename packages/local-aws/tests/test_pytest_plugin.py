import psycopg

from local_aws.pytest_plugin import Database

seen: list[str] = []


def test_database_is_empty_and_writable(database: Database) -> None:
    with psycopg.connect(database.dsn) as connection:
        tables = connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone()
        connection.execute("create table t (x int)")
    assert tables == (0,)
    seen.append(database.name)


def test_next_test_gets_another_empty_database(database: Database) -> None:
    assert database.name not in seen
    with psycopg.connect(database.dsn) as connection:
        assert connection.execute("select to_regclass('t')").fetchone() == (None,)


def test_the_database_says_where_it_is_and_who_may_log_in(database: Database) -> None:
    with psycopg.connect(
        host=database.host,
        port=database.port,
        dbname=database.name,
        user=database.user,
        password=database.password,
    ) as connection:
        assert connection.execute("select current_database()").fetchone() == (database.name,)
