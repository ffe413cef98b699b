"""The account of the machines' ARNs; import this before anything of moto, which reads it once."""

import os

from local_aws.emulator import settings

# Step Functions Local's own default, `sfn-local-config-options` of the Step Functions guide.
DEFAULT_ACCOUNT = "123456789012"

ACCOUNT = os.environ.get("AWS_ACCOUNT_ID") or DEFAULT_ACCOUNT
os.environ["MOTO_ACCOUNT_ID"] = ACCOUNT
MOTO_VERSION = settings.MOTO_VERSION
