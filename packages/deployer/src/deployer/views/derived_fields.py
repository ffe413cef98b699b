"""Fields derived from the code of a release: the number of a version, or the folder of its objects; pure."""

import re

from deployer.planning.fields import Field

_PIN = re.compile(r"(?<=:v-)[0-9a-f]{16}|(?<=/releases/)[0-9a-f]{16}(?=/)")


def follows_code(field: Field) -> bool:
    """True when both values differ only in the version or the folder that they name."""
    old, new = field.old, field.new
    return isinstance(old, str) and isinstance(new, str) and _PIN.sub("", old) == _PIN.sub("", new)
