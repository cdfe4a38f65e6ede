"""urllib.parse of Python 3, by its flat name."""

from urllib.parse import *  # noqa: F401,F403
