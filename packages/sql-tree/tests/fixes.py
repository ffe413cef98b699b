"""Plans and writes fixes of a tree as the command does, with the default checks of the environment."""

from pathlib import Path

from sql_tree.fixing.plan import FixPlan, plan_fixes
from sql_tree.fixing.write import write_fixes


def fix(root: Path) -> FixPlan:
    """Writes what can be fixed; a second plan must be empty."""
    plan = plan_fixes(root)
    write_fixes(plan)
    again = plan_fixes(root)
    assert again.fixes == (), again.fixes
    return plan


def left(plan: FixPlan, kind: str) -> list[str]:
    """`place: reason` of what is left of a kind."""
    return [f"{one.path}:{one.line}: {one.reason}" for one in plan.left if one.kind == kind]
