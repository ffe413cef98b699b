"""The contract of the event and its fallbacks."""

from typing import Any

import msgspec
import pytest

from upload_config.errors import BadEvent
from upload_config.events import Answer, Input, Output, parse

GOOD: dict[str, Any] = {
    "input": {"bucket": "in-bucket", "key": "a/b.zip"},
    "output": {"bucket": "out-bucket", "prefix": "/p/q/"},
}
VARIABLES = {
    "INPUT_BUCKET": "env-in",
    "INPUT_KEY": "env.zip",
    "OUTPUT_BUCKET": "env-out",
    "OUTPUT_PREFIX": "env/prefix",
}


def test_what_is_optional_has_the_contract_s_defaults() -> None:
    request = parse(GOOD, {})
    assert (request.keep_existing, request.max_files, request.debug) == (False, 20_000, False)
    assert (request.max_bytes, request.max_ratio) == (4 * 1024**3, 200)


@pytest.mark.parametrize("event", [{}, {"input": {}, "output": {}}])
def test_the_environment_fills_what_the_event_lacks(event: dict[str, Any]) -> None:
    request = parse(event, VARIABLES)
    assert request.input == Input("env-in", "env.zip")
    assert request.output == Output("env-out", "env/prefix")


def test_each_field_falls_back_on_its_own_and_the_event_wins() -> None:
    request = parse({"input": {"key": "mine.zip"}, "output": {"prefix": ""}}, VARIABLES)
    assert request.input == Input("env-in", "mine.zip")
    assert request.output == Output("env-out", "")


@pytest.mark.parametrize(
    ("prefix", "key"), [("", "n/x"), ("/", "n/x"), ("p", "p/n/x"), ("/p/q/", "p/q/n/x"), ("p//", "p/n/x")]
)
def test_slashes_around_the_prefix_do_not_matter(prefix: str, key: str) -> None:
    assert Output("b", prefix).key("n/x") == key


@pytest.mark.parametrize(
    ("part", "name", "variable"),
    [
        ("input", "bucket", "INPUT_BUCKET"),
        ("input", "key", "INPUT_KEY"),
        ("output", "bucket", "OUTPUT_BUCKET"),
        ("output", "prefix", "OUTPUT_PREFIX"),
    ],
)
def test_a_place_given_nowhere_is_named_with_both_ways_to_give_it(
    part: str, name: str, variable: str
) -> None:
    event = {
        key: {n: v for n, v in fields.items() if (key, n) != (part, name)} for key, fields in GOOD.items()
    }
    message = rf"^event\['{part}'\]\['{name}'\] is missing and the variable {variable} is not set$"
    with pytest.raises(BadEvent, match=message):
        parse(event, {})


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"max_files": "20000"}, r"^event\['max_files'\]: expected `int`, got `str`, got '20000'$"),
        ({"max_files": 0}, r"^event\['max_files'\]: expected `int` >= 1, got 0$"),
        ({"overwrite": "no"}, r"^event\['overwrite'\]: invalid enum value 'no', got 'no'$"),
        ({"overwrite": 1}, r"^event\['overwrite'\]: expected `bool \| str`, got `int`, got 1$"),
        ({"debug": None}, r"^event\['debug'\]: expected `bool`, got `null`, got None$"),
        ({"input": "s3://b/k"}, r"^event\['input'\]: expected `object`, got `str`, got 's3://b/k'$"),
        ({"input": {"bucket": 1, "key": "k"}}, r"^event\['input'\]\['bucket'\]: .*got 1$"),
        (
            {"input": {"bucket": "b b", "key": "k"}},
            r"^event\['input'\]\['bucket'\] must be a bucket name, got 'b b'$",
        ),
        (
            {"input": {"bucket": "bucket", "key": ""}},
            r"^event\['input'\]\['key'\] must be an object key, got ''$",
        ),
        ({"input": {"bucket": "bucket", "key": "k/"}}, r"must be an object key, got 'k/'$"),
        ({"input": {"bucket": "bucket", "key": "k\n"}}, r"must not hold control characters, got 'k\\n'$"),
        (
            {"input": {"bucket": "bucket", "kay": "k"}},
            r"^event\['input'\]: object contains unknown field `kay`, got ",
        ),
        (
            {"output": {"bucket": "bucket", "prefix": "a/../b"}},
            r"^event\['output'\]\['prefix'\] .*'\.\.' segment, got",
        ),
        ({"output": {"bucket": "bucket", "prefix": "a\\b"}}, r"must not hold a backslash"),
        ({"over_write": True}, r"^event: object contains unknown field `over_write`, got \{"),
    ],
)
def test_a_bad_field_is_named_with_the_value_that_came(event: dict[str, Any], message: str) -> None:
    with pytest.raises(BadEvent, match=message):
        parse(GOOD | event, {})


@pytest.mark.parametrize("event", [None, [], "text", 3])
def test_an_event_that_is_no_object_is_refused(event: Any) -> None:
    with pytest.raises(BadEvent, match=r"^event: expected `object`, got "):
        parse(event, VARIABLES)


def test_a_bad_variable_is_named() -> None:
    with pytest.raises(BadEvent, match=r"^environment INPUT_BUCKET must be a bucket name, got ''$"):
        parse({}, VARIABLES | {"INPUT_BUCKET": ""})


@pytest.mark.parametrize("text", ["", "1GB", "-1", "0", "1.5"])
def test_a_limit_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(BadEvent, match=r"^environment MAX_TOTAL_BYTES must be a whole number above 0, got '"):
        parse(GOOD, {"MAX_TOTAL_BYTES": text})


def test_keys_are_in_the_answer_only_when_asked_for() -> None:
    answer = Answer(Input("b", "k"), Output("b", "p"), 1, 0, 5)
    assert "keys" not in msgspec.to_builtins(answer)
    assert msgspec.to_builtins(msgspec.structs.replace(answer, keys=[]))["keys"] == []
