"""Each recipe of ARCHITECTURE.md is followed in a copy: its places are there, are enough, and the change takes effect."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from monorepo.environments import python_of
from monorepo.packages import ROOT, named

from .recipes import (
    DOCUMENT,
    NEW,
    Attempt,
    CopyFolder,
    Edit,
    Replace,
    Write,
    copy_of_the_repository,
    in_repository,
    insert,
    insert_before,
    recipes,
)

RECIPES = recipes(DOCUMENT.read_text(encoding="utf-8"))
SPECS = "deployer/blueprint/specs.py"
SCENARIOS = "cars_acceptance/permissions/functions.py"
LEDGERED = "    for suffix, event in LEDGERED.items():\n"
WANTED = "packages/deployer/tests/blueprint/test_wanted.py"
SOURCES, STAGING, VAULT = (
    f"car_configs/metadata/model/{name}.yaml" for name in ("sources", "staging", "vault")
)
FAILURE = "packages/lambda-edv-handle-failure"
# The scenarios by name; they are not run.
NAMES_OF_SCENARIOS = """
from unittest.mock import MagicMock
from cars_acceptance.permissions.functions import scenarios
named = [scenario.name for scenario in scenarios(MagicMock())]
"""
BLUEPRINT = """
import tempfile
from pathlib import Path
from blueprint import test_wanted
from support.build_output import write_builds
builds = write_builds(Path(tempfile.mkdtemp()))
resources = test_wanted._wanted(builds).resources
"""
MODEL = """
from pathlib import Path
from sql_tree.compiler.compile import compile_tree
from sql_tree.model.load import load_model
from sql_tree.rendering.tree import MIGRATIONS, render_tree, write_tree
root = Path(HOME, "car_configs")
model = load_model(root / "metadata/model")
"""


@dataclass(frozen=True)
class Followed:
    """The edits of a recipe, and the probe that fails unless the change has taken effect."""

    edits: tuple[Edit, ...]
    probe: Callable[[Attempt], None]


def _deployer() -> str:
    """Its environment has what all probes need, but for a Lambda's."""
    return python_of(named("deployer"))


