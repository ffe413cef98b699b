"""`machines`: the printed definitions are those that a deploy creates."""

import json
import re
from pathlib import Path
from typing import Any

from support.build_output import write_builds
from support.environments import ACCOUNT, environment, raw_config
from typer.testing import CliRunner

from deployer.blueprint import blueprint
from deployer.blueprint.release import released
from deployer.blueprint.specs import PACKAGES
from deployer.build_output.reading import load_builds
from deployer.cli.app import app
from deployer.model.names import names_of
from deployer.model.resources import Function, GlueJob, StateMachine
from deployer.required_permissions.scope import scope_of
from deployer.views.machines import machines


def asked(*words: str) -> str:
    done = CliRunner().invoke(app, ["machines", "local", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def unpinned(text: str) -> Any:
    """A deployed definition without what belongs to one release."""
    definition = json.loads(re.sub(r":v-[0-9a-f]+\b", "", text))
    names = ("--scriptLocation", "--additional-python-modules")

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items() if key not in names}
        return [plain(item) for item in value] if isinstance(value, list) else value

    return plain(definition)


def test_the_definitions_are_those_that_a_deploy_creates_but_for_what_pins_a_release(tmp_path: Path) -> None:
    found, names = environment(), names_of(environment(), "aws", ACCOUNT)
    builds = load_builds(write_builds(tmp_path), found.runtime, "5.1", PACKAGES)
    wanted = released(blueprint(found, names, builds).resources, found, names)
    deployed = {
        resource.name: unpinned(resource.definition.text)
        for resource in wanted
        if isinstance(resource, StateMachine)
    }
    told = machines(scope_of(found, ACCOUNT))
    assert told["machines"] == deployed
    resources = told["resources"]
    assert resources["functions"] == [
        names.function_arn(resource.name) for resource in wanted if isinstance(resource, Function)
    ]
    assert resources["jobs"] == [resource.name for resource in wanted if isinstance(resource, GlueJob)]
    assert resources["machines"] == [names.machine_arn(name) for name in deployed]


def test_the_local_environment_needs_neither_aws_nor_a_build() -> None:
    told = json.loads(asked("--json"))
    assert list(told["machines"]) == ["FSA-LOCAL-CARS-EDV-Pipeline", "FSA-LOCAL-CARS-Landing-Pipeline"]
    text = json.dumps(told["machines"])
    called = set(re.findall(r"arn:aws:lambda:[^\"]+", text))
    assert called <= set(told["resources"]["functions"])


def test_a_person_gets_a_line_for_each_machine() -> None:
    first, second, *_ = asked().splitlines()
    assert first.startswith("FSA-LOCAL-CARS-EDV-Pipeline: CARS EDV pipeline")
    assert second.startswith("FSA-LOCAL-CARS-Landing-Pipeline: CARS landing pipeline")


def test_a_file_without_account_is_an_error_with_the_way_out(tmp_path: Path) -> None:
    raw = raw_config(snsTopicArn=None, account=None)
    (tmp_path / "cert.json").write_text(json.dumps(raw))
    words = ["machines", "cert", "--config-dir", str(tmp_path)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1
    assert "pass --account with its 12 digits" in done.stderr
    assert CliRunner().invoke(app, [*words, "--account", ACCOUNT]).exit_code == 0
