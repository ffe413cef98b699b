"""The state data followed through small machines: what is surely there, what may be missing, what nobody knows."""

from typing import Any

import pytest

from tests.checks.small import DONE, each, machine, messages, passing, task

INPUT = {"id": "text", "note?": "text", "list": ["text"], "maybe": {"one_of": ["null", {"x": "text"}]}}
ANSWER = {"Payload": {"rows": "number", "more?": "text", "items": [{"key": "text"}]}}
FAIL: dict[str, Any] = {"Type": "Fail", "Error": "E"}


def found(contracts: Any = None, /, **states: Any) -> list[str]:
    """What is said of the paths of a machine of these states and Done."""
    promised = (
        {"input": INPUT, "answers": {"Ask": ANSWER} if "Ask" in states else {}}
        if contracts is None
        else contracts
    )
    said = messages(machine(**states, Done=DONE), contracts=promised)
    return [text for text in said if not text.startswith(("swallowed", "timeout"))]


def use(path: str, **more: Any) -> dict[str, Any]:
    """A Pass that reads a path."""
    return passing(Parameters={"it.$": path}, **more)


def asked(**more: Any) -> dict[str, Any]:
    return task(Next="Use", **more)


def missing(state: str, field: str, path: str, why: str, way: str) -> str:
    return (
        f"paths: {state}: {field} reads {path}, which may be missing: {why} (route: {way}); "
        "check IsPresent first, merge it over defaults with States.JsonMerge, or correct the path"
    )


def test_a_required_key_of_the_input_is_there_and_an_optional_one_may_be_missing() -> None:
    assert found(Use=use("$.id")) == []
    assert found(Use=use("$.note")) == [
        missing("Use", "Parameters.it.$", "$.note", "'note' may be left out", "Use")
    ]


def test_a_key_that_nobody_promised_is_a_finding() -> None:
    [text] = found(Use=use("$.ids"))
    assert "$.ids, which may be missing: contracts: input does not promise it" in text


def test_the_execution_s_input_is_known_by_the_context_object_too() -> None:
    assert found(A=passing("Use", Result={}), Use=use("$$.Execution.Input.id")) == []
    [text] = found(A=passing("Use", Result={}), Use=use("$$.Execution.Input.note"))
    assert (
        "reads $$.Execution.Input.note, which may be missing: 'note' may be left out (route: A -> Use)"
        in text
    )


def test_a_misspelt_key_of_the_context_object_is_a_finding() -> None:
    [text] = found(Use=use("$$.Execution.Nmae"))
    assert "nothing puts 'Nmae' there" in text


def test_only_a_task_that_waits_for_its_token_has_one() -> None:
    parameters = {"QueueUrl": "q", "MessageBody": {"token.$": "$$.Task.Token"}}
    waiting = task(Resource="arn:aws:states:::sqs:sendMessage.waitForTaskToken", Parameters=parameters)
    assert found(Send=waiting) == []
    [text] = found(Send=waiting | {"Resource": "arn:aws:states:::sqs:sendMessage"})
    assert "reads $$.Task.Token, which may be missing" in text


def test_the_token_is_gone_after_its_task_but_what_the_task_read_is_known() -> None:
    parameters = {"token.$": "$$.Task.Token", "note.$": "$.note"}
    resource = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
    send = task(Resource=resource, Parameters=parameters, ResultPath="$.sent", Next="Use")
    assert len(found(Send=send, Use=use("$.note"))) == 1
    assert len(found(Send=send, Use=use("$$.Task.Token"))) == 2


@pytest.mark.parametrize(
    ("result_path", "there", "gone"),
    [("$", "$.Payload.rows", "$.id"), ("$.a.b", "$.a.b.Payload.rows", "$.a.c"), (None, "$.id", "$.Payload")],
)
def test_result_path_says_where_an_answer_goes_and_what_is_left_of_the_input(
    result_path: str | None, there: str, gone: str
) -> None:
    ask = asked() | {"ResultPath": result_path}
    assert found(Ask=ask, Use=use(there)) == []
    assert len(found(Ask=ask, Use=use(gone))) == 1


def test_a_selected_key_is_there_and_a_dropped_one_is_missing() -> None:
    selector = {"rows.$": "$.Payload.rows", "id": 1}
    assert found(Ask=asked(ResultSelector=selector, ResultPath="$.a"), Use=use("$.a.rows")) == []
    del selector["rows.$"]
    assert found(Ask=asked(ResultSelector=selector, ResultPath="$.a"), Use=use("$.a.rows")) == [
        missing("Use", "Parameters.it.$", "$.a.rows", "nothing puts 'rows' there", "Ask -> Use")
    ]