def _tests_pass(attempt: Attempt, *words: str) -> None:
    done = attempt.run([sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", *words])
    assert done.returncode == 0, done.stdout


def _lambda(attempt: Attempt) -> None:
    rules = ("test_repository.py", "test_packages.py::test_every_lambda_names_a_handler_in_its_own_package")
    matrix = "test_jenkinsfile.py::test_the_matrix_names_every_package_once"
    _tests_pass(
        attempt, "-c", "ci/pytest.ini", *(f"ci/tests/{name}" for name in (*rules, matrix)), "-k", LAMBDA_RULES
    )
    found = attempt.probe(
        _deployer(),
        f"{BLUEPRINT}{NAMES_OF_SCENARIOS}\n"
        "test_wanted.test_names_are_those_of_the_contract(builds)\n"
        "wanted = sorted(f'{type(one).__name__} {one.name}' for one in resources if 'probe' in one.name)\n"
        "found = {'wanted': wanted, 'scenario': 'a probe is sent' in named}",
    )
    assert [line.partition(" ")[0] for line in found["wanted"]] == [
        "Artifact",
        "Function",
        "FunctionAlias",
        "FunctionVersion",
        "LogGroup",
        "Role",
    ]
    assert found["scenario"]


PROBE = 'Spec("edv-probe", "lambda-edv-probe", 128, 10, (Access.NOTIFY,), "Sends a probe")'
LAMBDA_RULES = "probe or names_every_package or handler_in_its_own or folder_with_code"
A_LAMBDA = Followed(
    (
        CopyFolder(
            "packages/lambda-edv-probe/",
            FAILURE,
            {"edv_handle_failure": "edv_probe", "lambda-edv-handle-failure": "lambda-edv-probe"},
        ),
        insert(
            "ci/Jenkinsfile",
            "'lambda-edv-handle-failure',\n",
            "                            'lambda-edv-probe',\n",
        ),
        Replace(SPECS, "\nSPECS = (", f"\nPROBE = {PROBE}\nSPECS = (PROBE, "),
        insert(WANTED, '        "FSA-CERT-edv-handle-failure",\n', '        "FSA-CERT-edv-probe",\n'),
        insert_before(
            SCENARIOS,
            LEDGERED,
            '    yield Scenario("a probe is sent", lambda stage: invoke(stage, "edv-probe", {}))\n',
        ),
    ),
    _lambda,
)


def _memory(attempt: Attempt) -> None:
    code = (
        "found = test_wanted._functions(test_wanted._wanted(builds))['FSA-CERT-edv-handle-failure'].memory_mb"
    )
    assert attempt.probe(_deployer(), f"{BLUEPRINT}{code}") == 384


MEMORY = Followed(
    (
        Replace(
            SPECS,
            '    "lambda-edv-handle-failure",\n    256,\n',
            '    "lambda-edv-handle-failure",\n    384,\n',
        ),
    ),
    _memory,
)


def _permission(attempt: Attempt) -> None:
    found = attempt.probe(
        _deployer(),
        f"{BLUEPRINT}{NAMES_OF_SCENARIOS}\n"
        "test_wanted.test_functions_may_do_what_they_need_and_no_more(builds)\n"
        "roles = test_wanted._roles(test_wanted._wanted(builds))\n"
        "having = sorted(name for name, role in roles.items() if 'ReadTopic' in role.policy)\n"
        "found = {'having': having, 'scenario': 'the topic is described' in named}",
    )
    assert found == {"having": ["FSA-CERT-edv-handle-failure-role"], "scenario": True}


PERMISSION = Followed(
    (
        insert_before(SPECS, "    NOTIFY = ", '    READ_TOPIC = "read the topic"\n'),
        Replace(
            SPECS, "(Access.DATABASE, Access.NOTIFY)", "(Access.DATABASE, Access.NOTIFY, Access.READ_TOPIC)"
        ),
        insert_before(
            "deployer/blueprint/policies.py",
            "        case Access.NOTIFY:\n",
            "        case Access.READ_TOPIC:\n"
            '            topic = environment.config.sns_topic_arn or ""\n'
            '            return {"ReadTopic": statement("sns:GetTopicAttributes", topic, reason="reads the topic")}\n',
        ),
        Replace(
            WANTED,
            'logs | {"secretsmanager:GetSecretValue", "sns:Publish"}',
            'logs | {"secretsmanager:GetSecretValue", "sns:GetTopicAttributes", "sns:Publish"}',
        ),
        insert_before(SCENARIOS, LEDGERED, '    yield Scenario("the topic is described", failure)\n'),
    ),
    _permission,
)

ADAPTER = '''"""SNS topics."""

from collections.abc import Iterable

from deployer.aws.adapter import our_tags
from deployer.aws.clients import Clients
from deployer.model.permissions import Permission, anywhere
from deployer.model.resources import Topic

PERMISSIONS = (
    Permission("Find", "sns:ListTopics", anywhere),
    Permission("WriteTopics", "sns:CreateTopic", lambda scope: [scope.prefixed("sns", "")]),
    Permission("DeleteOwned", "sns:DeleteTopic", lambda scope: [scope.prefixed("sns", "")]),
)


class Topics:
    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def candidates(self, prefix: str) -> Iterable[str]:
        return [topic["TopicArn"] for topic in self._clients.sns.list_topics()["Topics"]]

    def read(self, name: str) -> Topic | None:
        return Topic(name, "", our_tags({})) if name in self.candidates("") else None

    def create(self, want: Topic) -> None:
        self._clients.sns.create_topic(Name=want.name)

    def update(self, have: Topic, want: Topic) -> None:
        raise NotImplementedError

    def delete(self, have: Topic) -> None:
        self._clients.sns.delete_topic(TopicArn=have.name)
'''


def _resource_type(attempt: Attempt) -> None:
    found = attempt.probe(
        _deployer(),
        f"{BLUEPRINT}"
        "from typing import get_args\n"
        "from unittest.mock import Mock\n"
        "from deployer.aws import topics\n"
        "from deployer.aws.account import open_account\n"
        "from deployer.model.names import names_of\n"
        "from deployer.model.resources import KINDS, Resource, Topic, key_of\n"
        "from deployer.planning.dependencies import dependencies\n"
        "from deployer.planning.plan import Create, diff\n"
        "from deployer.required_permissions.scope import scope_of\n"
        "from deployer.required_permissions.statements import required_permissions\n"
        "from required_permissions import test_beside_calls as beside\n"
        "from support.environments import ACCOUNT, environment\n"
        "account = open_account(Mock(), names_of(environment(), 'aws', ACCOUNT), 'b', ())\n"
        "assert set(account.adapters) == set(KINDS) == set(get_args(Resource))\n"
        "plan = diff(resources, {})\n"
        "topic = next(one for one in resources if isinstance(one, Topic))\n"
        "beside.test_every_module_that_calls_aws_is_collected()\n"
        "beside.test_every_call_is_declared_in_the_module_that_makes_it(topics)\n"
        "beside.test_nothing_is_declared_that_the_module_does_not_call(topics)\n"
        "beside.test_statements_are_those_that_are_declared_each_once()\n"
        "grants = required_permissions(scope_of(environment(), ACCOUNT))\n"
        "found = {\n"
        "    'adapter': type(account.adapters[Topic]).__name__,\n"
        "    'planned': any(isinstance(one, Create) and one.want == topic for one in plan.changes),\n"
        "    'after': [str(key) for key in dependencies(plan.changes)[key_of(topic)]],\n"
        "    'permissions': sorted(a for grant in grants for a in grant.actions if a.startswith('sns:')),\n"
        "}",
    )
    assert found == {
        "adapter": "Topics",
        "planned": True,
        "after": ["role FSA-CERT-edv-handle-failure-role"],
        "permissions": ["sns:CreateTopic", "sns:DeleteTopic", "sns:GetTopicAttributes", "sns:ListTopics"],
    }


RESOURCES, ACCOUNT = "deployer/model/resources.py", "deployer/aws/account.py"
WANTED_RESOURCES = "deployer/blueprint/wanted.py"
STATEMENTS, DEPENDENCIES = "deployer/required_permissions/statements.py", "deployer/planning/dependencies.py"
RESOURCE_TYPE = Followed(
    (
        Replace(
            RESOURCES,
            "Tagged = (\n",
            "@dataclass(frozen=True)\nclass Topic:\n    name: str\n    role: str\n    tags: Mapping[str, str]\n\n\n"
            "Tagged = (\n    Topic |\n",
        ),
        insert(RESOURCES, '    Schedule: Kind("schedule"),\n', '    Topic: Kind("topic"),\n'),
        Write("deployer/aws/topics.py", ADAPTER),
        insert(ACCOUNT, "import StateMachines\n", "from deployer.aws.topics import Topics\n"),
        insert(ACCOUNT, "    StateMachine,\n", "    Topic,\n"),
        insert(ACCOUNT, "Schedules(clients, names),\n", "            Topic: Topics(clients),\n"),
        insert(STATEMENTS, "    state_machines,\n    trust,\n", "    topics,\n"),
        insert(STATEMENTS, "    schedules,\n    artifacts,\n    code_releases,\n", "    topics,\n"),
        insert(STATEMENTS, "STATEMENTS = (\n", '    Statement("WriteTopics", WRITE, "makes topics"),\n'),
        insert(DEPENDENCIES, "    StateMachine,\n", "    Topic,\n"),
        insert_before(
            DEPENDENCIES,
            "        case Function():\n",
            "        case Topic():\n            yield role_key(resource.role)\n",
        ),
        Replace(WANTED_RESOURCES, "import Resource\n", "import Resource, Topic\n"),
        insert(
            WANTED_RESOURCES,
            "        resources=(\n",
            '            Topic(f"{names.prefix}-Alarms", names.role(names.function("edv-handle-failure")), {}),\n',
        ),
    ),
    _resource_type,
)


def _glue_argument(attempt: Attempt) -> None:
    found = attempt.probe(
        _deployer(),
        f"{BLUEPRINT}"
        "from datamart_exec.arguments import parse\n"
        "test_wanted.test_glue_arguments_are_derived_from_every_setting(builds)\n"
        "job = test_wanted._job(test_wanted._wanted(builds, GlueJobParameters={'FetchRows': '500'}))\n"
        "run = {'layer': 'EDV', 'table_name': 't', 'data_src_nm': 'CARS', 'run_type': 'initial'}\n"
        "given = {f'--{name}': value for name, value in run.items()} | {'--start_date': '2026-06-01'}\n"
        "words = [f'{name}={value}' for name, value in {**job.arguments, **given}.items()]\n"
        "found = [job.arguments['--fetch_rows'], parse(words).limits.fetch_rows]",
    )
    assert found == ["500", 500]


ARGUMENTS = "datamart_exec/arguments.py"
GLUE_ARGUMENT = Followed(
    (
        insert_before(
            "deployer/environment_file/glue.py",
            "    job_parameters: ArgumentMap",
            '    fetch_rows: Whole = Field(1000, alias="FetchRows", ge=1)\n',
        ),
        insert(
            "deployer/blueprint/glue.py",
            '        "--env": environment.env,\n',
            '        "--fetch_rows": str(config.glue.fetch_rows),\n',
        ),
        insert_before(WANTED, '        "--engine": "duckdb",\n', '        "--fetch_rows": "1000",\n'),
        insert_before(ARGUMENTS, "    threads: int", "    fetch_rows: int\n"),
        insert_before(ARGUMENTS, '    "threads": (', '    "fetch_rows": (_number, "1000"),\n'),
    ),
    _glue_argument,
)


def _retry(attempt: Attempt) -> None:
    found = attempt.probe(
        _deployer(),
        "from pathlib import Path\n"
        "import yaml\n"
        "from deployer.blueprint.machine import Code, definitions\n"
        "from deployer.blueprint.specs import SPECS\n"
        "from deployer.model.names import names_of\n"
        "from support.environments import ACCOUNT, environment\n"
        "names = names_of(environment(), 'aws', ACCOUNT)\n"
        "functions = {name: names.function_arn(name) for name in (names.function(one.suffix) for one in SPECS)}\n"
        "machines = definitions(environment(), names, Code(functions, {}))\n"
        "jobs = {'EDV': ('ProcessStageTables', 'ExecuteStageSQL'), 'Landing': ('Map', 'Move to Final Zone')}\n"
        "found = []\n"
        "for word, (around, name) in jobs.items():\n"
        "    states = machines[f'{names.prefix}-CARS-{word}-Pipeline']['States']\n"
        "    job = states[around]['ItemProcessor']['States'][name]\n"
        "    retried = [error for retrier in job['Retry'] for error in retrier['ErrorEquals']]\n"
        "    walk = Path(HOME) / f'packages/statemachine/scenarios/CARS-{word}-Pipeline/glue-is-away.yaml'\n"
        "    thrown = yaml.safe_load(walk.read_text())['tasks'][name]['0']['Throw']['Error']\n"
        "    found += [thrown in retried, thrown]",
    )
    assert found == [True, "Glue.UnavailableException"] * 2


RETRY = Followed(
    (
        Replace(
            "statemachine/retries.py",
            "GLUE_SERVICE = (\n",
            'GLUE_SERVICE = (\n    "Glue.UnavailableException",\n',
        ),
        Write(
            "packages/statemachine/scenarios/CARS-EDV-Pipeline/glue-is-away.yaml",
            "description: Glue is away once\ninput: {data_src_nm: CARS}\ntasks:\n  ExecuteStageSQL:\n"
            '    "0": {Throw: {Error: Glue.UnavailableException, Cause: away}}\n'
            '    "1-9": {Return: {JobRunState: SUCCEEDED}}\nexpect: {status: SUCCEEDED}\n',
        ),
        Write(
            "packages/statemachine/scenarios/CARS-Landing-Pipeline/glue-is-away.yaml",
            "description: Glue is away once\ninput: {data_src_nm: CARS}\ntasks:\n  Move to Final Zone:\n"
            '    "0": {Throw: {Error: Glue.UnavailableException, Cause: away}}\n'
            '    "1-9": {Return: {JobRunState: SUCCEEDED}}\nexpect: {status: SUCCEEDED}\n',
        ),
    ),
    _retry,
)


def _message(attempt: Attempt) -> None:
    found = attempt.probe(
        python_of(named("lambda-edv-handle-failure")),
        f"sys_path = HOME + '/{FAILURE}/tests'\n"
        "import sys\n"
        "sys.path.insert(0, sys_path)\n"
        "import test_core\n"
        "test_core.test_message_tells_what_failed_why_and_how_to_go_on()\n"
        "found = test_core.message(test_core.FAILURE, 'cert')",
    )
    assert "runbook:     https://example.com\n" in found


MESSAGE = Followed(
    (
        insert_before(
            "edv_handle_failure/core.py",
            '        ("error", failure.error),\n',
            '        ("runbook", "https://example.com"),\n',
        ),
        insert_before(
            f"{FAILURE}/tests/test_core.py",
            '        "error:       States.TaskFailed\\n"\n',
            '        "runbook:     https://example.com\\n"\n',
        ),
    ),
    _message,
)


def _token(attempt: Attempt) -> None:
    found = attempt.probe(
        _deployer(),
        "import sys\n"
        "sys.path.insert(0, HOME + '/packages/sql-tree/tests/compiler')\n"
        "import test_tokens\n"
        "test_tokens.test_the_tokens_are_those_of_the_glue_job_in_name_and_shape()\n"
        "text = \"SELECT '{ETL_QUARTER}'\"\n"
        "known = test_tokens.glue_job.values(test_tokens.date(2026, 6, 1), 'cert')\n"
        "bound = test_tokens.glue_job.bind('x.sql', text, known)\n"
        "found = [list(test_tokens.unknown_tokens(text)), bound]",
    )
    assert found == [[], "SELECT '2'"]


TOKEN = Followed(
    (
        insert_before(
            "datamart_exec/tokens.py",
            '        "ETL_YEAR": year,\n',
            '        "ETL_QUARTER": str((run_date.month + 2) // 3),\n',
        ),
        insert_before("sql_tree/compiler/tokens.py", '    "ETL_YEAR":', '    "ETL_QUARTER": "1",\n'),
    ),
    _token,
)


def _column(attempt: Attempt) -> None:
    found = attempt.probe(
        _deployer(),
        f"{MODEL}"
        "assert 'farm_note' in model.vault['acrsi_farm_hs'].columns\n"
        "changed = write_tree(render_tree(model, Path(HOME, MIGRATIONS)), root)\n"
        "compile_tree(root)\n"
        "found = sorted(line.partition(' ')[0] for line in changed)",
    )
    assert found == [
        "DDL/CARS_STG/2_ACRSI_FARM.sql",
        "DDL/EDV/884_ACRSI_FARM_HS.sql",
        "EDV/ACRSI_FARM_HS/1_DV_UPDATE.sql",
        "EDV/ACRSI_FARM_HS/2_DV_INSERT.sql",
        "STG/ACRSI_FARM/incremental/ACRSI_FARM.sql",
        "STG/ACRSI_FARM/initial/ACRSI_FARM.sql",
    ]
    for name in found:
        assert re.search(
            r"\bfarm_note\b", (attempt.home / "car_configs" / name).read_text(encoding="utf-8")
        ), name


COLUMN = Followed(
    (
        insert(SOURCES, "    key: acrsi_farm_identifier\n    columns:\n", "      farm_note_text: varchar\n"),
        insert(STAGING, "    source: acrsi_farm\n    columns:\n", "      farm_note: farm_note_text\n"),
        Replace(VAULT, "farm_h_id, pgm_yr, acrsi_farm_id,", "farm_h_id, farm_note, pgm_yr, acrsi_farm_id,"),
    ),
    _column,
)


def _table(attempt: Attempt) -> None:
    found = attempt.probe(
        _deployer(),
        f"{MODEL}"
        "from datetime import date\n"
        "from cars_acceptance.source import published, schema\n"
        "from cars_acceptance.source.generator import Generator\n"
        "generator = Generator(published.builtin(), farms=20, day=date(2026, 6, 1), seed=1)\n"
        "rows = generator.initial_load().final['farm_note']\n"
        "assert 'farm_note_hs' in model.vault\n"
        "write_tree(render_tree(model, Path(HOME, MIGRATIONS)), root)\n"
        "tables = compile_tree(root).manifest['tables']\n"
        "external = (root / 'metadata/external_tables.csv').read_text().split()\n"
        "found = {\n"
        "    'tables': [layer for layer in ('STG', 'EDV') for name in tables[layer] if 'FARM_NOTE' in name],\n"
        "    'external': [name for name in external if name.endswith('.farm_note')],\n"
        "    'generated': [len(rows), schema.read(root).tables['farm_note'].names],\n"
        "}",
    )
    assert found == {
        "tables": ["STG", "EDV"],
        "external": ["fsa-{env}-cars.farm_note", "fsa-{env}-cars-cdc.farm_note"],
        "generated": [20, [*NOTE, "op", "dart_filedate"]],
    }


NOTE = {
    "farm_note_identifier": "bigint",
    "state_fsa_code": "varchar",
    "county_fsa_code": "varchar",
    "farm_number": "varchar",
    "creation_date": "timestamp",
    "last_change_date": "timestamp",
    "last_change_user_name": "varchar",
    "data_status_code": "varchar",
}
STAGED = (
    "farm_note_id",
    "st_fsa_cd",
    "cnty_fsa_cd",
    "farm_nbr",
    "cre_dt",
    "last_chg_dt",
    "last_chg_user_nm",
    "data_stat_cd",
)
TABLE = Followed(
    (
        insert(
            SOURCES,
            "\ntables:\n",
            f"  farm_note:\n    key: farm_note_identifier\n    columns: {json.dumps(NOTE)}\n",
        ),
        insert(
            STAGING,
            "\ntables:\n",
            f"  farm_note:\n    source: farm_note\n    columns: {json.dumps(dict(zip(STAGED, NOTE, strict=True)))}\n",
        ),
        insert(
            VAULT,
            "\ntables:\n",
            "  farm_note_hs:\n    kind: hub satellite\n    id: 950\n    requires: [farm_h]\n    staging: [farm_note]\n"
            "    keys: {farm_h_id: [st_fsa_cd, cnty_fsa_cd, farm_nbr]}\n    entity: farm_note_id\n"
            "    columns: [farm_h_id, farm_note_id, load_dt, data_eff_strt_dt, data_src_nm, data_stat_cd, src_cre_dt,\n"
            "      src_last_chg_dt, src_last_chg_user_nm, data_eff_end_dt, load_end_dt, hash_dif]\n",
        ),
        insert_before(
            "cars_acceptance/source/schema.py",
            '    "program_year": "program_year",\n',
            '    "farm_note": "farm_note_identifier",\n',
        ),
        insert_before(
            "cars_acceptance/source/farms.py",
            '    world.insert("acrsi_farm", ',
            '    codes = {"state_fsa_code": area[0], "county_fsa_code": area[1]}\n'
            '    world.insert("farm_note", {**codes, "farm_number": number})\n',
        ),
    ),
    _table,
)
FOLLOWED = {
    "a Lambda": A_LAMBDA,
    "a Lambda's memory": MEMORY,
    "a permission of a Lambda": PERMISSION,
    "a resource type": RESOURCE_TYPE,
    "a Glue argument": GLUE_ARGUMENT,
    "a retry": RETRY,
    "a message to SNS": MESSAGE,
    "a token": TOKEN,
    "a column": COLUMN,
    "a table": TABLE,
}


def is_at(change: str, edit: Edit, path: str) -> bool:
    place = RECIPES[change].place_of(edit.path)
    return place is not None and place.path == path


def test_every_recipe_is_followed() -> None:
    assert FOLLOWED.keys() == RECIPES.keys()


@pytest.mark.parametrize("change", RECIPES)
def test_what_a_recipe_names_is_there(change: str) -> None:
    for place in RECIPES[change].places:
        path = ROOT / in_repository(place.path)
        if NEW in place.path:
            assert path.parent.is_dir(), place.path
        else:
            text = path.read_text(encoding="utf-8")
            missing = [name for name in place.symbols if not re.search(rf"\b{name}\b", text)]
            assert missing == [], f"{place.path} has no {', '.join(missing)}"


@pytest.mark.parametrize("change", RECIPES)
def test_a_recipe_is_enough_and_names_nothing_else(change: str, original: Path, tmp_path: Path) -> None:
    attempt = Attempt(RECIPES[change], original, tmp_path)
    attempt.follow(FOLLOWED[change].edits)
    assert attempt.left() == []
    FOLLOWED[change].probe(attempt)


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository, made once; nobody writes into it."""
    return copy_of_the_repository(tmp_path_factory.mktemp("original"))


# All places of some recipes, and the lists of others that nothing but a test compares with the rest.
PLACES = [
    *((change, place.path) for change in ("a Lambda", "a token") for place in RECIPES[change].places),
    ("a resource type", ACCOUNT),
    ("a resource type", STATEMENTS),
    ("a Glue argument", ARGUMENTS),
    ("a Glue argument", WANTED),
]


@pytest.mark.parametrize(("change", "path"), PLACES)
def test_a_place_that_is_left_out_is_noticed(change: str, path: str, original: Path, tmp_path: Path) -> None:
    attempt = Attempt(RECIPES[change], original, tmp_path)
    attempt.follow([edit for edit in FOLLOWED[change].edits if not is_at(change, edit, path)])
    assert attempt.left() == [path]
    with pytest.raises(AssertionError):
        FOLLOWED[change].probe(attempt)


def test_an_edit_elsewhere_is_refused(original: Path, tmp_path: Path) -> None:
    attempt = Attempt(RECIPES["a Lambda's memory"], original, tmp_path)
    with pytest.raises(
        AssertionError, match=r"the recipe for a Lambda's memory does not name ci/Jenkinsfile"
    ):
        attempt.follow([Replace("ci/Jenkinsfile", "'deployer'", "'deployed'")])
