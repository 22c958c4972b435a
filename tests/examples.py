"""How many examples a property is given: few in the suite, all in `make fuzz`.

The suite gives the same ones each time, `make fuzz` new ones (`conftest.py`).
"""

import os

_SHARE = int(os.environ.get("EXAMPLES_SHARE", "10"))


def examples(many: int) -> int:
    """A tenth of so many in the suite."""
    return max(many // _SHARE, 1)
