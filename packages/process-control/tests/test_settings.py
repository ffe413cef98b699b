from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber

from process_control.errors import SettingsError
from process_control.settings import DatabaseSettings, load_settings, settings_from_secret

SECRET = {
    "edv_postgres_hostname": "cars.example.internal",
    "postgres_port": "5432",
    "edv_postgres_database_name": "EDV",
    "postgres_prcs_ctrl_dbname": "PRCS_CTRL",
    "edv_postgres_username": "etl",
    "edv_postgres_password": "h0rse-battery",
}


def stubbed(answer: dict[str, Any] | None = None, code: str = "", message: str = "") -> Any:
    client = boto3.client(
        "secretsmanager", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="y"
    )
    stubber = Stubber(client)
    if answer is None:
        stubber.add_client_error("get_secret_value", code, message)
    else:
        stubber.add_response("get_secret_value", answer, {"SecretId": "cars/postgres"})
    stubber.activate()
    return client


def test_secret_becomes_settings_of_the_edv_database() -> None:
    assert settings_from_secret(SECRET) == DatabaseSettings(
        "cars.example.internal", 5432, "EDV", "etl", "h0rse-battery", "verify-full", None, 5
    )


@pytest.mark.parametrize(
    ("changed", "edv", "process_control"),
    [
        ({}, "EDV", "PRCS_CTRL"),
        ({"postgres_prcs_ctrl_dbname": ""}, "EDV", "EDV"),
        ({"edv_postgres_database_name": None}, "EDV", "PRCS_CTRL"),
        (
            {"edv_postgres_database_name": "EDV_CERT", "postgres_prcs_ctrl_dbname": None},
            "EDV_CERT",
            "EDV_CERT",
        ),
    ],
)
def test_database_names_have_defaults(changed: dict[str, Any], edv: str, process_control: str) -> None:
    secret = SECRET | changed
    assert settings_from_secret(secret).dbname == edv
    assert settings_from_secret(secret, database="process_control").dbname == process_control


def test_every_problem_of_a_secret_is_reported_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        settings_from_secret({"postgres_port": "54x32", "edv_postgres_username": ""}, sslmode="on")
    assert str(caught.value) == (
        "database secret: 5 problems: 'edv_postgres_hostname' is missing; 'edv_postgres_username' is missing;"
        " 'edv_postgres_password' is missing; 'postgres_port' is '54x32' (a number from 1 to 65535);"
        " sslmode is 'on' (one of disable, allow, prefer, require, verify-ca, verify-full)"
    )


@pytest.mark.parametrize("port", [0, 65536, -1, "5432.0", "\u0665432", True])
def test_port_out_of_range_is_refused(port: object) -> None:
    with pytest.raises(SettingsError, match="a number from 1 to 65535"):
        settings_from_secret(SECRET | {"postgres_port": port})


def test_password_is_not_in_the_repr() -> None:
    assert "h0rse-battery" not in repr(settings_from_secret(SECRET))


def test_secret_is_read_from_secrets_manager() -> None:
    client = stubbed(
        {
            "SecretString": '{"edv_postgres_hostname": "h", "postgres_port": 1, "edv_postgres_username": "u",'
            ' "edv_postgres_password": "p"}'
        }
    )
    assert load_settings("cars/postgres", client=client, connect_timeout=2) == DatabaseSettings(
        "h", 1, "EDV", "u", "p", connect_timeout=2
    )


def test_missing_keys_name_the_secret() -> None:
    with pytest.raises(
        SettingsError, match=r"^secret 'cars/postgres': 4 problems: 'edv_postgres_hostname' is missing"
    ):
        load_settings("cars/postgres", client=stubbed({"SecretString": "{}"}))


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "ResourceNotFoundException",
            "secret 'cars/postgres' does not exist in this account and region;"
            " create it or correct the secret name in the configuration",
        ),
        (
            "AccessDeniedException",
            "secret 'cars/postgres' may not be read; grant this role secretsmanager:GetSecretValue on it",
        ),
        ("DecryptionFailure", "secret 'cars/postgres' cannot be read: DecryptionFailure: the reason"),
    ],
)
def test_refused_secret_says_the_way_out(code: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings("cars/postgres", client=stubbed(code=code, message="the reason"))
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["h0rse-battery", '["h0rse-battery"]', "null"])
def test_secret_that_is_no_json_object_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(SettingsError, match="must hold a JSON object with edv_postgres_hostname") as caught:
        load_settings("cars/postgres", client=stubbed({"SecretString": text}))
    assert "h0rse" not in str(caught.value)
    assert caught.value.__context__ is None


def test_unreachable_secrets_manager_is_a_settings_error() -> None:
    class Unreachable:
        def get_secret_value(self, *, SecretId: str) -> Mapping[str, Any]:  # noqa: N803
            raise ConnectTimeoutError(endpoint_url="https://secretsmanager.example")

    with pytest.raises(SettingsError, match="secret 'cars/postgres' cannot be read: Connect timeout"):
        load_settings("cars/postgres", client=Unreachable())
