"""The variables of Step Functions Local: their meaning, and messages for invalid values."""

from pathlib import Path

import pytest

from stepfunctions_local_test.standalone.settings import Settings, SettingsError


def test_defaults_are_those_of_step_functions_local() -> None:
    assert Settings.read({}) == Settings(endpoints={}, bind="0.0.0.0", port=8083)  # noqa: S104
    assert Settings.read({"LAMBDA_ENDPOINT": "", "WAIT_TIME_SCALE": ""}) == Settings.read({})


def test_every_variable_is_used() -> None:
    settings = Settings.read(
        {
            "LAMBDA_ENDPOINT": "http://127.0.0.1:4566",
            "GLUE_ENDPOINT": "http://127.0.0.1:4567",
            "STEP_FUNCTIONS_ENDPOINT": "https://aws.test",
            "WAIT_TIME_SCALE": "0.1",
            "SFN_MOCK_CONFIG": "/mock.json",
            "SFN_LOCAL_BIND": "127.0.0.1",
            "SFN_LOCAL_PORT": "9000",
        }
    )
    assert settings.endpoints == {
        "lambda": "http://127.0.0.1:4566",
        "glue": "http://127.0.0.1:4567",
        "stepfunctions": "https://aws.test",
    }
    assert (settings.wait_time_scale, settings.mock_config) == (0.1, Path("/mock.json"))
    assert (settings.bind, settings.port) == ("127.0.0.1", 9000)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LAMBDA_ENDPOINT", "localhost:4566", "LAMBDA_ENDPOINT must be a URL such as"),
        ("GLUE_ENDPOINT", "ftp://x", "GLUE_ENDPOINT must be a URL"),
        ("WAIT_TIME_SCALE", "fast", "WAIT_TIME_SCALE must be a number from 0 upwards, got 'fast'"),
        ("WAIT_TIME_SCALE", "-1", "got '-1'"),
        ("WAIT_TIME_SCALE", "nan", "got 'nan'"),
        ("SFN_LOCAL_PORT", "70000", "SFN_LOCAL_PORT must be a port number from 0 to 65535, got '70000'"),
        ("SFN_LOCAL_PORT", "http", "got 'http'"),
    ],
)
def test_an_invalid_variable_is_refused(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        Settings.read({name: value})
