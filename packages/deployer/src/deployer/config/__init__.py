"""Environment files: JSON in, one checked `Environment` out; nothing here talks to AWS."""

from deployer.config.environment import Environment
from deployer.config.load import load_environment

__all__ = ["Environment", "load_environment"]
