"""Environment files: JSON in, one checked `Environment` out; nothing here talks to AWS."""

from deployer.environment_file.environment import Environment
from deployer.environment_file.load import load_environment

__all__ = ["Environment", "load_environment"]
