"""urllib.request of Python 3, by its flat name."""

from urllib.request import *  # noqa: F401,F403
