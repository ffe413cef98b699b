"""Deploys an environment with the deployer; each task runs as a user with the permissions for that task only."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cars_acceptance.main_job import names, schemas
from cars_acceptance.main_job.commands import Deployer
from cars_acceptance.permissions.environments import Client, Environment
from cars_acceptance.source import zones
from cars_acceptance.source.load import Load
from cars_acceptance.source.schema import Schema

# One vault table and its staging tables: this release uses every permission and runs in a second.
STAGED = frozenset({"AG_PROD_PLAN", "BUS_PTY_SHR", "CMPL_DET_HIST"})
VAULT = frozenset({"AG_PROD_PLAN_H"})


@dataclass
class Team:
    """Users with exactly the policies that `plan --needs-iam` prints for their task."""

    environment: Environment
    folder: Path
    deployer: Deployer  # an administrator's
    client: Client
    policies: int = 0
    users: dict[str, Deployer] = field(default_factory=dict)

    @property
    def config(self) -> str:
        return f"--config-dir={self.folder}"

    def deployer_for(self, task: str) -> Deployer:
        """The deployer with the credentials of the task's user."""
        if task not in self.users:
            self.users[task] = self._create_user(task)
        return self.users[task]

    def _create_user(self, task: str) -> Deployer:
        iam, name = self.client("iam"), f"{self.environment.name}-{task}"
        iam.create_user(UserName=name)
        needed = self.deployer.ask("plan", self.environment.name, "--needs-iam", f"--for={task}", self.config)
        for policy in needed["policies"]:
            made = iam.create_policy(PolicyName=policy["name"], PolicyDocument=json.dumps(policy["document"]))
            iam.attach_user_policy(UserName=name, PolicyArn=made["Policy"]["Arn"])
            self.policies += 1
        key = iam.create_access_key(UserName=name)["AccessKey"]
        credentials = {
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        }
        return Deployer(
            self.deployer.python, self.deployer.root, {**self.deployer.environment, **credentials}
        )


def deploy(team: Team, file: Mapping[str, Any], build_dir: Path, car_configs: Path) -> dict[str, Any]:
    """Deploy, check that nothing is left to do, create the schemas, push a small config release; returns the outputs."""
    environment, outputs = team.environment, team.folder / f"{team.environment.name}-outputs.json"
    (team.folder / f"{environment.name}.json").write_text(json.dumps(file, indent=1))
    build = f"--build-dir={build_dir}"
    team.deployer_for("deploy").ask(
        "deploy", environment.name, "--yes", build, team.config, f"--outputs={outputs}"
    )
    team.deployer_for("plan").ask("plan", environment.name, build, team.config)  # exit code 0: nothing to do
    found: dict[str, Any] = json.loads(outputs.read_text())
    tree = small_tree(car_configs, team.folder / "car_configs")
    team.deployer_for("configs").call("configs", "push", environment.name, f"--source={tree}", team.config)
    for schema in names.SCHEMAS:
        given = schemas.arguments("DDL", schema, "2026-01-01", env=environment.name)
        schemas.run_job(team.client("glue"), found["glueJob"]["name"], given)
    return found


def deliver(client: Client, environment: Environment, schema: Schema, load: Load) -> None:
    """Write the source that the small release stages."""
    zones.write(client("s3"), zones.Zones(environment.bucket("final"), names.APP, schema), load)


def small_tree(car_configs: Path, folder: Path) -> Path:
    """Copy the SQL tree with the tables of the small release only."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(car_configs, folder)
    for layer, kept in (("STG", STAGED), ("EDV", VAULT)):
        for table in (folder / layer).iterdir():
            if table.name not in kept:
                shutil.rmtree(table)
    metadata = folder / "metadata"
    ids = _keep(metadata / "dv_tables.csv", lambda line: line.split("|")[1] in VAULT)
    _keep(metadata / "stg_tables.csv", lambda line: line in STAGED)
    _keep(
        metadata / "dv_tbl_dpnds.csv", lambda line: line.split("|")[0] in {item.split("|")[0] for item in ids}
    )
    # Waivers of findings in tables that are left out would be stale, which is an error.
    (metadata / "waivers.csv").unlink(missing_ok=True)
    return folder


def _keep(file: Path, wanted: Any) -> list[str]:
    head, *lines = file.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if wanted(line)]
    file.write_text("\n".join([head, *kept, ""]), encoding="utf-8")
    return kept
