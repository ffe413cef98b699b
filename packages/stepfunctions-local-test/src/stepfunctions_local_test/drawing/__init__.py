"""Draws a state machine as SVG from its definition, with Python only.

`layout` computes positions, `picture` writes the SVG, `documentation` maintains the drawings of a repository.
"""

from stepfunctions_local_test.drawing.documentation import draw_documentation
from stepfunctions_local_test.drawing.picture import svg

__all__ = ["draw_documentation", "svg"]
