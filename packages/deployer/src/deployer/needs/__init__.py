"""What the deployer itself must be allowed, worked out from the config alone: no build, no call of AWS."""
