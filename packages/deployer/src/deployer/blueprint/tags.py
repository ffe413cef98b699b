"""The tags of every taggable resource: those of the file, and those of ownership."""

from collections.abc import Mapping

from deployer.environment_file import Environment
from deployer.model.resources import TAGS, ownership


def tags_of(environment: Environment) -> Mapping[str, str]:
    """The tags of the file, a list of their keys, and ownership tags, which the file cannot override."""
    own = environment.config.tags
    listed = {TAGS: " ".join(sorted(own))} if own else {}
    return {**own, **listed, **ownership(environment.config.deploy_env)}