def test_a_selector_may_only_read_what_the_answer_surely_has() -> None:
    [text] = found(Ask=asked(ResultSelector={"m.$": "$.Payload.more"}), Use=use("$.m"))
    assert text.startswith(
        "paths: Ask: ResultSelector.m.$ reads $.Payload.more, which may be missing: 'more' may be left out"
    )


def test_an_answer_without_a_contract_is_said_to_be_unknown_not_guessed() -> None:
    contracts = {"input": INPUT}
    assert (
        found(contracts, Ask=asked(), Use=use("$.Payload")) == []
    )  # Step Functions itself puts Payload there
    [text] = found(contracts, Ask=asked(), Use=use("$.Payload.rows"))
    assert text.startswith(
        "paths-unknown: Use: Parameters.it.$ reads $.Payload.rows, and no contract says whether it is present: "
    )
    assert "no contract says what 'Ask' answers (route: Ask -> Use)" in text


def test_without_contracts_no_path_is_followed() -> None:
    assert messages(machine(Use=use("$.nothing"), Done=DONE)) == []


def test_a_contract_of_no_state_is_a_finding() -> None:
    [text] = found({"input": INPUT, "answers": {"Aks": ANSWER}}, Use=use("$.id"))
    assert text.startswith("contracts: Aks: the contracts say what 'Aks' answers, but there is no such state")


def caught(path: str, error_path: str | None = "$.error") -> dict[str, Any]:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Use", "ResultPath": error_path}]
    return {"Ask": task(Next="Done", ResultPath="$.answer", Catch=catch), "Use": use(path)}


def test_a_catch_brings_the_input_and_an_error_whose_cause_may_be_missing() -> None:
    assert found(**caught("$.error.Error")) == []
    assert found(**caught("$.id")) == []
    assert found(**caught("$.error.Cause")) == [
        missing("Use", "Parameters.it.$", "$.error.Cause", "'Cause' may be left out", "Ask -> Use")
    ]


def test_a_catch_does_not_bring_the_answer_of_what_failed() -> None:
    assert len(found(**caught("$.answer"))) == 1
    assert len(found(**caught("$.error", None))) == 1
    assert len(found(**caught("$.id", "$"))) == 1


def test_where_ways_meet_a_key_is_there_only_if_every_way_brings_it() -> None:
    def fork(left: dict[str, Any], right: dict[str, Any]) -> list[str]:
        rule = {"Variable": "$.id", "StringEquals": "x", "Next": "Left"}
        return found(
            Fork={"Type": "Choice", "Choices": [rule], "Default": "Right"},
            Left=passing("Use", Result=left),
            Right=passing("Use", Result=right),
            Use=use("$.a"),
        )

    assert fork({"a": 1}, {"a": 2, "b": 3}) == []
    assert fork({"a": 1}, {"b": 2}) == [
        missing("Use", "Parameters.it.$", "$.a", "nothing puts 'a' there", "Fork -> Right -> Use")
    ]


def test_the_way_that_is_told_is_a_shortest_one() -> None:
    rule = {"Variable": "$.id", "StringEquals": "x", "Next": "Use"}
    [text] = found(
        A=passing("Fork", Result={"id": "y"}, ResultPath="$.b"),
        Fork={"Type": "Choice", "Choices": [rule], "Default": "Long"},
        Long=passing("Use"),
        Use=use("$.a"),
    )
    assert "(route: A -> Fork -> Use)" in text


def guarded(*choices: dict[str, Any]) -> list[str]:
    return found(
        Fork={"Type": "Choice", "Choices": [rule | {"Next": "Use"} for rule in choices], "Default": "Done"},
        Use=use("$.note"),
    )


PRESENT = {"Variable": "$.note", "IsPresent": True}
SAYS_X = {"Variable": "$.note", "StringEquals": "x"}


