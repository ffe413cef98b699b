"""SNS, SQS, EventBridge and EventBridge Scheduler."""

from collections.abc import Iterator
from typing import Any

from local_aws.emulator import settings  # isort: skip - before anything of moto

from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from local_aws.access.calls import Call
from local_aws.access.evaluation import ANY_RESOURCE, Context, Permission
from local_aws.access.services.keys import uses_key
from local_aws.access.services.table import (
    all_of,
    if_present,
    parameter,
    passes_role,
    requires,
    same_name,
    tag_context,
)


def tags(call: Call) -> Context:
    """Condition keys of the tags in a call."""
    return tag_context(call.params.get("Tags") or call.params.get("tags") or call.params.get("Tag"))


def topic(call: Call) -> str:
    """ARN of a topic; `*` for a text message."""
    return call.text("TopicArn") or call.text("TargetArn") or call.text("ResourceArn") or ANY_RESOURCE


def new_topic(call: Call) -> str:
    """ARN of the topic that a call creates."""
    return call.arn("sns", call.text("Name"))


def subscribed_topic(call: Call) -> str:
    """ARN of the topic of a subscription."""
    return call.text("SubscriptionArn").rpartition(":")[0] or ANY_RESOURCE


def queue(call: Call) -> str:
    """ARN of a queue by URL or name."""
    name = call.text("QueueName") or call.text("QueueUrl").rstrip("/").rpartition("/")[2]
    return call.arn("sqs", name) if name else ANY_RESOURCE


def rule(call: Call) -> str:
    """ARN of a rule; a rule of the default bus has no bus in its ARN."""
    name, bus = call.text("Name") or call.text("Rule"), call.text("EventBusName").rpartition("/")[2]
    return call.arn("events", f"rule/{name}" if bus in {"", "default"} else f"rule/{bus}/{name}")


def event_bus(call: Call) -> Iterator[Permission]:
    """PutEvents is checked on the bus of each entry."""
    for entry in call.params.get("Entries") or ():
        bus = str(entry.get("EventBusName") or "default").rpartition("/")[2]
        yield Permission("events:PutEvents", call.arn("events", f"event-bus/{bus}"))


def target_roles(call: Call) -> Iterator[Permission]:
    """iam:PassRole for the roles of a rule's targets."""
    for target in call.params.get("Targets") or ():
        if isinstance(target, dict) and target.get("RoleArn"):
            yield Permission(
                "iam:PassRole", target["RoleArn"], {"iam:passedtoservice": ("events.amazonaws.com",)}
            )


def schedule(call: Call) -> str:
    """ARN of a schedule in its group."""
    return call.arn("scheduler", f"schedule/{call.text('GroupName') or 'default'}/{call.text('Name')}")


def schedule_group(call: Call) -> str:
    """ARN of a schedule group."""
    return call.arn("scheduler", f"schedule-group/{call.text('Name')}")


def in_group(call: Call) -> str:
    """ARN of all schedules in a group."""
    return call.arn("scheduler", f"schedule/{call.text('Name')}/*")


def schedule_role(call: Call) -> object:
    """The role with which a schedule calls its target."""
    return (call.params.get("Target") or {}).get("RoleArn")


def key_of_topic(call: Call) -> object:
    """The key that encrypts a topic's messages."""
    held: Any = sns_backends[call.account or settings.ACCOUNT][call.region]
    return getattr(held.topics.get(topic(call)), "kms_master_key_id", None)


def key_of_queue(call: Call) -> object:
    """The key that encrypts a queue's messages."""
    held: Any = sqs_backends[call.account or settings.ACCOUNT][call.region]
    return getattr(held.queues.get(queue(call).rpartition(":")[2]), "kms_master_key_id", None)


