"""The list of releases: when each went live, how, by whom, and its changes since the release before."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from rich.text import Text

from deployer.code_release.manifest import Manifest, Package

_INDENT = " " * 14


def release_lines(manifests: Sequence[Manifest], live: str | None) -> list[Text]:
    """Two lines per release, newest first; the manifests come in that order."""
    if not manifests:
        return [Text("no release yet; nox -s deploy makes the first")]
    pairs = [*pairwise(manifests), (manifests[-1], None)]
    return [line for manifest, before in pairs for line in _lines(manifest, before, manifest.release == live)]


def _lines(manifest: Manifest, before: Manifest | None, is_live: bool) -> Iterable[Text]:
    last = manifest.activations[-1] if manifest.activations else None
    when = f"{last.at[:19].replace('T', ' ')}  {last.how}  by {last.by}" if last else "never finished"
    mark = "live  " if is_live else "      "
    yield Text(f"{manifest.release}  {mark}{when}", style="bold green" if is_live else "")
    configs = f"; configs {manifest.config_release}" if manifest.config_release else ""
    yield Text(f"{_INDENT}{_content(manifest, before)}{configs}", style="dim")


def _content(manifest: Manifest, before: Manifest | None) -> str:
    if before is None:
        return f"{len(manifest.packages)} packages"
    old = {package.name: package for package in before.packages}
    changed = [_change(old.get(package.name), package) for package in manifest.packages]
    return ", ".join(filter(None, changed)) or "no other code, only settings"


def _change(old: Package | None, new: Package) -> str:
    if old is None:
        return f"{new.name} {new.version} (new)"
    if old.version != new.version:
        return f"{new.name} {old.version} -> {new.version}"
    return f"{new.name} {new.version} (other content)" if old.digest != new.digest else ""
