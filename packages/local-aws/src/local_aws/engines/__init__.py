"""Step Functions engines behind one interface: whatever runs state machines calls Glue and Lambda of this endpoint."""

from local_aws.engines.interface import Engine, EngineError, choose

__all__ = ["Engine", "EngineError", "choose"]
