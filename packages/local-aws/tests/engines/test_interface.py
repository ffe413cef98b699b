"""Engines of the local AWS are chosen by name; other packages offer theirs by an entry point."""

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from local_aws.engines import EngineError, choose, interface
from local_aws.engines.embedded import EmbeddedEngine
from local_aws.errors import LocalAwsError
from local_aws.server import LocalAws


class Other:
    """An engine of another package."""

    name = "other"

    def __init__(self, mock_config: Path | None) -> None:
        self.mock_config = mock_config


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("other", f"{__name__}:Other", interface.GROUP)
    monkeypatch.setattr(EntryPoint, "load", lambda self: Other)
    monkeypatch.setattr(interface, "entry_points", lambda group: [point] if group == interface.GROUP else [])


def test_the_default_engine_needs_no_other_package() -> None:
    assert isinstance(choose("embedded"), EmbeddedEngine)


def test_an_unknown_engine_is_refused_with_the_known_ones(other: None) -> None:
    with pytest.raises(EngineError, match="engine 'own' is unknown; known are embedded, other"):
        choose("own")
    with pytest.raises(LocalAwsError, match="did not start"):
        LocalAws(engine="own").start()


def test_an_offered_engine_is_made_with_the_mock_configuration(other: None, tmp_path: Path) -> None:
    config = tmp_path / "mocks.json"
    config.write_text('{"StateMachines": {}, "MockedResponses": {}}', encoding="utf-8")
    engine = choose("other", mock_config=config)
    assert isinstance(engine, Other)
    assert engine.mock_config == config


def test_only_the_embedded_engine_has_virtual_time(other: None) -> None:
    with pytest.raises(EngineError, match="engine 'other' has no virtual time; use 'embedded'"):
        choose("other", virtual_time=True)