@pytest.mark.parametrize(
    "rule",
    [
        PRESENT,
        {"And": [PRESENT, SAYS_X]},
        {"Not": {"Variable": "$.note", "IsPresent": False}},
        {"Not": {"Or": [{"Not": PRESENT}, SAYS_X]}},
        {"And": [PRESENT, {"Or": [SAYS_X, {"Variable": "$.id", "IsString": True}]}]},
    ],
)
def test_a_guard_makes_a_path_sure_where_it_holds(rule: dict[str, Any]) -> None:
    assert guarded(rule) == []


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (SAYS_X, "Choices[0].Variable"),
        ({"And": [SAYS_X, PRESENT]}, "Choices[0].And[0].Variable"),
        ({"Or": [PRESENT, SAYS_X]}, "Choices[0].Or[1].Variable"),
        ({"Variable": "$.id", "StringEqualsPath": "$.note"}, "Choices[0].StringEqualsPath"),
        ({"Variable": "$.note", "IsNull": True}, "Choices[0].Variable"),
    ],
)
def test_a_comparison_before_its_guard_is_a_finding(rule: dict[str, Any], field: str) -> None:
    [text] = guarded(rule)
    assert text.startswith(f"paths: Fork: {field} reads $.note, which may be missing: ")


def test_a_later_rule_knows_that_the_earlier_guard_did_not_hold() -> None:
    rules = [PRESENT | {"Next": "Done"}, {"Variable": "$.id", "StringEquals": "x", "Next": "Use"}]
    [text] = found(Fork={"Type": "Choice", "Choices": rules, "Default": "Done"}, Use=use("$.note"))
    assert "an earlier IsPresent found nothing there" in text


def test_null_holds_no_keys_until_somebody_asks() -> None:
    [text] = found(Use=use("$.maybe.x"))
    assert "what should hold 'x' may be null" in text
    for rule in ({"Variable": "$.maybe.x", "IsPresent": True}, {"Variable": "$.maybe", "IsNull": False}):
        fork = {"Type": "Choice", "Choices": [rule | {"Next": "Use"}], "Default": "Done"}
        assert found(Fork=fork, Use=use("$.maybe.x")) == []


def test_a_guard_makes_an_entry_of_a_list_sure_and_those_before_it() -> None:
    def messages(path: str) -> list[str]:
        rule = {"Variable": "$.list[1]", "IsPresent": True, "Next": "Use"}
        return found(Fork={"Type": "Choice", "Choices": [rule], "Default": "Done"}, Use=use(path))

    assert messages("$.list[0]") == messages("$.list[1]") == []
    assert len(messages("$.list[2]")) == 1


def test_a_constant_decides_later_rules() -> None:
    def messages(value: str) -> list[str]:
        rule = {"Variable": "$.kind", "StringEquals": "full", "Next": "Use"}
        return found(
            A=passing("Fork", Result={"kind": value}),
            Fork={"Type": "Choice", "Choices": [rule], "Default": "Done"},
            Use=use("$.rest"),
        )

    assert messages("none") == []
    assert len(messages("full")) == 1


def test_what_one_choice_found_out_another_one_knows() -> None:
    full = {"Variable": "$.id", "StringEquals": "full"}
    states = {
        "One": {"Type": "Choice", "Choices": [full | {"Next": "Full"}], "Default": "Bare"},
        "Full": passing("Two", Result=1, ResultPath="$.extra"),
        "Bare": passing("Two", Result=1, ResultPath="$.other"),
        "Two": {"Type": "Choice", "Choices": [full | {"Next": "Done"}], "Default": "Use"},
    }
    assert found(**states, Use=use("$.other")) == []
    assert len(found(**states, Use=use("$.extra"))) == 1


def loop(read: str, selector: Any = None, items: str = "$.Payload.items", **inner: Any) -> list[str]:
    more = {} if selector is None else {"ItemSelector": selector}
    processor = machine(Item=use(read, next_state=None), **inner)
    return found(Ask=task(Next="Each"), Each=each(processor, ItemsPath=items, **more))


def test_an_item_holds_what_the_selector_gives_it() -> None:
    selector = {"item.$": "$$.Map.Item.Value", "n.$": "$$.Map.Item.Index"}
    assert loop("$.item.key", selector) == []
    assert loop("$.n", selector) == []
    [text] = loop("$.key", selector)
    assert text == missing(
        "Item", "Parameters.it.$", "$.key", "nothing puts 'key' there", "Ask -> Each -> Item"
    )


def test_without_a_selector_an_item_is_the_entry_itself() -> None:
    assert loop("$.key") == []
    assert loop("$$.Map.Item.Value.key") == []
    assert len(loop("$.item")) == 1


def test_only_a_map_has_items_in_its_context() -> None:
    [text] = found(Use=use("$$.Map.Item.Value"))
    assert "nothing puts 'Map' there" in text


@pytest.mark.parametrize(
    ("items", "why"),
    [("$.Payload", "it must be a list, and is none"), ("$.Payload.itmes", "does not promise it")],
)
def test_what_a_map_goes_through_must_be_a_list(items: str, why: str) -> None:
    said = loop("$$.Map.Item.Index", {}, items)
    assert any(f"ItemsPath reads {items}" in text and why in text for text in said)


