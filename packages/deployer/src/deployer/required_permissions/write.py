"""What a deploy and a rollback make and change: named resources only, never what merely begins with the prefix."""

from collections.abc import Iterator

from deployer.blueprint.connections import lacking, resolved
from deployer.required_permissions.grants import ANYWHERE, CHANGE, Grant, grant
from deployer.required_permissions.scope import Scope


def changing(scope: Scope) -> Iterator[Grant]:
    """Creates and updates."""
    yield from _functions(scope)
    yield from _glue(scope)
    yield from _machine(scope)
    yield from _roles(scope)
    yield from _log_groups(scope)
    if scope.environment.config.schedule:
        yield from _schedule(scope)


def _functions(scope: Scope) -> Iterator[Grant]:
    yield from grant(
        "WriteFunctions",
        CHANGE,
        "lambda:CreateAlias lambda:CreateFunction lambda:GetFunctionConfiguration lambda:PublishVersion "
        "lambda:TagResource lambda:UntagResource lambda:UpdateAlias lambda:UpdateFunctionCode "
        "lambda:UpdateFunctionConfiguration",
        scope.functions,
        "makes and updates functions, publishes versions, moves live aliases",
    )
    yield from grant(
        "PruneVersions",
        CHANGE,
        "lambda:DeleteFunction",
        [f"{arn}:*" for arn in scope.functions],
        "deletes versions beyond --keep; the qualifier keeps the functions themselves out of reach",
    )
    vpc = scope.environment.config.lambda_vpc
    actions = "ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs"
    if vpc and vpc.subnet_ids:
        yield from grant(
            "SeeNetwork",
            CHANGE,
            actions,
            ANYWHERE,
            "Lambda asks for these of whoever attaches a function to a VPC; EC2 has no resource to name in a description",
        )
    elif any(
        lacking(entry) is None and not entry.availability_zone
        for entry in resolved(scope.environment.config.glue)
    ):
        yield from grant(
            "SeeSubnets",
            CHANGE,
            "ec2:DescribeSubnets",
            ANYWHERE,
            "looks up the zone of a connection's subnet; EC2 has no resource to name in a description",
        )


def _glue(scope: Scope) -> Iterator[Grant]:
    made = scope.made_connections
    connections = " glue:CreateConnection glue:UpdateConnection" if made else ""
    yield from grant(
        "WriteGlue",
        CHANGE,
        "glue:CreateJob glue:TagResource glue:UntagResource glue:UpdateJob",
        [scope.names.glue_job_arn(), *made, *scope.databases],
        "makes and updates the job, tags all that is made in Glue",
    )
    yield from grant(
        "WriteCatalog",
        CHANGE,
        f"glue:CreateDatabase glue:UpdateDatabase{connections}",
        [scope.catalog, *made, *scope.databases],
        "makes and updates databases and the connections that the file says enough about; Glue checks the catalog too",
    )


def _machine(scope: Scope) -> Iterator[Grant]:
    yield from grant(
        "WriteMachine",
        CHANGE,
        "states:CreateStateMachine states:CreateStateMachineAlias states:DeleteStateMachineVersion "
        "states:ListExecutions states:PublishStateMachineVersion states:TagResource states:UntagResource "
        "states:UpdateStateMachine states:UpdateStateMachineAlias",
        [scope.machine],
        "makes and updates the pipeline, publishes versions, moves the live alias, prunes versions nothing runs in",
    )


def _roles(scope: Scope) -> Iterator[Grant]:
    yield from grant(
        "WriteRoles",
        CHANGE,
        "iam:CreateRole iam:DeleteRolePolicy iam:DetachRolePolicy iam:PutRolePolicy iam:TagRole iam:UntagRole "
        "iam:UpdateAssumeRolePolicy",
        scope.made_roles,
        "makes roles with one policy each and takes other policies off; whoever may do this can do what the roles can, "
        "so hand out roles in the file where the deployer is not to decide about them",
    )
    for service, roles in scope.handed.items():
        yield from grant(
            f"Hand{service.capitalize()}Roles",
            CHANGE,
            "iam:PassRole",
            roles,
            f"hands {service} the roles that it works with, and hands them to nobody else",
            {"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}},
        )


def _log_groups(scope: Scope) -> Iterator[Grant]:
    keys = " logs:AssociateKmsKey logs:DisassociateKmsKey" if scope.environment.config.kms_key_arn else ""
    yield from grant(
        "WriteLogGroups",
        CHANGE,
        f"logs:CreateLogGroup logs:PutRetentionPolicy logs:TagResource logs:UntagResource{keys}",
        [arn for group in scope.log_groups for arn in (group, f"{group}:*")],
        "makes log groups with their retention; CloudWatch Logs checks tags on the group, all else on what is in it",
    )


def _schedule(scope: Scope) -> Iterator[Grant]:
    names = scope.names
    yield from grant(
        "WriteQueue",
        CHANGE,
        "sqs:CreateQueue sqs:SetQueueAttributes sqs:TagQueue sqs:UntagQueue",
        [names.arn("sqs", names.dead_letter_queue)],
        "makes the queue of starts that failed",
    )
    yield from grant(
        "WriteSchedule",
        CHANGE,
        "scheduler:CreateSchedule scheduler:CreateScheduleGroup scheduler:TagResource scheduler:UntagResource "
        "scheduler:UpdateSchedule",
        [
            names.arn("scheduler", f"schedule/{names.schedule_group}/{names.schedule}"),
            names.arn("scheduler", f"schedule-group/{names.schedule_group}"),
        ],
        "makes and updates the schedule and its group",
    )
