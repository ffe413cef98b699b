"""Peak memory and time of a Lambda's handler, in a process of its own, against S3 emulated in another."""

from local_aws.measuring.subject import Subject, incompressible, main

__all__ = ["Subject", "incompressible", "main"]
