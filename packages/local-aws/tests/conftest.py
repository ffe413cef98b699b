from local_aws.testing.fixtures import aws, functions, glue

__all__ = ["aws", "functions", "glue"]
