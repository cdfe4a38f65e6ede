"""http.client of Python 3."""

from http.client import *  # noqa: F401,F403
