"""The target of an invocation: the snapshot of a name, a version or an alias; with two versions, one drawn by weight."""

import random
from typing import Any

from moto.awslambda.models import LambdaBackend, LambdaFunction, lambda_backends

from local_aws.lambdas.function import Code, Function


def target(backend: LambdaBackend, name_or_arn: str, qualifier: str | None) -> Function:
    """The function to run for FunctionName and Qualifier of an invocation."""
    storage: Any = backend._lambdas
    _, name, in_name = storage.split_function_arn(name_or_arn)
    qualifier = in_name or qualifier
    latest: Any = storage.get_function_by_name_or_arn_with_qualifier(name)
    fn: Any = backend.get_function(name, chosen_version(storage, name, qualifier))
    arn = str(latest.function_arn)
    return Function(
        arn=arn,
        invoked_arn=f"{arn}:{qualifier}" if qualifier else arn,
        name=fn.function_name,
        version=str(fn.version),
        runtime=fn.run_time or "",
        handler=fn.handler or "",
        role=fn.role,
        code=Code(fn.code_sha_256, fn.code_bytes),
        timeout_seconds=int(fn.timeout),
        memory_mb=int(fn.memory_size),
        environment=tuple(sorted(fn.environment_vars.items())),
        layers=tuple(layer_code(fn, layer["Arn"]) for layer in fn.layers),
        traced=(fn.tracing_config or {}).get("Mode") == "Active",
        reserved_concurrency=None
        if latest.reserved_concurrency is None
        else int(latest.reserved_concurrency),
    )


def chosen_version(storage: Any, name: str, qualifier: str | None) -> str | None:
    """The version of a qualifier: the alias's version (drawn by weight if it has two), else the qualifier itself."""
    alias = storage._get_function_aliases(name).get(qualifier)
    if alias is None:
        return qualifier
    weights = (alias.routing_config or {}).get("AdditionalVersionWeights") or {}
    for version, weight in weights.items():
        if random.random() < weight:  # noqa: S311 - routing, not a secret
            return str(version)
    return str(alias.function_version)


def layer_code(fn: LambdaFunction, arn: str) -> Code:
    """The archive of a layer version."""
    layer: Any = lambda_backends[fn.account_id][fn.region].layers_versions_by_arn(arn)
    return Code(layer.code_sha_256, layer.code_bytes)
