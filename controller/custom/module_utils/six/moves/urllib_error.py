"""urllib.error of Python 3, by its flat name."""

from urllib.error import *  # noqa: F401,F403
