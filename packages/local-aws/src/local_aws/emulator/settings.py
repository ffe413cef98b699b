"""Settings that moto reads when it is imported; import this module before any of moto."""

import os

from local_aws.emulator import deferred

ACCOUNT = "111122223333"
REGION = "us-east-1"
MOTO_VERSION = "5.2.5"

os.environ["MOTO_ACCOUNT_ID"] = ACCOUNT
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
deferred.install()
