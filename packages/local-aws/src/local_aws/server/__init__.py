"""One HTTP endpoint on 127.0.0.1 that answers as AWS does and runs what was deployed to it."""

from local_aws.server.client import LocalAws

__all__ = ["LocalAws"]