def test_a_map_answers_with_a_list_of_what_its_items_end_with() -> None:
    states = {
        "Ask": task(Next="Each"),
        "Each": each(
            machine(Item=passing(None, Result={"ok": 1})), ItemsPath="$.Payload.items", Next="Again"
        ),
    }
    again = each(machine(Read=use("$.ok", next_state=None)))
    assert found(**states, Again=again) == []
    wrong = each(machine(Read=use("$.nok", next_state=None)))
    assert len(found(**states, Again=wrong)) == 1


def test_an_entry_of_a_list_may_be_missing_and_several_values_never_are() -> None:
    [text] = found(Use=use("$.list[0]"))
    assert "the list may have no entry 0" in text
    assert found(Use=use("$.list[*]")) == []
    assert found(A=passing("Use", Result={"list": ["a"]}), Use=use("$.list[0]")) == []
    assert len(found(Use=use("$.lsit[*]"))) == 1


def test_a_parallel_state_answers_with_one_entry_per_branch() -> None:
    def both(path: str) -> list[str]:
        branches = [machine(One=passing(None, Result={"a": 1})), machine(Two=passing(None, Result={"b": 1}))]
        return found(Both={"Type": "Parallel", "Branches": branches, "Next": "Use"}, Use=use(path))

    assert both("$[0].a") == []
    assert both("$[1].b") == []
    assert len(both("$[0].b")) == 1
    assert len(both("$[2]")) == 1


def test_input_path_and_output_path_narrow_the_data() -> None:
    assert found(A=passing("Use", InputPath="$.maybe"), Use=use("$.x"))[1:] == []
    assert found(A=passing("Use", OutputPath="$.list"), Use=use("$[*]")) == []
    assert len(found(A=passing("Use", OutputPath="$.list"), Use=use("$.id"))) == 1
    assert len(found(A=passing("Use", OutputPath=None), Use=use("$.id"))) == 1
    assert len(found(A=passing("Done", OutputPath="$.lost"))) == 1


def merged(first: str, second: str, path: str) -> list[str]:
    parameters = {"m.$": f"States.JsonMerge({first}, {second}, false)"}
    return found(A=passing("Use", Parameters=parameters), Use=use(path))


def test_defaults_under_an_object_make_its_keys_sure() -> None:
    defaults = """States.StringToJson('{"note":"none","y":{"z":1}}')"""
    assert merged(defaults, "$", "$.m.note") == []
    assert merged(defaults, "$", "$.m.y.z") == []
    assert merged(defaults, "$", "$.m.id") == []
    assert len(merged(defaults, "$", "$.m.z")) == 1
    assert len(merged("""States.StringToJson('{"y":1}')""", "$", "$.m.note")) == 1


def test_only_objects_can_be_merged() -> None:
    [text] = merged("$", "$.maybe", "$.m")
    assert "reads $.maybe, which may be missing: States.JsonMerge takes objects, and this may be null" in text
    [text] = merged("$", "$.id", "$.m")
    assert "States.JsonMerge takes objects, and this is none" in text


def test_a_text_that_is_put_together_from_names_is_read_as_json() -> None:
    text = "States.StringToJson(States.Format('{}{}{}', '{\"name\":\"', $$.Execution.Name, '\"}'))"
    assert found(A=passing("Use", Parameters={"m.$": text}), Use=use("$.m.name")) == []
    assert len(found(A=passing("Use", Parameters={"m.$": text}), Use=use("$.m.nmae"))) == 1
    unsure = text.replace("$$.Execution.Name", "$.id")
    [said] = found(A=passing("Use", Parameters={"m.$": unsure}), Use=use("$.m.name"))
    assert said.startswith("paths-unknown: Use: ")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("States.ArrayGetItem(States.StringSplit($$.State.EnteredTime, 'T'), 0)", 0),
        ("States.ArrayGetItem(States.StringSplit($.id, 'T'), 0)", 1),
        ("States.ArrayGetItem(States.Array($.id, 'b'), 1)", 0),
        ("States.ArrayGetItem(States.Array($.id, 'b'), 2)", 1),
        ("States.Format('{} and {}', $.id, $.note)", 1),
        ("States.JsonToString($.maybe)", 0),
        ("States.MathAdd(1, States.ArrayLength($.lsit))", 1),
        ("States.ArrayContains($.list, 'a, $.note)')", 0),
    ],
)
def test_the_paths_inside_intrinsics_are_looked_at(text: str, count: int) -> None:
    assert len(found(Use=use(text))) == count


