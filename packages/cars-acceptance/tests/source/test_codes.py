import pytest

from cars_acceptance.source.codes import CodeBook, type_code, use_code
from cars_acceptance.source.errors import SourceError


def test_codes_depend_on_the_name_alone_and_stay_as_they_are() -> None:
    assert type_code("HARD RED WINTER") == "HRW-M8E5"
    assert type_code(" hard  red winter ") == "HRW-M8E5"
    assert use_code("Grain") == "GR"
    assert use_code("Cut Flowers") == "CF-JGEA"


def test_codes_survive_the_vaults_key_normalisation() -> None:
    code = type_code("fescue, tall")
    assert code is not None
    assert code == code.strip().upper()


def test_an_empty_type_and_a_blank_use_have_no_code() -> None:
    assert type_code("  ") is None
    assert use_code("Blank") is None
    assert use_code("") is None


def test_names_are_found_again_by_code() -> None:
    names = CodeBook()
    names.learn("crop type", "SRW-1", "SOFT RED WINTER")
    names.learn("crop type", None, "")
    assert names.name("crop type", "SRW-1") == "SOFT RED WINTER"
    assert names.name("crop type", None) == ""
    assert names.name("crop type", "other") == "other"
    assert list(names.entries()) == [("crop type", "", ""), ("crop type", "SRW-1", "SOFT RED WINTER")]


def test_two_names_with_one_code_are_refused() -> None:
    names = CodeBook()
    names.learn("crop", "0011", "WHEAT")
    with pytest.raises(SourceError, match="crop names 'WHEAT' and 'OATS' have the same code '0011'"):
        names.learn("crop", "0011", "OATS")
