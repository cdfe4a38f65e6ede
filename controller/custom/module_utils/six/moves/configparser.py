"""configparser of Python 3."""

from configparser import *  # noqa: F401,F403
