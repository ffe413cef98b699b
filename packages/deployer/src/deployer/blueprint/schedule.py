"""The wanted schedule with its role and its dead-letter queue."""

import json

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
    """Queue, schedule and, when the file names none, their role; nothing without the key `schedule`."""
    settings = environment.config.schedule
    if settings is None:
        return ()
    own_role = () if settings.role_arn else (role(environment, names),)
    return *own_role, queue(environment, names), schedule(settings, environment, names)


def queue(environment: Environment, names: Names) -> Queue:
    """The dead-letter queue: starts that failed in all attempts."""
    key = environment.config.kms_key_arn or ""
    return Queue(names.dead_letter_queue, RETENTION_SECONDS, tags_of(environment), key)


def schedule(settings: Settings, environment: Environment, names: Names) -> Schedule:
    """The schedule: starts the live pipeline for the scheduled day (UTC)."""
    starts = settings.start_date.strftime(_INSTANT) if settings.start_date else ""
    return Schedule(
        name=names.schedule,
        group=names.schedule_group,
        expression=settings.expression,
        timezone=settings.timezone,
        enabled=settings.enabled,
        target=names.machine_arn(f"{names.edv_pipeline}:{LIVE}"),
        role=settings.role_arn or names.role_arn(names.schedule_role),
        input=Document(json.dumps({"start_date": SCHEDULED_TIME, "run_type": settings.run_type})),
        dead_letters=names.arn("sqs", names.dead_letter_queue),
        retries=settings.maximum_retry_attempts,
        event_age_seconds=settings.maximum_event_age_seconds,
        flexible_minutes=settings.flexible_minutes,
        description="Starts the CARS EDV pipeline",
        tags=tags_of(environment),
        starts=starts,
        ends=settings.end_date.strftime(_INSTANT) if settings.end_date else "",
    )


def role(environment: Environment, names: Names) -> Role:
    """What the schedule may do: start the pipeline's live alias, and write to its queue."""
    machine = names.machine_arn(names.edv_pipeline)
    policy = {
        # Step Functions authorises an alias by the machine's ARN; the qualifier narrows it to the alias.
        "StartPipeline": statement(
            "states:StartExecution",
            machine,
            reason="starts the live release of the pipeline",
            condition={"StringEquals": {"states:StateMachineQualifier": LIVE}},
        ),
        "DeadLetters": statement(
            "sqs:SendMessage", names.arn("sqs", names.dead_letter_queue), reason="stores a start that failed"
        ),
        **key_use(environment, names, ["sqs"], writes=True),
    }
    return Role(names.schedule_role, "/", _trust(names), policy, tags_of(environment))


def _trust(names: Names) -> Document:
    """Only schedules of our group in our account; AWS checks the ARN of the group, not of the schedule."""
    condition = {
        "StringEquals": {
            "aws:SourceAccount": names.place.account,
            "aws:SourceArn": names.arn("scheduler", f"schedule-group/{names.schedule_group}"),
        }
    }
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": "scheduler.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": condition,
    }
    return Document(json.dumps({"Version": "2012-10-17", "Statement": [allowed]}))
