"""Glue jobs; UpdateJob replaces the whole definition, so settings that are not ours are sent again."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from deployer.aws.adapter import code_of, dropped, our_tags
from deployer.aws.clients import Clients
from deployer.aws.default_values import JOB, filled
from deployer.model.names import Names
from deployer.model.permissions import Permission, anywhere, pass_role
from deployer.model.resources import MANAGED_BY, MANAGER, GlueJob

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import JobTypeDef

# Manual settings, which an update keeps; capacity fields are left out, Glue derives them.
_KEPT = (
    "JobMode",
    "JobRunQueuingEnabled",
    "LogUri",
    "MaintenanceWindow",
    "NonOverridableArguments",
    "NotificationProperty",
    "SecurityConfiguration",
    "SourceControlDetails",
)


PERMISSIONS = (
    Permission("Find", "glue:ListJobs", anywhere),
    Permission("ReadGlue", "glue:GetJob glue:GetTags", lambda scope: [scope.prefixed("glue", "job/")]),
    Permission(
        "WriteGlue",
        "glue:CreateJob glue:TagResource glue:UntagResource glue:UpdateJob",
        lambda scope: [scope.names.glue_job_arn()],
    ),
    pass_role("glue"),
    Permission("DeleteOwned", "glue:DeleteJob", lambda scope: [scope.prefixed("glue", "job/")]),
)


class GlueJobs:
    """Jobs by name."""

    def __init__(self, clients: Clients, names: Names) -> None:
        self._glue = clients.glue
        self._names = names

    def candidates(self, prefix: str) -> Iterable[str]:
        page = self._glue.list_jobs(Tags={MANAGED_BY: MANAGER})
        while True:
            yield from (name for name in page["JobNames"] if name.startswith(prefix))
            if not page.get("NextToken"):
                return
            page = self._glue.list_jobs(Tags={MANAGED_BY: MANAGER}, NextToken=page["NextToken"])

    def read(self, name: str) -> GlueJob | None:
        found = self._get(name)
        if found is None:
            return None
        tags = self._glue.get_tags(ResourceArn=self._arn(name))["Tags"]
        return self._from_aws(name, found, tags)

    def create(self, want: GlueJob) -> None:
        definition: Any = {"Name": want.name, "Tags": dict(want.tags)} | to_aws(want)
        self._glue.create_job(**definition)

    def update(self, have: GlueJob, want: GlueJob) -> None:
        if to_aws(have) != to_aws(want):
            found: Any = self._get(want.name) or {}
            kept = {name: found[name] for name in _KEPT if found.get(name)}
            definition: Any = kept | to_aws(want)
            self._glue.update_job(JobName=want.name, JobUpdate=definition)
        if gone := dropped(have.tags, want.tags):
            self._glue.untag_resource(ResourceArn=self._arn(want.name), TagsToRemove=gone)
        if have.tags != want.tags:
            self._glue.tag_resource(ResourceArn=self._arn(want.name), TagsToAdd=dict(want.tags))

    def delete(self, have: GlueJob) -> None:
        self._glue.delete_job(JobName=have.name)

    def _get(self, name: str) -> "JobTypeDef | None":
        try:
            return self._glue.get_job(JobName=name)["Job"]
        except ClientError as error:
            if code_of(error) == "EntityNotFoundException":
                return None
            raise

    def _arn(self, name: str) -> str:
        return self._names.arn("glue", f"job/{name}")

    def _from_aws(self, name: str, answer: "JobTypeDef", tags: dict[str, str]) -> GlueJob:
        found = filled(JOB, answer)
        role = found["Role"]
        return GlueJob(
            name=name,
            role=role if role.startswith("arn:") else self._names.role_arn(role),
            command=found["Command"]["Name"],
            script=found["Command"]["ScriptLocation"],
            python=found["Command"]["PythonVersion"],
            glue_version=found["GlueVersion"],
            worker_type=found["WorkerType"],
            workers=found["NumberOfWorkers"],
            timeout_minutes=found["Timeout"],
            max_concurrent_runs=found["ExecutionProperty"]["MaxConcurrentRuns"],
            max_retries=found["MaxRetries"],
            connections=tuple(sorted(found["Connections"]["Connections"])),
            arguments=found["DefaultArguments"],
            tags=our_tags(tags),
            description=found["Description"],
            execution_class=found["ExecutionClass"],
        )


def to_aws(want: GlueJob) -> Any:
    """The whole definition, for CreateJob and UpdateJob alike."""
    return {
        "Role": want.role,
        "Description": want.description,
        "Command": {"Name": want.command, "ScriptLocation": want.script, "PythonVersion": want.python},
        "GlueVersion": want.glue_version,
        "WorkerType": want.worker_type,
        "NumberOfWorkers": want.workers,
        "Timeout": want.timeout_minutes,
        "ExecutionProperty": {"MaxConcurrentRuns": want.max_concurrent_runs},
        "ExecutionClass": want.execution_class,
        "MaxRetries": want.max_retries,
        "Connections": {"Connections": list(want.connections)},
        "DefaultArguments": dict(want.arguments),
    }
