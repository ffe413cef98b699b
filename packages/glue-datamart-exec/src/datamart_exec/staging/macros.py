"""Macros: DuckDB expressions that a translated script calls by name, one for each body."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from datamart_exec.staging.cast import identifier


class Macros:
    """The macros of one script. `made` is the SQL that creates them."""

    def __init__(self, script: str) -> None:
        self.script = script
        self.made: list[str] = []
        self._names: dict[str, str] = {}

    def call(self, body: str, argument: exp.Expr) -> exp.Expr:
        """A call of the macro with the one parameter `x`."""
        return self.call_with(body, {"x": argument})

    def call_with(self, body: str, arguments: Mapping[str, exp.Expr]) -> exp.Expr:
        """A call of the macro whose parameters are the names of the arguments."""
        parameters = ", ".join(name if name == "x" else identifier(name) for name in arguments)
        name = self._names.get(f"({parameters}) AS {body}")
        if name is None:
            name = self._names[f"({parameters}) AS {body}"] = f"checked_{len(self._names) + 1}"
            self.made.append(f"CREATE TEMP MACRO {name}({parameters}) AS {body}")
        return exp.Anonymous(this=name, expressions=[each.copy() for each in arguments.values()])
