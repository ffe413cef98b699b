"""CloudWatch Logs. Actions on a group use the resource `log-group:NAME:*`, actions on tags `log-group:NAME`.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
"""

from local_aws.access.calls import Call
from local_aws.access.evaluation import ANY_RESOURCE, Context
from local_aws.access.services.table import all_of, if_present, requires, same_name, tag_context


def name(call: Call) -> str:
    """The log group's name, also when the call brings an ARN."""
    given_name = call.text("logGroupName") or call.text("logGroupIdentifier")
    return given_name.partition(":log-group:")[2].removesuffix(":*") or given_name


def group(call: Call) -> str:
    """ARN of a group for actions on groups: the resource of a policy must end in `:*` or match that."""
    return stream_arn(call, name(call), "")


def stream(call: Call) -> str:
    """ARN of a stream."""
    return stream_arn(call, name(call), call.text("logStreamName"))


def stream_arn(call: Call, group_name: str, stream_name: str) -> str:
    """ARN of a stream of a group; of the group itself when the stream's name is empty."""
    return call.arn("logs", f"log-group:{group_name}:log-stream:{stream_name}")


def bare_group(call: Call) -> str:
    """ARN of a group for actions on tags."""
    return call.arn("logs", f"log-group:{name(call)}")


def tagged(call: Call) -> str:
    """The ARN in the call, without the `:*` that some clients append."""
    return call.text("resourceArn").removesuffix(":*") or ANY_RESOURCE


def tags(call: Call) -> Context:
    """Condition keys of the tags in a call."""
    return tag_context(call.params.get("tags"))


TABLE = {
    "CreateLogGroup": all_of(
        requires("logs:CreateLogGroup", group, context=tags),
        if_present("tags", requires("logs:TagResource", bare_group, context=tags)),
    ),
    **same_name(
        "logs",
        "DeleteLogGroup PutRetentionPolicy DeleteRetentionPolicy DescribeLogStreams FilterLogEvents "
        "PutSubscriptionFilter DeleteSubscriptionFilter DescribeSubscriptionFilters PutMetricFilter "
        "DeleteMetricFilter DescribeMetricFilters StartQuery AssociateKmsKey DisassociateKmsKey",
        group,
    ),
    **same_name("logs", "CreateLogStream DeleteLogStream PutLogEvents GetLogEvents", stream),
    **same_name("logs", "ListTagsForResource UntagResource", tagged),
    "TagResource": requires("logs:TagResource", tagged, context=tags),
    **same_name("logs", "ListTagsLogGroup TagLogGroup UntagLogGroup", group),
    **same_name(
        "logs",
        "DescribeLogGroups DescribeResourcePolicies PutResourcePolicy DeleteResourcePolicy GetQueryResults "
        "StopQuery DescribeQueries",
    ),
}
DELIVERY = (  # https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
