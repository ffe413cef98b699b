"""Packages of moto whose `__init__` runs on first use: it takes most of the server's start, and few programs need it."""

import importlib.machinery
import sys
import threading
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from types import ModuleType
from typing import Any

# The Step Functions interpreter needs one enum of `moto.batch.utils`. The package's `__init__` imports AWS Batch, and
# with it all of EC2, which reads megabytes of instance types and lists the regions of every service.
PACKAGES = frozenset({"moto.batch"})


def install() -> None:
    """Defer the packages; one that is imported already stays as it is."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in PACKAGES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(Loader):
    """Runs a package's `__init__` at the first use of a name that is not an imported submodule."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def exec_module(self, module: ModuleType) -> None:
        lock = threading.RLock()  # `__init__` itself may ask for a name of its package
        run = False

        def find(name: str) -> Any:
            nonlocal run
            if name.startswith("__"):
                raise AttributeError(name)
            with lock:
                if not run:
                    run = True
                    self._loader.exec_module(module)
            try:
                return vars(module)[name]
            except KeyError:
                raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}") from None

        vars(module)["__getattr__"] = find
