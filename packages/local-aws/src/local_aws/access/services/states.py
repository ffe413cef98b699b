"""Step Functions. Calls on versions and aliases use the ARN of the machine, and a condition key for the qualifier.

https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html
"""

from local_aws.access.calls import Call
from local_aws.access.evaluation import ANY_RESOURCE, Context
from local_aws.access.services.table import (
    Resource,
    all_of,
    if_present,
    parameter,
    passes_role,
    requires,
    same_name,
    tag_context,
)

SERVICE = "states.amazonaws.com"
MACHINE_PARTS = 7  # arn:partition:states:region:account:stateMachine:name, then perhaps a qualifier


def machine(*names: str) -> Resource:
    """ARN of the machine, without version or alias, from the first of these parameters in the call."""

    def resource(call: Call) -> str:
        found = next((call.text(name) for name in names if call.text(name)), "")
        return ":".join(found.split(":")[:MACHINE_PARTS]) or ANY_RESOURCE

    return resource


def new_machine(call: Call) -> str:
    """ARN of the machine that a call creates."""
    return call.arn("states", f"stateMachine:{call.text('name')}")


def routed_machine(call: Call) -> str:
    """ARN of the machine to whose versions an alias routes."""
    routes = call.params.get("routingConfiguration") or [{}]
    arn = str(routes[0].get("stateMachineVersionArn", ""))
    return ":".join(arn.split(":")[:MACHINE_PARTS]) or ANY_RESOURCE


def tags(call: Call) -> Context:
    """Condition keys of the tags in a call."""
    return tag_context(call.params.get("tags"))


def qualifier(call: Call) -> Context:
    """The condition key states:StateMachineQualifier: the version or alias in the call."""
    parts = call.text("stateMachineArn").split(":")
    return {"states:statemachinequalifier": (parts[7],)} if len(parts) > MACHINE_PARTS else {}


the_machine = machine("stateMachineArn", "stateMachineVersionArn", "stateMachineAliasArn")
published = if_present("publish", requires("states:PublishStateMachineVersion", the_machine))
TABLE = {
    "CreateStateMachine": all_of(
        requires("states:CreateStateMachine", new_machine, context=tags),
        if_present("tags", requires("states:TagResource", new_machine, context=tags)),
        if_present("publish", requires("states:PublishStateMachineVersion", new_machine)),
        passes_role("roleArn", SERVICE),
    ),
    "UpdateStateMachine": all_of(
        requires("states:UpdateStateMachine", the_machine), published, passes_role("roleArn", SERVICE)
    ),
    **same_name("states", "StartExecution StartSyncExecution", the_machine, context=qualifier),
    **same_name(
        "states",
        "DescribeStateMachine DeleteStateMachine PublishStateMachineVersion ListStateMachineVersions "
        "DeleteStateMachineVersion ListStateMachineAliases DescribeStateMachineAlias UpdateStateMachineAlias "
        "DeleteStateMachineAlias ListExecutions",
        the_machine,
    ),
    "CreateStateMachineAlias": requires("states:CreateStateMachineAlias", routed_machine),
    **same_name(
        "states",
        "DescribeExecution DescribeStateMachineForExecution GetExecutionHistory StopExecution RedriveExecution "
        "ListMapRuns",
        parameter("executionArn"),
    ),
    **same_name("states", "ListTagsForResource UntagResource", parameter("resourceArn")),
    "TagResource": requires("states:TagResource", parameter("resourceArn"), context=tags),
    **same_name(
        "states",
        "ListStateMachines ListActivities ValidateStateMachineDefinition SendTaskSuccess SendTaskFailure "
        "SendTaskHeartbeat",
    ),
}
