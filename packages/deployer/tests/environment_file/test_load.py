"""Environment files: every key, every value as a string, every problem at once."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.build_output import RUNTIME
from support.environments import ACCOUNT, BUCKETS, environment, raw_config

from deployer.environment_file import load_environment
from deployer.environment_file.load import CONFIG_DIR_VARIABLE, environment_from, find_file, read_json
from deployer.environment_file.values import comma_list, true_or_false, whole_number
from deployer.errors import ConfigError


def _problems(**changes: object) -> str:
    with pytest.raises(ConfigError) as raised:
        environment(**changes)  # type: ignore[arg-type]
    return str(raised.value)


def test_every_key_of_the_contract_is_read() -> None:
    config = environment().config
    assert config.strparams.final_bucket == BUCKETS[2]
    assert config.artifacts.prefix == "cars/"
    assert config.step_functions.create_role_if_missing is True
    assert config.config_upload.min_expected_objects == 1
    assert config.glue.max_concurrency == 20
    assert config.glue.connections[0].subnet_ids == ("subnet-1", "subnet-2")
    assert config.glue.generate_metrics is True
    assert config.glue.job_parameters == {"--env": "cert", "--custom": "7"}
    assert config.lambda_env == {"EXTRA": "1", "FLAG": "true"}
    assert config.lambda_vpc is not None
    assert config.lambda_vpc.subnet_ids == ("subnet-b", "subnet-a")
    assert config.download_zip.timeout_seconds == 600


def test_empty_strings_count_as_absent() -> None:
    config = environment().config
    assert config.strparams.etl_role_arn is None
    assert config.strparams.custom_layer_arn is None
    assert config.step_functions.role_name is None
    assert config.config_upload.function_name is None


def test_all_problems_of_a_file_are_listed_at_once() -> None:
    raw = raw_config(strparams={"etlRoleArnParam": "nope"}, GlueJobParameters={"MaxConcurrency": "many"})
    raw["stepFunctions"]["createRoleIfMissing"] = "maybe"
    raw["strparams"]["landingBucketNameParm"] = raw["strparams"].pop("landingBucketNameParam")
    raw["GlueJobParameters"]["Connections"].append({"ConnectionName": ""})
    raw["downloadZip"] = {"timeoutSeconds": "1000"}
    with pytest.raises(ConfigError) as raised:
        environment_from("cert", "dev.json", raw)
    message = str(raised.value)
    assert message.startswith("dev.json: 7 problems: ")
    assert "strparams.landingBucketNameParam is missing (a bucket name (3 to 63" in message
    assert (
        "strparams.landingBucketNameParm is not a known key (did you mean landingBucketNameParam)" in message
    )
    assert "strparams.etlRoleArnParam is 'nope' (the ARN of an IAM role)" in message
    assert "stepFunctions.createRoleIfMissing is 'maybe' (true or false)" in message
    assert "GlueJobParameters.Connections[1].ConnectionName is '' (the name of a Glue connection)" in message
    assert "GlueJobParameters.MaxConcurrency is 'many' (a whole number of at least 1)" in message
    assert "downloadZip.timeoutSeconds is '1000' (seconds, 1 to 900)" in message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"GlueJobParameters": {"MaxConcurrency": True}},
            "MaxConcurrency is True (a whole number of at least 1)",
        ),
        ({"GlueJobParameters": {"MaxConcurrency": "20.5"}}, "MaxConcurrency is '20.5' (a whole number"),
        (
            {"GlueJobParameters": {"GlueVersion": "3.0"}},
            "GlueVersion is '3.0' (a Glue version: 4.0, 5.0, 5.1 or 6.0)",
        ),
        (
            {"GlueJobParameters": {"TemporaryPath": "/tmp/x"}},
            "TemporaryPath is '/tmp/x' (an S3 path, s3://bucket/key)",
        ),
        ({"GlueJobParameters": {"JobParameters": {"env": "x"}}}, "whose names start with --, not 'env'"),
        (
            {"GlueJobParameters": {"Connections": "FSA"}},
            "GlueJobParameters.Connections is 'FSA' (a list of connections)",
        ),
        ({"lambdaEnv": {"A": ["x"]}}, "'A' is neither text, number nor boolean"),
        ({"lambdaVpc": {"subnetIds": 7}}, "lambdaVpc.subnetIds is 7 (a comma list, for example 'a, b')"),
        ({"lambdaVpc": {"securityGroupIds": ""}}, "lambdaVpc.securityGroupIds is empty"),
        ({"snsTopicArn": "topic"}, "snsTopicArn is 'topic' (the ARN of an SNS topic)"),
        ({"artifacts": 3}, "artifacts is 3 (an object)"),
        ({"artifacts": None}, "artifacts is missing"),
        ({"deployEnv": "a b"}, "deployEnv is 'a b' (letters, digits and dashes"),
        (
            {"kmsKeyArn": f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/cars"},
            "(the ARN of a KMS key, not of an alias)",
        ),
        (
            {"kmsKeyArn": f"arn:aws:kms:us-west-2:{ACCOUNT}:key/1-2"},
            "(a key of region us-east-1, where everything it protects is)",
        ),
        ({"logRetentionDays": "31"}, "logRetentionDays is '31' (days: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150,"),
        ({"logRetentionDays": "many"}, "logRetentionDays is 'many' (days: 1, 3, 5,"),
        (
            {"GlueJobParameters": {"WorkerType": "G.025X"}},
            "(only for streaming jobs, which this one is not; use",
        ),
        (
            {"GlueJobParameters": {"WorkerType": "Standard"}},
            "WorkerType is 'Standard' with GlueVersion 5.1 (only for Glue 1.0 and older; use G.1X",
        ),
        ({"GlueJobParameters": {"TimeoutMinutes": "10081"}}, "(minutes, 1 to 10080 (7 days))"),
        (
            {"GlueJobParameters": {"Connections": [{"ConnectionName": "c", "JdbcUrl": "http://x"}]}},
            "Connections[0].JdbcUrl is 'http://x' (a JDBC address, for example jdbc:postgresql:",
        ),
        ({"region": "virginia"}, "region is 'virginia' (an AWS region, for example us-east-1)"),
        (
            {"strparams": {"lambdaRuntime": "python2.7"}},
            "lambdaRuntime is 'python2.7' (python3.11, python3.12",
        ),
        ({"bucketRegion": "mars"}, "bucketRegion is 'mars' (an AWS region, for example us-east-1)"),
        (
            {"env": None, "GlueJobParameters": {"JobParameters": {"--env": "CERT"}}},
            "GlueJobParameters.JobParameters.--env is 'CERT' (the lower-case data token, for example prod)",
        ),
        (
            {"stepFunctions": {"roleName": "a", "roleArn": "arn:aws:iam::111122223333:role/b"}},
            "stepFunctions.roleName is 'a' but roleArn is 'arn:aws:iam::111122223333:role/b'",
        ),
        ({"unknown": 1}, "unknown is not a known key (known here: deployEnv"),
    ],
)
def test_bad_value_names_path_value_and_expectation(changes: dict[str, object], message: str) -> None:
    found = _problems(**changes)
    assert found.startswith("cert.json: ")
    assert message in found


def test_unused_sections_are_accepted_with_one_note() -> None:
    found = environment(schedule=None, configData={"a": 1}, ssm={"b": {}}, paths={"c": "d"})
    assert found.notes == ("cert.json: configData, ssm, paths accepted but used by nothing",)


def test_env_comes_from_the_key_then_the_job_parameter_then_a_guess_with_a_warning() -> None:
    parameters = {"JobParameters": {"--env": "cert"}}
    assert environment(env=None, GlueJobParameters=parameters).env == "cert"
    guessed = environment(
        "dev", env=None, schedule=None, deployEnv="FPACDEV", GlueJobParameters={"JobParameters": {}}
    )
    assert guessed.env == "fpacdev"
    assert "warning: env was guessed as 'fpacdev' from deployEnv 'FPACDEV'; set env" in guessed.notes[0]


def test_two_different_env_tokens_are_accepted_with_a_warning_because_job_parameters_win() -> None:
    found = environment("dev", env="dev", schedule=None)
    assert found.env == "dev"
    assert "warning: env is 'dev' but GlueJobParameters.JobParameters.--env is 'cert'" in found.notes[0]


@pytest.mark.parametrize("empty", ["", " ", None])
def test_empty_optional_values_of_every_type_count_as_absent(empty: str | None) -> None:
    glue = ("MaxRetries", "WorkerType", "GlueVersion", "GenerateMetrics", "TemporaryPath", "JobParameters")
    raw = raw_config(GlueJobParameters=dict.fromkeys((*glue, "Connections"), empty))
    raw |= dict.fromkeys(("lambdaVpc", "downloadZip", "lambdaEnv", "project"), empty)
    raw["stepFunctions"]["createRoleIfMissing"] = empty
    raw["configUpload"]["inputPrefix"] = None
    found = environment_from("cert", "cert.json", raw)
    config = found.config
    assert (config.glue.max_retries, config.glue.worker_type, config.glue.glue_version) == (0, "G.1X", "5.1")
    assert (config.glue.generate_metrics, config.glue.temporary_path) == (None, None)
    assert (config.glue.connections, config.glue.job_parameters) == ((), {})
    assert (config.lambda_vpc, config.lambda_env, config.project) == (None, None, "cars")
    assert config.download_zip.timeout_seconds == 900
    assert config.step_functions.create_role_if_missing is False
    assert found.release_route.input_prefix == "cars/configs/"


def test_an_empty_prefix_is_the_root_of_the_bucket() -> None:
    found = environment(configUpload={"outputPrefix": "", "inputPrefix": "/"}).release_route
    assert (found.output_prefix, found.input_prefix) == ("", "")


def test_file_asked_for_by_its_own_stem_may_be_for_any_environment() -> None:
    assert environment("fpaccert").prefix == "FSA-CERT"


def test_asked_environment_must_be_the_one_of_the_file() -> None:
    with pytest.raises(
        ConfigError, match=r"the file is for env 'cert' \(deployEnv 'CERT'\) but 'dev' was asked for"
    ):
        environment("dev")
    assert (
        environment("steam", deployEnv="steam-dev", env="dev", GlueJobParameters={"JobParameters": {}}).env
        == "dev"
    )


def test_local_environment_is_built_in() -> None:
    found = load_environment("local")
    assert found.prefix == "FSA-LOCAL"
    assert found.runtime == RUNTIME
    assert found.release_route.root == "s3://fsa-local-cars-final/cars/_configs"
    assert found.config.lambda_env == {"DB_SSLMODE": "disable"}


def test_dev_json_serves_dev_and_cert(tmp_path: Path) -> None:
    (tmp_path / "dev.json").write_text(json.dumps(raw_config()), encoding="utf-8-sig")
    assert load_environment("cert", tmp_path).source == "dev.json"
    (tmp_path / "carssteam.json").write_text("{}")
    assert find_file("steam", tmp_path).name == "carssteam.json"


def test_config_dir_comes_from_the_environment_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cert.json").write_text(json.dumps(raw_config()))
    monkeypatch.setenv(CONFIG_DIR_VARIABLE, str(tmp_path))
    assert load_environment("cert").prefix == "FSA-CERT"


def test_missing_file_is_an_error_with_its_place_and_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "dev.json").write_text("{}")
    with pytest.raises(ConfigError) as raised:
        load_environment("prod", tmp_path)
    message = str(raised.value)
    assert (
        f"environment 'prod' needs prod.json in {tmp_path}; it holds dev.json; pass --config-dir" in message
    )
    with pytest.raises(ConfigError, match="the directory is missing or holds no"):
        load_environment("prod", tmp_path / "nowhere")


def test_broken_json_and_repeated_keys_are_named(tmp_path: Path) -> None:
    file = tmp_path / "prod.json"
    file.write_text('{"deployEnv": "PROD",\n "region": }')
    with pytest.raises(ConfigError, match=r"prod.json: not valid JSON at line 2 column 12"):
        read_json(file)
    file.write_text('{"a": {"b": 1, "b": 2}}')
    with pytest.raises(ConfigError, match=r"prod\.json: key 'b' appears twice in one object"):
        read_json(file)


@given(st.integers())
def test_a_number_reads_the_same_as_number_and_as_word(number: int) -> None:
    assert whole_number(number) == whole_number(f" {number} ") == number


@given(st.text())
def test_only_boolean_words_are_booleans(word: str) -> None:
    known = {"true", "yes", "on", "1", "false", "no", "off", "0"}
    if word.strip().lower() in known:
        assert isinstance(true_or_false(word), bool)
    else:
        with pytest.raises(ValueError, match="true or false"):
            true_or_false(word)


@given(st.lists(st.text(alphabet="abc-123", min_size=1)))
def test_comma_list_and_array_read_the_same(items: list[str]) -> None:
    assert comma_list(", ".join(items)) == comma_list(items) == tuple(items)


@pytest.mark.parametrize(("word", "expected"), [("ENABLED", True), ("Disabled", False), (" enabled ", True)])
def test_switches_may_be_enabled_or_disabled(word: str, expected: bool) -> None:
    glue = environment(GlueJobParameters={"JobContinuousLogging": word, "JobLanguage": "Python"}).config.glue
    assert (glue.continuous_logging, glue.job_language) == (expected, "Python")


def test_another_language_than_python_is_refused() -> None:
    message = _problems(GlueJobParameters={"JobLanguage": "scala"})
    assert "GlueJobParameters.JobLanguage is 'scala' (python (the job is a Python script))" in message


def test_a_file_without_a_database_is_a_warning() -> None:
    notes = environment(secretName="", GlueJobParameters={"Connections": []}).notes
    assert any("warning: secretName is absent" in note for note in notes)
    assert any("warning: GlueJobParameters.Connections is empty" in note for note in notes)
    assert not any("secretName" in note or "Connections" in note for note in environment().notes)
