"""The wanted schedules with their role and their dead-letter queue."""

import json
from collections.abc import Sequence

from deployer.blueprint.policies import key_use, statement
from deployer.blueprint.tags import tags_of
from deployer.environment_file import Environment
from deployer.environment_file.schedule import Schedule as Settings
from deployer.model.names import Names
from deployer.model.resources import LIVE, Document, Queue, Resource, Role, Schedule

# The longest retention of SQS: time to see what was not started, and to start it by hand.
RETENTION_SECONDS = 14 * 24 * 3600
# EventBridge Scheduler replaces it by the scheduled time, however late the attempt is.
SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"


def resources(environment: Environment, names: Names) -> tuple[Resource, ...]:
    """Queue, schedules and, where the file names none, their role; nothing without a schedule in the file."""
    found = environment.schedules
    if not found:
        return ()
    own_role = () if all(one.role_arn for one in found.values()) else (role(environment, names),)
    schedules = (
        schedule(settings, environment, names, names.scheduled(key)) for key, settings in found.items()
    )
    return *own_role, queue(environment, names), *schedules


def queue(environment: Environment, names: Names) -> Queue:
    """The dead-letter queue: starts that failed in all attempts."""
    key = environment.config.kms_key_arn or ""
    return Queue(names.dead_letter_queue, RETENTION_SECONDS, tags_of(environment), key)


def schedule(settings: Settings, environment: Environment, names: Names, pipeline: str) -> Schedule:
    """The schedule of a pipeline: starts its live release for the scheduled day (UTC)."""
    words = {names.edv_pipeline: "EDV", names.landing_pipeline: "landing"}
    starts = settings.start_date.strftime(_INSTANT) if settings.start_date else ""
    return Schedule(
        name=pipeline,
        group=names.schedule_group(pipeline),
        expression=settings.expression,
        timezone=settings.timezone,
        enabled=settings.enabled,
        target=names.alias_arn(pipeline),
        role=settings.role_arn or names.role_arn(names.schedule_role),
        input=Document(json.dumps({"start_date": SCHEDULED_TIME, "run_type": settings.run_type})),
        dead_letters=names.arn("sqs", names.dead_letter_queue),
        retries=settings.maximum_retry_attempts,
        event_age_seconds=settings.maximum_event_age_seconds,
        flexible_minutes=settings.flexible_minutes,
        description=f"Starts the CARS {words[pipeline]} pipeline",
        tags=tags_of(environment),
        starts=starts,
        ends=settings.end_date.strftime(_INSTANT) if settings.end_date else "",
    )


def role(environment: Environment, names: Names) -> Role:
    """What the schedules may do: start the live aliases of their pipelines, and write to their queue."""
    pipelines = _with_own_role(environment, names)
    policy = {
        # Step Functions authorises an alias by the machine's ARN; the qualifier narrows it to the alias.
        "StartPipeline": statement(
            "states:StartExecution",
            *map(names.machine_arn, pipelines),
            reason="starts the live releases of the scheduled pipelines",
            condition={"StringEquals": {"states:StateMachineQualifier": LIVE}},
        ),
        "DeadLetters": statement(
            "sqs:SendMessage", names.arn("sqs", names.dead_letter_queue), reason="stores a start that failed"
        ),
        **key_use(environment, names, ["sqs"], writes=True),
    }
    return Role(names.schedule_role, "/", _trust(names, pipelines), policy, tags_of(environment))


def _with_own_role(environment: Environment, names: Names) -> list[str]:
    """Pipelines whose schedules have no given role."""
    return [names.scheduled(key) for key, one in environment.schedules.items() if not one.role_arn]


def _trust(names: Names, pipelines: Sequence[str]) -> Document:
    """Only schedules of our groups in our account; AWS checks the ARN of the group, not of the schedule."""
    groups = [
        names.arn("scheduler", f"schedule-group/{names.schedule_group(pipeline)}") for pipeline in pipelines
    ]
    condition = {
        "StringEquals": {
            "aws:SourceAccount": names.place.account,
            "aws:SourceArn": groups[0] if len(groups) == 1 else groups,
        }
    }
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": "scheduler.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": condition,
    }
    return Document(json.dumps({"Version": "2012-10-17", "Statement": [allowed]}))
