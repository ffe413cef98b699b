"""The tasks of noxfile.py, read without running it."""

from __future__ import annotations

import ast

from monorepo.packages import ROOT


def tasks() -> dict[str, str | None]:
    """Name and docstring of every task."""
    module = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    return {
        node.name: ast.get_docstring(node)
        for node in module.body
        if isinstance(node, ast.FunctionDef) and [ast.unparse(one) for one in node.decorator_list] == ["task"]
    }
