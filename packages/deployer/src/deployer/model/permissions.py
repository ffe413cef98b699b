"""Permissions for AWS calls: actions on ARNs, declared in the module that makes the calls.

`required_permissions` collects the declarations into the statements of a policy.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from deployer.environment_file import Environment
from deployer.model.names import Names

ANYWHERE = ("*",)
# All names that databases can have: they contain the data token, not the prefix of the environment.
_DATABASES = ("fsa-*-cars", "fsa-*-cars-cdc")


@dataclass(frozen=True)
class Scope:
    """One environment and the ARNs of its resources, derived from the environment file alone."""

    environment: Environment
    names: Names
    functions: tuple[str, ...]
    machines: tuple[str, ...]
    log_groups: tuple[str, ...]
    passed_roles: Mapping[str, tuple[str, ...]]  # by the service that gets them
    given_roles: tuple[str, ...]  # named in the file, never changed
    made_roles: tuple[str, ...]
    moved_roles: tuple[str, ...]  # under any path: a role whose path changes is made anew
    used_connections: tuple[str, ...]
    made_connections: tuple[str, ...]
    looks_up_zones: bool  # a connection is made whose entry names no availability zone
    databases: tuple[str, ...]

    @property
    def deploy_env(self) -> str:
        return self.environment.config.deploy_env

    @property
    def vpc(self) -> bool:
        """True when functions are attached to a VPC."""
        vpc = self.environment.config.lambda_vpc
        return bool(vpc and vpc.subnet_ids)

    @property
    def catalog(self) -> str:
        """The Data Catalog: Glue checks it too in every call about its content."""
        return self.names.arn("glue", "catalog")

    @property
    def deployment_objects(self) -> str:
        """Lock, journal and manifests."""
        paths = self.environment.deployment_paths
        return self.names.objects_arn(paths.bucket, paths.folder)

    @property
    def key(self) -> tuple[str, ...]:
        """The KMS key of the file, if it names one."""
        arn = self.environment.config.kms_key_arn
        return (arn,) if arn else ()

    @property
    def artifact_key(self) -> tuple[str, ...]:
        """The same, where it serves the region of the buckets too."""
        return self.key if self.environment.artifact_key else ()

    def prefixed(self, service: str, resource: str) -> str:
        """All resources of a kind whose names begin with the environment's prefix."""
        return self.names.arn(service, f"{resource}{self.names.prefix}-*")

    def all_databases(self, form: str) -> list[str]:
        """All databases of CARS, or what they hold; `form` is for example `table/{}/*`."""
        return [self.names.arn("glue", form.format(name)) for name in _DATABASES]

    def beyond_prefix(self, connections: Collection[str]) -> list[str]:
        """The connections whose names do not begin with the environment's prefix."""
        prefix = self.prefixed("glue", "connection/")[:-1]
        return [arn for arn in connections if not arn.startswith(prefix)]


@dataclass(frozen=True)
class Permission:
    """Blank-separated actions on ARNs, in the policy statement of this name.

    Without ARNs the environment does not need the actions.
    """

    statement: str
    actions: str
    resources: Callable[[Scope], Collection[str]]


def anywhere(_: Scope) -> Collection[str]:
    """For actions that AWS checks on no resource."""
    return ANYWHERE


def pass_role(service: str) -> Permission:
    """Passing roles to a service: checked for the caller that creates or updates a resource with such a role."""
    statement = f"Hand{service.capitalize()}Roles"
    return Permission(statement, "iam:PassRole", lambda scope: scope.passed_roles.get(service, ()))
