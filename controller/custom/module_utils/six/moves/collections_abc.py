"""collections.abc of Python 3."""

from collections.abc import *  # noqa: F401,F403
