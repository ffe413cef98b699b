import psycopg

from stepfunctions_local_test.pytest_plugin import Database

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


def test_settings_are_those_of_the_database_secret(database: Database) -> None:
    settings = database.settings
    with psycopg.connect(
        host=settings["edv_postgres_hostname"],
        port=settings["postgres_port"],
        dbname=settings["edv_postgres_database_name"],
        user=settings["edv_postgres_username"],
        password=settings["edv_postgres_password"],
    ) as connection:
        assert connection.execute("select current_database()").fetchone() == (database.name,)
