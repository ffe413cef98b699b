"""Reports the result of a proof as tables on a console and as files."""

from stepfunctions_local_test.reporting.files import write
from stepfunctions_local_test.reporting.tables import show

__all__ = ["show", "write"]
