"""Wanted functions with their roles and log groups."""

from collections.abc import Mapping

from deployer.blueprint.policies import function_policy, trust
from deployer.blueprint.specs import DOWNLOAD_ZIP, UPLOAD_CONFIG, Spec, variables
from deployer.blueprint.tags import tags_of
from deployer.build_output.contents import LambdaBuild
from deployer.environment_file import Environment
from deployer.model.names import Names
from deployer.model.resources import Artifact, Code, Function, LogGroup, Role, Vpc


def artifact(environment: Environment, build: LambdaBuild) -> Artifact:
    """The zip under a key that holds its digest, so that the code of a function never changes under its key."""
    place = environment.config.artifacts
    key = f"{place.prefix}lambda/{build.package}/{build.digest[:16]}.zip"
    return Artifact(place.bucket, key, build.digest, build.path, environment.artifact_key)


def log_group(name: str, environment: Environment) -> LogGroup:
    config = environment.config
    return LogGroup(name, config.log_retention_days, tags_of(environment), config.kms_key_arn or "")


def role(spec: Spec, environment: Environment, names: Names) -> Role:
    """Role of one function."""
    return Role(
        name=names.role(names.function(spec.suffix)),
        path="/",
        trust=trust("lambda.amazonaws.com"),
        policy=function_policy(spec, environment, names),
        tags=tags_of(environment),
    )


def role_arn(spec: Spec, environment: Environment, names: Names) -> str:
    """The existing role of the config, or the function's own."""
    existing = environment.config.strparams.etl_role_arn
    return existing or names.role_arn(names.role(names.function(spec.suffix)))


def function(spec: Spec, build: LambdaBuild, environment: Environment, names: Names) -> Function:
    """One wanted function."""
    config = environment.config
    zip_object = artifact(environment, build)
    return Function(
        name=names.function(spec.suffix),
        role=role_arn(spec, environment, names),
        runtime=environment.runtime,
        architecture="x86_64",
        handler=handler(spec, build, environment),
        memory_mb=spec.memory_mb,
        timeout_seconds=_timeout(spec, environment),
        # Active tracing needs X-Ray actions, which an existing role of the config may lack.
        tracing="PassThrough" if config.strparams.etl_role_arn else "Active",
        environment=variables(spec, environment),
        vpc=_vpc(environment),
        layers=_layers(environment),
        code=Code(build.digest, zip_object.bucket, zip_object.name),
        tags=tags_of(environment),
        description=spec.description,
        kms_key=config.kms_key_arn or "",
        undeclared=_undeclared(environment),
    )


def handler(spec: Spec, build: LambdaBuild, environment: Environment) -> str:
    """The built handler, or `downloadZip.handler` when the zip holds that module."""
    asked = environment.config.download_zip.handler if spec is DOWNLOAD_ZIP else None
    return asked if asked and _holds(build, asked) else build.handler


def handler_notes(builds: Mapping[str, LambdaBuild], environment: Environment) -> tuple[str, ...]:
    """A note about a configured handler that the zip does not contain."""
    build, asked = builds[DOWNLOAD_ZIP.package], environment.config.download_zip.handler
    if asked is None or _holds(build, asked):
        return ()
    return (
        f"downloadZip.handler '{asked}' is not in {build.path.name}: {build.handler} is used; remove the key",
    )


def _holds(build: LambdaBuild, dotted: str) -> bool:
    module = dotted.rpartition(".")[0].replace(".", "/")
    return bool(module) and not build.files.keys().isdisjoint({f"{module}.py", f"{module}/__init__.py"})


def _timeout(spec: Spec, environment: Environment) -> int:
    if spec is DOWNLOAD_ZIP:
        return environment.config.download_zip.timeout_seconds
    if spec is UPLOAD_CONFIG:
        return environment.config.config_upload.timeout_seconds
    return spec.timeout_seconds


def _vpc(environment: Environment) -> Vpc:
    vpc = environment.config.lambda_vpc
    return Vpc(tuple(sorted(vpc.subnet_ids)), tuple(sorted(vpc.security_group_ids))) if vpc else Vpc()


def _layers(environment: Environment) -> tuple[str, ...]:
    """Layers in the order of the file, in which Lambda searches them."""
    strparams = environment.config.strparams
    return tuple(arn for arn in (strparams.third_party_layer_arn, strparams.custom_layer_arn) if arn)


def _undeclared(environment: Environment) -> frozenset[str]:
    config = environment.config
    absent = {
        "vpc": config.lambda_vpc is None,
        "environment": config.lambda_env is None,
        "layers": not _layers(environment),
    }
    return frozenset(name for name, missing in absent.items() if missing)
