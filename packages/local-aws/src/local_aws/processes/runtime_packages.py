"""The packages that AWS provides beside deployed code: boto3 and its dependencies, nothing else of this installation."""

import importlib.util
from pathlib import Path

PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")


def provide(directory: Path) -> Path:
    """Fill `directory` with links to the SDK's packages and answer it; they are pure Python, any version runs them."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            continue
        origin = Path(spec.origin)
        source = origin.parent if spec.submodule_search_locations else origin
        link = directory / source.name
        if not link.is_symlink():
            link.symlink_to(source)
    return directory
