"""The tags of every taggable resource: the environment file's, and those that say whose it is."""

from collections.abc import Mapping

from deployer.environment_file import Environment
from deployer.model.resources import TAGS, ownership


def tags_of(environment: Environment) -> Mapping[str, str]:
    """The file's tags, a list of their keys, and ownership, which nothing overrides."""
    own = environment.config.tags
    listed = {TAGS: " ".join(sorted(own))} if own else {}
    return {**own, **listed, **ownership(environment.config.deploy_env)}
