"""Tags and names within AWS's limits, and workers beyond what AWS documented."""

import pytest
from support.environments import environment

from deployer.blueprint.name_limits import check_names
from deployer.environment_file.tags import MOST_TAGS
from deployer.errors import ConfigError


def test_tags_are_read_as_text() -> None:
    config = environment(tags={"cost-center": 4711, "Owner": " data team ", "public": False}).config
    assert config.tags == {"cost-center": "4711", "Owner": "data team", "public": "false"}
    assert environment(tags="").config.tags == {}


def test_all_bad_tags_are_named_at_once() -> None:
    bad = {
        "cars:x": "1",
        "AWS:y": "2",
        "k" * 129: "3",
        "long": "v" * 257,
        "odd": "a;b",
        "a b": "c",
        "Owner": "",
        "owner": "",
    }
    with pytest.raises(ConfigError) as raised:
        environment(tags=bad)
    message = str(raised.value)
    assert "keys that do not begin with cars: or aws:, unlike 'cars:x'" in message
    assert "unlike 'AWS:y'" in message
    assert "keys of at most 128 characters, not 129 as in 'kkk" in message
    assert "keys without blanks, unlike 'a b'" in message
    assert "values of at most 256 characters, not 257 as for 'long'" in message
    assert "unlike 'odd': 'a;b'" in message
    assert "keys that differ in more than upper and lower case" in message


def test_more_tags_than_aws_has_room_for_are_refused() -> None:
    assert len(environment(tags={f"t{n}": "x" for n in range(MOST_TAGS)}).config.tags) == MOST_TAGS
    with pytest.raises(ConfigError, match=f"at most {MOST_TAGS} tags, since AWS allows 50 .* these are 41"):
        environment(tags={f"t{n}": "x" for n in range(MOST_TAGS + 1)})


def test_keys_together_fit_into_a_tag_of_their_own() -> None:
    with pytest.raises(ConfigError, match="keys of together at most 256 characters, not 257"):
        environment(tags={"k" * 128: "x", "l" * 128: "x"})


def test_the_longest_deploy_env_that_fits_is_taken_and_one_more_is_refused_with_every_name() -> None:
    longest = "E" * 29
    check_names(environment("x", deployEnv=longest))
    with pytest.raises(ConfigError) as raised:
        check_names(environment("x", deployEnv=longest + "E"))
    message = str(raised.value)
    assert message == (
        f"x.json: 1 name too long: role FSA-{longest}E-edv-build-processing-plan-role has 65 characters, "
        f"AWS allows 64; shorten deployEnv '{longest}E' by 1, or env, which names the databases"
    )


def test_every_kind_of_name_is_checked() -> None:
    with pytest.raises(ConfigError) as raised:
        check_names(environment("x", deployEnv="E" * 240, env="e" * 250))
    kinds = (
        "function",
        "role",
        "state machine",
        "schedule",
        "schedule group",
        "queue",
        "glue job",
        "database",
    )
    for kind in kinds:
        assert f" {kind} FSA-E" in str(raised.value) or f" {kind} fsa-e" in str(raised.value)


def test_more_workers_than_documented_are_a_warning() -> None:
    found = environment(GlueJobParameters={"WorkerType": "G.2X", "NumberOfWorkers": "150"}).notes
    assert any("NumberOfWorkers is 150: AWS documented 149 as the most for G.2X" in note for note in found)
    larger = environment(GlueJobParameters={"WorkerType": "R.8X", "NumberOfWorkers": "150"}).notes
    assert not any("NumberOfWorkers" in note for note in larger)
