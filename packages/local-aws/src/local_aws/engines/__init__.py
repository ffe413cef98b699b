"""Step Functions engines behind one interface; every engine calls Glue and Lambda of this endpoint."""

from local_aws.engines.interface import Engine, EngineError, choose

__all__ = ["Engine", "EngineError", "choose"]
