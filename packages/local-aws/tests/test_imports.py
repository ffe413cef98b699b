import ast
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent / "src" / "local_aws"
PACKAGES = Path(__file__).parents[2]
PRODUCT = {path.parent.name for path in PACKAGES.glob("*/src/*/__init__.py")} - {ROOT.name}


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def test_nothing_of_the_product_is_imported() -> None:
    for path in ROOT.rglob("*.py"):
        assert not imported(path) & PRODUCT, path


def test_programs_that_run_beside_deployed_code_import_the_standard_library_only() -> None:
    for name in (
        "glue/warm_process.py",
        "lambdas/worker.py",
        "measuring/call.py",
        "postgres/supervisor.py",
        "processes/parent_death_signal.py",
    ):
        foreign = imported(ROOT / name) - set(sys.stdlib_module_names) - {"parent_death_signal"}
        assert not foreign, f"{name} imports {foreign}"
