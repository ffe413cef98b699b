"""A state machine as a drawing: SVG made from the definition itself, without any program besides Python.

`layout` says where everything goes, `picture` writes it down, `documentation` keeps the drawings of a repository.
"""

from stepfunctions_local_test.drawing.documentation import draw_documentation
from stepfunctions_local_test.drawing.picture import svg

__all__ = ["draw_documentation", "svg"]
