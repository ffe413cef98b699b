"""The benchmark's reckoning: which calls change something, and which chain of them takes longest."""

import json

from _calls import Call, call_of
from _chain import slowest

SCOPE = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/{}/aws4_request, SignedHeaders=host"
ROLE = "arn:aws:iam::111122223333:role/one-role"


def call(service: str, method: str, path: str, body: object, span: tuple[float, float]) -> Call:
    headers = {"Authorization": SCOPE.format(service), "Content-Type": "application/json"}
    text = body if isinstance(body, str) else json.dumps(body)
    if service == "iam":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    if service in {"logs", "states"}:
        headers["X-Amz-Target"], path = f"Any.{path}", "/"
    return call_of(method, path, headers, text.encode(), span, 200)


def role(name: str, began: float, ended: float) -> Call:
    return call("iam", "POST", "/", f"Action=CreateRole&RoleName={name}", (began, ended))


def function(name: str, began: float, ended: float) -> Call:
    body = {"FunctionName": name, "Role": ROLE, "Code": {"S3Key": f"code/{name}.zip"}}
    return call("lambda", "POST", "/2015-03-31/functions", body, (began, ended))


def names(calls: tuple[Call, ...]) -> list[str]:
    return [str(one) for one in calls]


def test_operations_and_changes_are_read_off_the_request() -> None:
    made = role("one-role", 0, 1)
    assert (str(made), made.mutating) == ("iam:CreateRole", True)
    listed = call("logs", "POST", "DescribeLogGroups", {}, (0, 1))
    assert (str(listed), listed.mutating) == ("logs:DescribeLogGroups", False)
    assert call("s3", "PUT", "/bucket/key", "", (0, 1)).mutating
    assert not call("s3", "HEAD", "/bucket/key", "", (0, 1)).mutating


def test_function_waits_for_its_role_and_code_and_no_other_thing() -> None:
    calls = [
        role("one-role", 0, 2),
        role("other-role", 0, 9),
        call("s3", "PUT", "/bucket/code/one.zip", "", (0, 1)),
        call("s3", "PUT", "/bucket/code/other.zip", "", (0, 9)),
        function("one", 9, 12),
    ]
    chain = slowest(calls)
    assert (chain.seconds, len(chain.calls)) == (9, 1)
    longer = slowest([*calls, call("lambda", "GET", "/2015-03-31/functions/one", "", (12, 17))])
    assert names(longer.calls) == [
        "iam:CreateRole",
        "lambda:POST /2015-03-31/functions",
        "lambda:GET /2015-03-31/functions/one",
    ]
    assert longer.seconds == 10


def test_machine_waits_for_the_functions_that_it_names_and_changes_wait_for_all_reads() -> None:
    definition = "arn:aws:lambda:us-east-1:111122223333:function:one:7"
    calls = [
        call("s3", "HEAD", "/bucket/unrelated", "", (0, 4)),
        role("one-role", 5, 6),
        function("one", 6, 8),
        call("states", "POST", "CreateStateMachine", {"name": "m", "definition": definition}, (8, 9)),
    ]
    assert slowest(calls).seconds == 8
    assert len(slowest(calls).calls) == 4


def test_lock_comes_before_everything_and_a_change_waits_for_one_write_of_the_journal() -> None:
    folder = "/bucket/deployments/X"
    calls = [
        call("s3", "PUT", f"{folder}/lock.json", "", (0, 1)),
        *(call("s3", "PUT", f"{folder}/journal.jsonl", "", (n, n + 1)) for n in range(1, 8)),
        role("one-role", 5, 7),
        call("s3", "DELETE", f"{folder}/lock.json", "", (8, 9)),
    ]
    chain = slowest(calls)
    assert names(chain.calls) == [
        f"s3:PUT {folder}/lock.json",
        f"s3:PUT {folder}/journal.jsonl",
        f"s3:PUT {folder}/journal.jsonl",
        "iam:CreateRole",
        f"s3:PUT {folder}/journal.jsonl",
        f"s3:DELETE {folder}/lock.json",
    ]
    assert chain.seconds == 7


def test_write_of_the_journal_waits_for_what_the_call_waits_for_and_not_for_what_others_in_it_do() -> None:
    journal = "/bucket/deployments/X/journal.jsonl"
    calls = [
        role("one-role", 0, 3),
        role("other-role", 0, 4),
        call("s3", "PUT", journal, "", (4, 5)),
        function("one", 5, 6),
        role("last-role", 5, 6),
    ]
    calls.insert(0, call("s3", "PUT", journal, "", (-1, 0)))
    assert names(slowest(calls).calls) == [
        f"s3:PUT {journal}",
        "iam:CreateRole",
        f"s3:PUT {journal}",
        "lambda:POST /2015-03-31/functions",
    ]
    assert slowest(calls).seconds == 6


def test_alias_waits_for_all_that_is_made() -> None:
    alias = "/2015-03-31/functions/one/aliases"
    calls = [role("other-role", 0, 4), call("lambda", "POST", alias, {"Name": "live"}, (4, 5))]
    assert names(slowest(calls).calls) == ["iam:CreateRole", f"lambda:POST {alias}"]
