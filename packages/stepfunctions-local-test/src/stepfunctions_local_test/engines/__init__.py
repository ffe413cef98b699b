"""The engines that scenarios run on, behind one interface."""

from stepfunctions_local_test.engines.interface import NAMES, Engine, engine_of

__all__ = ["NAMES", "Engine", "engine_of"]
