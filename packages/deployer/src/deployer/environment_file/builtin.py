"""The built-in `local` environment: what `nox -s local` and `nox -s serve` deploy to."""

import sys
from typing import Any

LOCAL_ACCOUNT = "111122223333"


def local() -> dict[str, Any]:
    """The local environment in the shape of an environment file; its runtime is the running Python's."""
    return {
        "deployEnv": "LOCAL",
        "project": "cars",
        "region": "us-east-1",
        "account": LOCAL_ACCOUNT,
        "env": "local",
        "strparams": {
            "landingBucketNameParam": "fsa-local-cars-landing",
            "cleanBucketNameParam": "fsa-local-cars-clean",
            "finalBucketNameParam": "fsa-local-cars-final",
            "lambdaRuntime": f"python{sys.version_info.major}.{sys.version_info.minor}",
        },
        "artifacts": {"artifactBucket": "fsa-local-cars-artifacts", "prefix": "cars/"},
        "configUpload": {
            "inputBucket": "fsa-local-cars-artifacts",
            "inputPrefix": "cars/configs/",
            "outputBucket": "fsa-local-cars-final",
            "outputPrefix": "cars/_configs",
        },
        "GlueJobParameters": {
            "Connections": [{"ConnectionName": "FSA-LOCAL-PG-DART114"}],
            "GlueVersion": "5.1",
            "MaxConcurrency": 20,
        },
        "lambdaEnv": {"DB_SSLMODE": "disable"},
        "glueDefaultArgs": {"--sslmode": "disable"},
        "secretName": "fsa-local/cars/postgres",
    }
