"""Glue. A catalog resource also requires permission on the catalog, and a table on its database.

https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html
"""

from collections.abc import Callable, Iterator

from local_aws.access.calls import Call
from local_aws.access.evaluation import ANY_RESOURCE, Context
from local_aws.access.services.table import (
    Resource,
    all_of,
    if_present,
    parameter,
    passes_role,
    requires,
    requires_each,
    same_name,
    tag_context,
)

SERVICE = "glue.amazonaws.com"


def by_name(kind: str, *names: str) -> Resource:
    """ARN from the first of these parameters in the call; `A.B` is field B of parameter A."""

    def resource(call: Call) -> str:
        found = next((value for name in names if (value := _inside(call, name))), "")
        return call.arn("glue", f"{kind}/{found}") if found else ANY_RESOURCE

    return resource


def _inside(call: Call, path: str) -> str:
    value: object = call.params
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def catalog(call: Call) -> str:
    """ARN of the account's catalog."""
    return call.arn("glue", "catalog")


def table(call: Call) -> str:
    """ARN of a table; of all tables of the database when the call names none."""
    database_name = call.text("DatabaseName") or "*"
    name = _inside(call, "TableInput.Name") or call.text("TableName") or call.text("Name") or "*"
    return call.arn("glue", f"table/{database_name}/{name}")


def tags(call: Call) -> Context:
    """Condition keys of the tags in a call."""
    return tag_context(call.params.get("Tags") or call.params.get("TagsToAdd"))


def listed_jobs(parameter_name: str) -> Callable[[Call], Iterator[str]]:
    """ARNs of the jobs in a batch call."""

    def resources(call: Call) -> Iterator[str]:
        for name in call.params.get(parameter_name) or ():
            yield call.arn("glue", f"job/{name}")

    return resources


job = by_name("job", "JobName", "Name")
connection = by_name("connection", "Name", "ConnectionName", "ConnectionInput.Name")
database = by_name("database", "DatabaseName", "Name", "DatabaseInput.Name")
crawler, trigger = by_name("crawler", "Name"), by_name("trigger", "Name")

TABLE = {
    "CreateJob": all_of(
        requires("glue:CreateJob", job, context=tags),
        if_present("Tags", requires("glue:TagResource", job, context=tags)),
        passes_role("Role", SERVICE),
    ),
    "UpdateJob": all_of(
        requires("glue:UpdateJob", job),
        passes_role("Role", SERVICE, role_of=lambda call: (call.params.get("JobUpdate") or {}).get("Role")),
    ),
    **same_name("glue", "GetJob DeleteJob StartJobRun GetJobRun GetJobRuns BatchStopJobRun", job),
    **same_name(
        "glue", "GetJobs ListJobs GetJobBookmark ResetJobBookmark GetTriggers ListTriggers ListCrawlers"
    ),
    "BatchGetJobs": requires_each("glue:BatchGetJobs", listed_jobs("JobNames")),
    **same_name("glue", "GetTags UntagResource", parameter("ResourceArn")),
    "TagResource": requires("glue:TagResource", parameter("ResourceArn"), context=tags),
    "CreateConnection": all_of(
        requires("glue:CreateConnection", catalog, connection, context=tags),
        if_present("Tags", requires("glue:TagResource", connection, context=tags)),
    ),
    **same_name("glue", "GetConnection UpdateConnection DeleteConnection", catalog, connection),
    "GetConnections": requires("glue:GetConnections", catalog, lambda call: call.arn("glue", "connection/*")),
    "CreateDatabase": all_of(
        requires("glue:CreateDatabase", catalog, database, context=tags),
        if_present("Tags", requires("glue:TagResource", database, context=tags)),
    ),
    **same_name("glue", "GetDatabase UpdateDatabase", catalog, database),
    "DeleteDatabase": requires(
        "glue:DeleteDatabase",
        catalog,
        database,
        lambda call: call.arn("glue", f"table/{call.text('Name')}/*"),
        lambda call: call.arn("glue", f"userDefinedFunction/{call.text('Name')}/*"),
    ),
    "GetDatabases": requires("glue:GetDatabases", catalog, lambda call: call.arn("glue", "database/*")),
    **same_name(
        "glue",
        "CreateTable GetTable GetTables UpdateTable DeleteTable GetTableVersions GetPartition GetPartitions "
        "CreatePartition BatchCreatePartition BatchGetPartition UpdatePartition DeletePartition "
        "BatchDeletePartition",
        catalog,
        by_name("database", "DatabaseName"),
        table,
    ),
    **same_name("glue", "GetCrawler StartCrawler StopCrawler DeleteCrawler", crawler),
    **same_name("glue", "GetTrigger StartTrigger StopTrigger DeleteTrigger", trigger),
}
