import pytest

pytest_plugins = ["pytester"]

FAKE = """
    from datetime import datetime
    import pytest
    from stepfunctions_local_test.containers import alive

    class Fake:
        executions = ["arn:of:an:earlier:test"]
        def log_tail(self, lines=50): return "the last line"
        def stop(self): alive.discard(self)
        def history(self, execution_arn):
            event = {"id": 1, "type": "ExecutionFailed", "timestamp": datetime(2026, 6, 1)}
            return [{**event, "executionFailedEventDetails": {"error": "Busy", "cause": "later"}}]

    @pytest.fixture(scope="session", autouse=True)
    def fake():
        fake = Fake()
        alive.add(fake)
        yield fake
        fake.stop()
"""


def test_a_failure_shows_the_log_and_what_the_test_had_started(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(FAKE)
    pytester.makepyfile("""
        def test_first(fake): fake.executions.append("arn:1")
        def test_second(fake):
            fake.executions.append("arn:2")
            assert False
    """)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*history of arn:2*",
            "   1 00:00:00.000 ExecutionFailed  Busy: later",
            "*log of Step*",
            "the last line",
        ]
    )
    result.stdout.no_fnmatch_line("*history of arn:1*")


def test_nothing_is_imported_for_tests_without_a_container(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import sys
        def test_without():
            assert "testcontainers" not in sys.modules
            assert "docker" not in sys.modules
            assert "boto3" not in sys.modules
        def test_that_fails(): assert False
    """)
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1, failed=1)


USES = """
    import json

    def test_it(stepfunctions_local, local_aws):
        states = stepfunctions_local.get_client()
        broken = {"Type": "Fail", "Error": "Busy", "Cause": "later"}
        arn = states.create_state_machine(
            name="broken", roleArn="arn:aws:iam::111122223333:role/x",
            definition=json.dumps({"StartAt": "Broken", "States": {"Broken": broken}}),
        )["stateMachineArn"]
        states.start_execution(stateMachineArn=arn, name="one")
        assert stepfunctions_local.env["LAMBDA_ENDPOINT"] == local_aws.endpoint_url
        assert False, "on purpose"
"""


@pytest.mark.usefixtures("containers")
def test_the_fixture_is_a_container_that_calls_the_local_aws(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(USES)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*on purpose*", "*history of arn:*:execution:broken:one*", "*ExecutionFailed*Busy: later"]
    )
    result.stdout.fnmatch_lines(["*log of Step Functions Local*", "*StartExecution 200*"])


@pytest.mark.parametrize("required", ["", "container"])
def test_without_an_engine_the_fixture_skips_and_fails_only_where_one_is_required(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, required: str
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    monkeypatch.setenv("REQUIRE_ENGINE", required)
    pytester.makepyfile("def test_it(stepfunctions_local): ...")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-ra")
    result.assert_outcomes(errors=1) if required else result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*no Docker engine answers*start one, as `ci/docker/engine` does*"])
