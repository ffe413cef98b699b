import json
import time
import uuid
from typing import Any

import pytest

from local_aws.server import LocalAws
from local_aws.testing.machines import ROLE

ITEM = {"StartAt": "One", "States": {"One": {"Type": "Pass", "Result": "x" * 30_000, "End": True}}}


def ended(aws: LocalAws, states: dict[str, Any], given: Any) -> dict[str, Any]:
    api = aws.client("stepfunctions")
    definition = json.dumps({"StartAt": next(iter(states)), "States": states})
    name = f"limit-{uuid.uuid4().hex[:8]}"
    machine = api.create_state_machine(name=name, definition=definition, roleArn=ROLE)
    execution = api.start_execution(stateMachineArn=machine["stateMachineArn"], input=json.dumps(given))
    deadline = time.monotonic() + 20
    while True:
        answer: dict[str, Any] = api.describe_execution(executionArn=execution["executionArn"])
        if answer["status"] != "RUNNING":
            return answer
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("error", "status"), [("States.DataLimitExceeded", "SUCCEEDED"), ("States.ALL", "FAILED")]
)
def test_results_of_a_map_over_the_limit_are_caught_by_name_only(
    aws: LocalAws, error: str, status: str
) -> None:
    each = {
        "Type": "Map",
        "ItemProcessor": ITEM,
        "Catch": [{"ErrorEquals": [error], "Next": "Caught"}],
        "End": True,
    }
    done = ended(aws, {"Each": each, "Caught": {"Type": "Succeed"}}, [1] * 9)
    assert done["status"] == status
    told = json.loads(done["output"])["Error"] if status == "SUCCEEDED" else done["error"]
    assert told == "States.DataLimitExceeded"


def test_what_output_path_cuts_off_does_not_count(aws: LocalAws) -> None:
    each = {
        "Type": "Map",
        "ItemProcessor": ITEM,
        "ItemsPath": "$.items",
        "ResultPath": "$.results",
        "OutputPath": "$.kept",
        "End": True,
    }
    done = ended(aws, {"Each": each}, {"items": [1] * 9, "kept": "small"})
    assert (done["status"], done["output"]) == ("SUCCEEDED", '"small"')
