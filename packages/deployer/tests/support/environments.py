"""An environment file with every key of the contract, numbers and booleans spelled as words like the real ones."""

import copy
from typing import Any

from deployer.environment_file import Environment
from deployer.environment_file.load import environment_from
from support.build_output import RUNTIME

ACCOUNT = "111122223333"
BUCKETS = ("fsa-test-cars-landing", "fsa-test-cars-clean", "fsa-test-cars-final", "fsa-test-cars-artifacts")

_FULL: dict[str, Any] = {
    "deployEnv": "CERT",
    "project": "cars",
    "region": "us-east-1",
    "bucketRegion": "us-east-1",
    "strparams": {
        "landingBucketNameParam": BUCKETS[0],
        "cleanBucketNameParam": BUCKETS[1],
        "finalBucketNameParam": BUCKETS[2],
        "etlRoleArnParam": "",
        "glueJobRoleArnParam": "",
        "thirdPartyLayerArnParam": "",
        "customLayerArnParam": "",
        "lambdaRuntime": RUNTIME,
    },
    "artifacts": {"artifactBucket": BUCKETS[3], "prefix": "/cars/"},
    "stepFunctions": {"roleArn": "", "roleName": "", "createRoleIfMissing": "true"},
    "configUpload": {
        "functionName": "",
        "sourceDir": "car_configs",
        "inputBucket": BUCKETS[3],
        "inputPrefix": "cars/configs",
        "outputBucket": BUCKETS[2],
        "outputPrefix": "cars/_configs",
        "minExpectedObjects": "1",
        "debug": "false",
        "timeoutSeconds": "300",
    },
    "GlueJobParameters": {
        "Connections": [{"ConnectionName": "FSA-CERT-PG-DART114", "SubnetIds": "subnet-1, subnet-2"}],
        "type": "glueetl",
        "MaxConcurrency": "20",
        "MaxRetries": "0",
        "TimeoutMinutes": "60",
        "WorkerType": "G.1X",
        "NumberOfWorkers": "2",
        "AutomaticScalingEnabled": "true",
        "GlueVersion": "5.1",
        "SparkUILogsPath": "s3://fsa-test-cars-artifacts/spark-ui/",
        "GenerateMetrics": "true",
        "EnableJobBookmarks": "false",
        "JobObservabilityMetrics": True,
        "JobContinuousLogging": "true",
        "TemporaryPath": "s3://fsa-test-cars-artifacts/tmp/",
        "UseGlueDataCatalogAsTheHiveMetastore": "true",
        "ReferencedFilesS3Path": "s3://fsa-test-cars-artifacts/files/a.txt",
        "AdditionalPythonModulesS3Path": "s3://fsa-test-cars-artifacts/modules/b.zip",
        "JobParameters": {"--env": "cert", "--custom": 7},
    },
    "lambdaEnv": {"EXTRA": "1", "FLAG": True},
    "glueDefaultArgs": {"--sslmode": "require", "--app": "from-defaults"},
    "downloadZip": {"timeoutSeconds": "600"},
    "lambdaVpc": {"subnetIds": "subnet-b, subnet-a", "securityGroupIds": ["sg-1"]},
    "secretName": "fsa-cert/cars/postgres",
    "snsTopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:cars-alarms",
    "env": "cert",
    "schedule": "cron(0 9 * * ? *)",
    "landing": {
        "batches": "3",
        "rejectPercent": 2.5,
        "onUnreadable": "Continue",
        "onMissingColumn": "null",
        "keepDates": "20",
        "keepSnapshots": 40,
    },
}


def raw_config(**changes: Any) -> dict[str, Any]:
    """The full file with some top-level keys replaced; None removes a key."""
    raw = copy.deepcopy(_FULL)
    for key, value in changes.items():
        if value is None:
            raw.pop(key, None)
        elif isinstance(value, dict) and isinstance(raw.get(key), dict):
            raw[key].update(value)
        else:
            raw[key] = value
    return raw


def environment(name: str = "cert", **changes: Any) -> Environment:
    """The checked environment of `raw_config`."""
    return environment_from(name, f"{name}.json", raw_config(**changes))
