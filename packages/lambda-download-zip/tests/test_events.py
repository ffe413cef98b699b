"""The contract of the event."""

from typing import Any

import pytest

from download_zip.errors import BadEvent
from download_zip.events import parse

GOOD = {"source_bucket": "source", "source_folder": "a/b/", "destination_bucket": "target"}


def test_what_is_optional_has_the_contract_s_defaults() -> None:
    request = parse(GOOD)
    assert request.ignore_patterns == ("*.zip",)
    assert request.include_source_folder_in_zip is True
    assert request.target_key == "exports/source-a_b.zip"


@pytest.mark.parametrize(
    ("folder", "prefix", "key"),
    [
        ("", "", "exports/source-root.zip"),
        ("/", "", "exports/source-root.zip"),
        ("a", "a/", "exports/source-a.zip"),
        ("/a/b//", "a/b/", "exports/source-a_b.zip"),
    ],
)
def test_a_folder_means_the_keys_below_it(folder: str, prefix: str, key: str) -> None:
    request = parse(GOOD | {"source_folder": folder})
    assert (request.prefix, request.target_key) == (prefix, key)


@pytest.mark.parametrize("key", [None, ""])
def test_no_destination_key_is_the_default_one(key: str | None) -> None:
    assert parse(GOOD | {"destination_key": key}).target_key == "exports/source-a_b.zip"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source_folder": 7}, r"^event\['source_folder'\]: expected `str`, got `int`, got 7$"),
        ({"source_bucket": ""}, r"^event\['source_bucket'\]: expected `str` matching regex .*, got ''$"),
        ({"source_bucket": "a b"}, r"got 'a b'$"),
        ({"source_bucket": "source\n"}, r"got 'source\\n'$"),
        (
            {"destination_bucket": None},
            r"^event\['destination_bucket'\]: expected `str`, got `null`, got None",
        ),
        ({"ignore_patterns": "*.zip"}, r"^event\['ignore_patterns'\]: expected `array`.*, got '\*\.zip'$"),
        ({"ignore_patterns": ["*.zip", 3]}, r"^event\['ignore_patterns'\]\[1\]: expected `str`.*, got 3$"),
        ({"include_source_folder_in_zip": "yes"}, r"^event\['include_source_folder_in_zip'\]: .*got 'yes'$"),
        ({"destination_key": "a/"}, r"^event\['destination_key'\] must be an object key.*got 'a/'$"),
        (
            {"source_folder": "a\nb"},
            r"got 'exports/source-a\\nb\.zip' \(the default made of event\['source_folder'\]\)$",
        ),
        ({"destination_key": "a\nb"}, r"got 'a\\nb'$"),
        ({"destination_key": "k" * 1025}, r"at most 1024 bytes.*got 'kkk.*\.\.\.$"),
        ({"include_folder": True}, r"^event: object contains unknown field `include_folder`, got \{"),
    ],
)
def test_a_bad_field_is_named_with_the_value_that_came(change: dict[str, Any], message: str) -> None:
    with pytest.raises(BadEvent, match=message):
        parse(GOOD | change)


@pytest.mark.parametrize("field", sorted(GOOD))
def test_a_missing_field_is_named(field: str) -> None:
    event = {name: value for name, value in GOOD.items() if name != field}
    with pytest.raises(BadEvent, match=rf"^event: object missing required field `{field}`, got "):
        parse(event)


@pytest.mark.parametrize("event", [None, [], "text", 3])
def test_an_event_that_is_no_object_is_refused(event: Any) -> None:
    with pytest.raises(BadEvent, match=r"^event: expected `object`, got "):
        parse(event)
