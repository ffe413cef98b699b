"""Default values that AWS answers for settings that were not sent, per API call.

Answers are completed from these tables, so that a missing setting, null and the default are equal.
Sources: the API references of Lambda, Glue, Step Functions, CloudWatch Logs, IAM, SQS and EventBridge Scheduler.
"""

from collections.abc import Mapping
from typing import Any

Defaults = Mapping[str, Any]

FUNCTION: Defaults = {
    "Architectures": ["x86_64"],
    "Description": "",
    "Environment": {"Variables": {}},
    "EphemeralStorage": {"Size": 512},
    "Handler": "",
    "KMSKeyArn": "",
    "Layers": [],
    "MemorySize": 128,
    "Runtime": "",
    "Timeout": 3,
    "TracingConfig": {"Mode": "PassThrough"},
    "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
}
JOB: Defaults = {
    "Command": {"Name": "glueetl", "ScriptLocation": "", "PythonVersion": "3"},
    "Connections": {"Connections": []},
    "DefaultArguments": {},
    "Description": "",
    "ExecutionClass": "STANDARD",
    "ExecutionProperty": {"MaxConcurrentRuns": 1},
    "GlueVersion": "",
    "MaxRetries": 0,
    "NumberOfWorkers": 0,
    "Role": "",
    "Timeout": 0,
    "WorkerType": "",
}
STATE_MACHINE: Defaults = {
    "description": "",
    "loggingConfiguration": {"level": "OFF", "includeExecutionData": False, "destinations": []},
    "tracingConfiguration": {"enabled": False},
    "type": "STANDARD",
}
LOG_GROUP: Defaults = {"retentionInDays": None, "kmsKeyId": ""}
CONNECTION: Defaults = {
    "ConnectionProperties": {},
    "Description": "",
    "PhysicalConnectionRequirements": {"SubnetId": "", "SecurityGroupIdList": [], "AvailabilityZone": ""},
}
DATABASE: Defaults = {"Description": ""}
QUEUE: Defaults = {"KmsMasterKeyId": "", "MessageRetentionPeriod": "345600", "SqsManagedSseEnabled": "true"}
SCHEDULE: Defaults = {
    "Description": "",
    "FlexibleTimeWindow": {"Mode": "OFF", "MaximumWindowInMinutes": 0},
    "ScheduleExpressionTimezone": "UTC",
    "State": "ENABLED",
    "Target": {
        "DeadLetterConfig": {"Arn": ""},
        "Input": "{}",
        "RetryPolicy": {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185},
    },
}
ROLE: Defaults = {"Description": "", "MaxSessionDuration": 3600, "Path": "/", "Tags": []}

# Answered beside the settings and never compared: AWS derives them, or they describe the past.
ECHOED_ONLY: Mapping[str, Defaults] = {
    "GetFunction": {
        "RuntimeVersionConfig": {"RuntimeVersionArn": ""},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "VpcConfig.VpcId": "",
        "LastUpdateStatus": "Successful",
    },
    "GetJob": {
        "AllocatedCapacity": 2,
        "MaxCapacity": 2.0,
        "JobMode": "SCRIPT",
        "JobRunQueuingEnabled": False,
    },
    "DescribeStateMachine": {"encryptionConfiguration": {"type": "AWS_OWNED_KEY"}, "label": ""},
    "DescribeLogGroups": {"storedBytes": 0, "metricFilterCount": 0, "logGroupClass": "STANDARD"},
    "GetRole": {"RoleLastUsed": {}},
    "GetConnection": {"ConnectionSchemaVersion": 1, "Status": "READY"},
    "GetDatabase": {"CreateTableDefaultPermissions": [], "CatalogId": ""},
    "GetQueueAttributes": {
        "DelaySeconds": "0",
        "VisibilityTimeout": "30",
        "KmsDataKeyReusePeriodSeconds": "300",
    },
    "GetSchedule": {"ActionAfterCompletion": "NONE"},
}


def with_defaults(defaults: Defaults, found: Mapping[str, Any]) -> dict[str, Any]:
    """The answer completed with defaults; nested sections are completed key by key."""
    whole = dict(found)
    for key, default in defaults.items():
        value = found.get(key)
        if value is None:
            whole[key] = default
        elif isinstance(default, Mapping) and default and isinstance(value, Mapping):
            whole[key] = with_defaults(default, value)
    return whole
