"""queue of Python 3."""

from queue import *  # noqa: F401,F403