# https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
PUBLISHED = uses_key("sns", "kms:GenerateDataKey kms:Decrypt", key_of_topic)
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
SENT = uses_key("sqs", "kms:GenerateDataKey kms:Decrypt", key_of_queue)
RECEIVED = uses_key("sqs", "kms:Decrypt", key_of_queue)
SNS = {
    "CreateTopic": all_of(
        requires("sns:CreateTopic", new_topic, context=tags),
        if_present("Tags", requires("sns:TagResource", new_topic, context=tags)),
    ),
    **same_name(
        "sns",
        "DeleteTopic GetTopicAttributes SetTopicAttributes Subscribe ListSubscriptionsByTopic "
        "ConfirmSubscription AddPermission RemovePermission ListTagsForResource UntagResource",
        topic,
    ),
    **dict.fromkeys(("Publish", "PublishBatch"), all_of(requires("sns:Publish", topic), PUBLISHED)),
    "TagResource": requires("sns:TagResource", topic, context=tags),
    **same_name("sns", "GetSubscriptionAttributes SetSubscriptionAttributes Unsubscribe", subscribed_topic),
    **same_name("sns", "ListTopics ListSubscriptions"),
}
SQS = {
    "CreateQueue": all_of(
        requires("sqs:CreateQueue", queue, context=tags),
        if_present("tags", requires("sqs:TagQueue", queue, context=tags)),
    ),
    **same_name(
        "sqs",
        "DeleteMessage ChangeMessageVisibility GetQueueAttributes SetQueueAttributes "
        "GetQueueUrl DeleteQueue PurgeQueue ListQueueTags UntagQueue AddPermission RemovePermission "
        "ListDeadLetterSourceQueues",
        queue,
    ),
    "TagQueue": requires("sqs:TagQueue", queue, context=tags),
    **dict.fromkeys(("SendMessage", "SendMessageBatch"), all_of(requires("sqs:SendMessage", queue), SENT)),
    "ReceiveMessage": all_of(requires("sqs:ReceiveMessage", queue), RECEIVED),
    "DeleteMessageBatch": requires("sqs:DeleteMessage", queue),
    "ChangeMessageVisibilityBatch": requires("sqs:ChangeMessageVisibility", queue),
    "ListQueues": requires("sqs:ListQueues"),
}
EVENTS = {
    "PutRule": all_of(
        requires("events:PutRule", rule, context=tags),
        if_present("Tags", requires("events:TagResource", rule, context=tags)),
        passes_role("RoleArn", "events.amazonaws.com"),
    ),
    "PutTargets": all_of(requires("events:PutTargets", rule), target_roles),
    **same_name(
        "events", "DescribeRule DeleteRule EnableRule DisableRule RemoveTargets ListTargetsByRule", rule
    ),
    **same_name("events", "ListTagsForResource UntagResource", parameter("ResourceARN")),
    "TagResource": requires("events:TagResource", parameter("ResourceARN"), context=tags),
    **same_name("events", "ListRules ListEventBuses ListRuleNamesByTarget"),
    "PutEvents": event_bus,
}
SCHEDULER = {
    "CreateSchedule": all_of(
        requires("scheduler:CreateSchedule", schedule),
        passes_role("", "scheduler.amazonaws.com", role_of=schedule_role),
    ),
    "UpdateSchedule": all_of(
        requires("scheduler:UpdateSchedule", schedule),
        passes_role("", "scheduler.amazonaws.com", role_of=schedule_role),
    ),
    **same_name("scheduler", "GetSchedule DeleteSchedule", schedule),
    **same_name("scheduler", "ListSchedules ListScheduleGroups"),
    "CreateScheduleGroup": all_of(
        requires("scheduler:CreateScheduleGroup", schedule_group, context=tags),
        if_present("Tags", requires("scheduler:TagResource", schedule_group, context=tags)),
    ),
    **same_name("scheduler", "GetScheduleGroup", schedule_group),
    # as the handlers of AWS::Scheduler::ScheduleGroup: deleting the schedules takes the caller's permission
    "DeleteScheduleGroup": all_of(
        requires("scheduler:DeleteScheduleGroup", schedule_group),
        requires("scheduler:DeleteSchedule", in_group),
    ),
    **same_name("scheduler", "ListTagsForResource UntagResource", parameter("ResourceArn")),
    "TagResource": requires("scheduler:TagResource", parameter("ResourceArn"), context=tags),
}