@pytest.mark.parametrize(
    ("state", "field"),
    [
        ({"Type": "Wait", "SecondsPath": "$.note", "Next": "Done"}, "SecondsPath"),
        ({"Type": "Wait", "TimestampPath": "$.note", "Next": "Done"}, "TimestampPath"),
        (task(TimeoutSecondsPath="$.note", TimeoutSeconds=None), "TimeoutSecondsPath"),
        (task(HeartbeatSecondsPath="$.note"), "HeartbeatSecondsPath"),
        (
            each(machine(X=passing(None)), ItemsPath="$.list", MaxConcurrencyPath="$.note"),
            "MaxConcurrencyPath",
        ),
        ({"Type": "Fail", "ErrorPath": "$.note"}, "ErrorPath"),
        ({"Type": "Fail", "CausePath": "States.Format('{}', $.note)"}, "CausePath"),
        (passing(InputPath="$.note"), "InputPath"),
        (passing(OutputPath="$.note"), "OutputPath"),
        (DONE | {"OutputPath": "$.note"}, "OutputPath"),
    ],
)
def test_every_field_that_reads_a_path_is_looked_at(state: dict[str, Any], field: str) -> None:
    said = [text for text in found(It=state) if text.startswith("paths")]
    assert said == [missing("It", field, "$.note", "'note' may be left out", "It")]


def test_a_path_that_was_read_is_there_from_then_on() -> None:
    assert (
        len(found(A=passing("Use", Parameters={"n.$": "$.note"}, ResultPath="$.a"), Use=use("$.note"))) == 1
    )


def test_what_is_missing_is_told_once_and_not_again_for_what_is_in_it() -> None:
    [text] = found(
        A=passing("Use", Parameters={"one.$": "$.lost.a", "other.$": "$.lost.b"}), Use=use("$.one.x")
    )
    assert text.startswith("paths: A: Parameters.one.$ reads $.lost.a, ")


def test_another_missing_path_is_told_all_the_same() -> None:
    assert (
        len(found(A=passing("Use", Parameters={"n.$": "$.lost.a"}, ResultPath="$.a"), Use=use("$.gone"))) == 2
    )


def test_what_is_in_an_optional_object_is_known_once_it_was_read() -> None:
    def messages(path: str) -> list[str]:
        contracts = {"input": {"opt?": {"x": "text"}}}
        return found(contracts, A=passing("Use", Parameters={"o.$": "$.opt"}), Use=use(path))

    assert len(messages("$.o.x")) == 1
    assert len(messages("$.o.y")) == 2


def test_an_unknown_object_over_defaults_leaves_their_keys_but_not_what_is_in_them() -> None:
    def messages(path: str) -> list[str]:
        merge = """States.JsonMerge(States.StringToJson('{"y":{"z":1}}'), $.what, false)"""
        use_it = use(path, InputPath="$.m")
        return found({"input": {"what": "any"}}, A=passing("Use", Parameters={"m.$": merge}), Use=use_it)

    [unsure] = messages("$.y")
    assert "States.JsonMerge takes objects, is this one? contracts: input.what is 'any'" in unsure
    [_, unknown] = messages("$.y.z")
    assert unknown.startswith("paths-unknown: Use: Parameters.it.$ reads $.y.z")


def test_a_loop_ends_even_when_it_wraps_its_own_data() -> None:
    rule = {"Variable": "$.id", "StringEquals": "x", "Next": "Done"}
    wrap = passing("Fork", Parameters={"id": "y", "before.$": "$"})
    fork = {"Type": "Choice", "Choices": [rule], "Default": "Ask"}
    again = task(Next="Wrap") | {"ResultPath": None}
    assert found(Fork=fork, Ask=again, Wrap=wrap) == []


def test_many_forks_are_followed_in_bounded_time() -> None:
    states: dict[str, Any] = {}
    for n in range(25):
        rule = {"Variable": "$.id", "StringMatches": f"{n}*", "Next": f"Set{n}"}
        states[f"Fork{n}"] = {"Type": "Choice", "Choices": [rule], "Default": f"Fork{n + 1}"}
        states[f"Set{n}"] = passing(f"Fork{n + 1}", Result=n, ResultPath=f"$.k{n}")
    states["Fork25"] = use("$.k7")
    [text] = found(**states)
    assert text.startswith("paths: Fork25: ")
