"""selectors of Python 3."""

from selectors import *  # noqa: F401,F403
