"""The IAM policy that the deployer itself needs, derived from the environment file: no build, no call of AWS."""
